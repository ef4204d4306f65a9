"""What is said about broadcasts."""

from handlers.features.broadcast.texts_en import EN
from handlers.features.broadcast.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
