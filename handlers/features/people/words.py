"""The texts about people, for operators."""

from handlers.features.people.texts_en import EN
from handlers.features.people.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
