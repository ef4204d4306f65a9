"""How one input is asked for, by its type: as a message, by buttons, by files."""

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.dialogue import buttons
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.keyboards import ROWS, fitting, pages, rows, turning
from handlers.features.making import actions
from handlers.features.making.actions import of_step
from handlers.features.making.names import SETTINGS
from handlers.features.making.words import plain, say
from handlers.shop.offers import Offer
from handlers.words.languages import named
from handlers.words.texts import Markup, shorten, units
from kie.catalogue.input import Complaint, Input, InputType

#: A number with at most so many values is chosen by buttons.
FEW_NUMBERS = 24
LABEL_SHOWN = 40  #: UTF-16 units of a value on a button
VALUE_SHOWN = 100  #: UTF-16 units of a value in a text

Answers = Mapping[str, Any]


def question(
    offer: Offer,
    asked: Input,
    inputs: Answers,
    language: str,
    version: int,
    *,
    opened_from: str | None = None,
    page: int = 0,
    counted: bool = True,
) -> Screen:
    """``opened_from``: the step that this question was opened from to change its answer.
    Not ``counted``: more files are coming by themselves, and a number would be wrong soon."""
    options = choices(asked)
    given = inputs.get(asked.name)
    count = str(len(given) if isinstance(given, list) else 0) if counted else "…"
    text = _text(offer, asked, count, language)
    below: list[Button] = []
    if asked.many and given:
        if asked.problem(given) is None:
            below.append(of_step(actions.DONE, language, version, n=count))
        below.append(of_step(actions.CLEAR, language, version))
    elif given is not None and asked.problem(given) is None:
        kept = shorten(shown(asked, given, language), LABEL_SHOWN)
        below.append(of_step(actions.KEEP, language, version, value=kept))
    if opened_from == SETTINGS and given is not None and not asked.many:
        below.append(of_step(actions.CLEAR, language, version))
    out = (
        of_step(actions.BACK, language, version),
        of_step(actions.CANCEL, language, version),
    )
    return Screen(text, (*_options(asked, options, language, version, page), *rows(below, 1), out))


def choices(asked: Input) -> Sequence[Any]:
    """The values that are chosen by buttons; empty: they are not."""
    match asked.type:
        case InputType.CHOICE:
            return asked.choices
        case InputType.SWITCH:
            return (True, False)
        case InputType.INTEGER if asked.min is not None and asked.max is not None:
            low, high = int(asked.min), int(asked.max)
            return range(low, high + 1) if high - low < FEW_NUMBERS else ()
        case _:
            return ()


def word(value: Any) -> str:
    """A value in the data of a button, and as a user may type it."""
    return str(value)


def shown(asked: Input, value: Any, language: str) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return plain(language, "yes" if value else "no")
    if asked.is_file:
        return plain(language, "files", n=len(value) if isinstance(value, list) else 1)
    title_of = asked.labels.get(value) if asked.type is InputType.CHOICE else None
    return named(title_of, language) if title_of else word(value)


def label(asked: Input, language: str) -> str:
    return named(asked.title, language) or asked.name


def refusal(found: Complaint, language: str) -> Markup:
    """Why an answer cannot be used, in words."""
    key = found.key
    if key == "wrong_kind":
        key = f"{key}_{found.fields['kind']}"
    return say(language, f"bad_{key}", **found.fields)


# ---------------------------------------------------------------- internal --


def _text(offer: Offer, asked: Input, count: str, language: str) -> Markup:
    fields: dict[str, Any] = {
        "title": offer.title(language),
        "label": label(asked, language),
        "min": asked.min_length,
        "max": asked.max_length,
    }
    key = _key(offer, asked)
    if asked.is_file:
        fields["formats"] = ", ".join(each.partition("/")[2] for each in asked.formats)
        fields["max"] = round(asked.max_mb)
        fields["most"] = asked.max_items
        fields["given"] = count
    if asked.type in {InputType.INTEGER, InputType.NUMBER}:
        fields["min"], fields["max"] = _bound(asked.min), _bound(asked.max)
    text = say(language, key, **fields)
    if asked.max_seconds is not None:
        text = Markup(text + say(language, "ask_seconds", max=round(asked.max_seconds)))
    return text


def _key(offer: Offer, asked: Input) -> str:
    if choices(asked):
        return "ask_choice"
    match asked.type:
        case InputType.TEXT:
            return "ask_text" if asked is offer.prompt and not _spoken(asked) else "ask_other_text"
        case InputType.INTEGER | InputType.NUMBER:
            bounded = asked.min is not None and asked.max is not None
            return "ask_number" if bounded else "ask_any_number"
        case kind:
            return f"ask_{kind}s" if asked.max_items > 1 else f"ask_{kind}"


def _spoken(asked: Input) -> bool:
    """A text that is read aloud is no description."""
    return asked.name == "text"


def _bound(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else str(value)


def _options(
    asked: Input, options: Sequence[Any], language: str, version: int, page: int
) -> Keyboard:
    labels = [shorten(shown(asked, each, language), LABEL_SHOWN) for each in options]
    width = fitting(labels)
    last = pages(len(options), width * ROWS) - 1
    first = min(page, last) * width * ROWS
    picks = [
        Button(text, buttons.encode(actions.PICK, word(value), version=version))
        for text, value in list(zip(labels, options, strict=True))[first : first + width * ROWS]
    ]
    turn = turning(actions.PAGE, min(page, last), last, "", version)
    return (*rows(picks, width), *turn)


def brief(asked: Input, value: Any, language: str) -> str:
    """A value for a line of a screen."""
    text = shown(asked, value, language)
    return text if units(text) <= VALUE_SHOWN else shorten(text, VALUE_SHOWN)
