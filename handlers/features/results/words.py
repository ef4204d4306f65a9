"""What is said about results and failures."""

from handlers.features.results.texts_en import EN
from handlers.features.results.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
