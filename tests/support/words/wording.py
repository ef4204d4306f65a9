"""The sentences of the shared room and of all features, for tests that compare what is said."""

from handlers.features import FEATURES
from handlers.words.texts import SHARED, Words

ROOMS = {"shared": SHARED, **{each.name: each.words for each in FEATURES if each.words}}
_ALL = Words(
    {
        language: {
            key: sentence for room in ROOMS.values() for key, sentence in room.own[language].items()
        }
        for language in ("en", "ru")
    }
)
say, plain = _ALL.say, _ALL.plain
