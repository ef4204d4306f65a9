"""What is said about choosing, asking, confirming and ordering."""

from handlers.features.making.texts_en import EN
from handlers.features.making.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
