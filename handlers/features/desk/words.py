"""The texts of operators' commands in the chat."""

from handlers.features.desk.texts_en import EN
from handlers.features.desk.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
