"""The texts of reports."""

from handlers.features.report.texts_en import EN
from handlers.features.report.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
