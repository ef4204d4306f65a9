"""What is said about prices to operators."""

from handlers.features.prices.texts_en import EN
from handlers.features.prices.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
