"""What is said about invitations and promo codes."""

from handlers.features.gifts.texts_en import EN
from handlers.features.gifts.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
