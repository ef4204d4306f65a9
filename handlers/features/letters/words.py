"""What is said about letters of operators."""

from handlers.features.letters.texts_en import EN
from handlers.features.letters.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
