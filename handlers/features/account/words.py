"""What is said about language, help and support."""

from handlers.features.account.texts_en import EN
from handlers.features.account.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
