"""What is said about the balance and the top-up."""

from handlers.features.paying.texts_en import EN
from handlers.features.paying.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
