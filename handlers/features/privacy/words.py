"""What is said about data, its deletion and the terms of sale."""

from handlers.features.privacy.texts_en import EN
from handlers.features.privacy.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
