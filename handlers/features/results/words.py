"""What is said about results and failures."""

from handlers.dialogue.texts import SHARED, Words
from handlers.features.results.texts_en import EN
from handlers.features.results.texts_ru import RU

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
