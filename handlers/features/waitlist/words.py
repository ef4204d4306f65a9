"""What this feature says, in every language."""

from handlers.features.waitlist.texts_en import EN
from handlers.features.waitlist.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
