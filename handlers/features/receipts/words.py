"""What is said about payments by hand."""

from handlers.features.receipts.texts_en import EN
from handlers.features.receipts.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
