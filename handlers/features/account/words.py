"""What is said about language, help and support."""

from handlers.dialogue.texts import SHARED, Words
from handlers.features.account.texts_en import EN
from handlers.features.account.texts_ru import RU

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
