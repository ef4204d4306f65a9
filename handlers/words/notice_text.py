"""The notices of ``kie/`` in the language of an operator."""

from handlers.words.languages import KNOWN
from handlers.words.texts import plain, shorten
from kie.api.notice import Field, Notice, refusal

FIELD_SHOWN = 700  #: UTF-16 units of a foreign text


def text_of(notice: Notice, language: str) -> str:
    """Its sentence, with numbers and nested notices as this language writes them."""
    fields = {name: _shown(value, language) for name, value in notice.fields.items()}
    return plain(language, f"alert_{notice.name}", **fields)


def refused(reason: str, language: str) -> str:
    """Why kie.ai refuses our work, a text of ``kie/api/refusals.py`` or of its answer."""
    return text_of(refusal(reason), language)


def _shown(value: Field, language: str) -> str | int:
    match value:
        case Notice():
            return text_of(value, language)
        case tuple():
            return "\n".join(text_of(each, language) for each in value)
        case float():
            return f"{value:g}".replace(".", KNOWN[language].point)
        case str():
            return shorten(value, FIELD_SHOWN)
        case _:
            return value
