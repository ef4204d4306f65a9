"""What this feature says in groups, in every language."""

from handlers.features.groups.texts_en import EN
from handlers.features.groups.texts_ru import RU
from handlers.words.texts import SHARED, Words

WORDS = Words({"en": EN, "ru": RU}, SHARED)
say, plain = WORDS.say, WORDS.plain
