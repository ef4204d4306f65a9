"""What is said about the balance and the top-up."""

from handlers.dialogue.texts import SHARED, Words
from handlers.features.paying.texts_en import EN
from handlers.features.paying.texts_ru import RU

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
