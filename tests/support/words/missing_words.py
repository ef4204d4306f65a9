"""What a language of handlers/words/more does not say yet.

python -m tests.support.words.missing_words CODE
"""

import sys
from collections.abc import Iterator

from handlers.words.languages import KNOWN
from tests.support.shipped import shipped
from tests.support.words.wording import ROOMS


def missing(code: str) -> Iterator[str]:
    """The keys and English titles. Raises ``KeyError`` for a language that is not there."""
    language = KNOWN[code]
    for room, words in ROOMS.items():
        for key, sentence in words.own["en"].items():
            word, _, form = key.rpartition("_")
            plural = form in KNOWN["en"].forms and f"{word}_many" in words.own["en"]
            wanted = [f"{word}_{each}" for each in language.forms] if plural else [key]
            yield from (
                f"{room}: {each}: {sentence}" for each in wanted if each not in language.sentences
            )
    catalogue = shipped()
    titles = {text["en"] for each in catalogue.presets for text in (each.title, each.about)}
    for model in catalogue.models():
        titles |= {model.title["en"], model.about["en"]}
        for each in model.inputs:
            titles |= {text["en"] for text in (each.title, *each.labels.values()) if text}
    yield from (f"catalogue: {each}" for each in sorted(titles - set(language.catalogue)))


if __name__ == "__main__":
    for line in missing(sys.argv[1]):
        sys.stdout.write(f"{line}\n")
