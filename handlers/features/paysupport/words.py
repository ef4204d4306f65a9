"""What is said about help with payments."""

from handlers.features.paysupport.texts_en import EN
from handlers.features.paysupport.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
