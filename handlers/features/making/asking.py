"""How one input is asked for, by its type: as a message, by buttons, by files."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from handlers.dialogue import buttons
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.keyboards import ROWS, fitting, pages, rows, turning
from handlers.features.making.dialogue_state import (
    BACK,
    CANCEL,
    CLEAR,
    DONE,
    KEEP,
    PAGE,
    PICK,
    of_step,
)
from handlers.features.making.words import WORDS, plain, say
from handlers.shop.offers import Offer
from handlers.shop.tasks import SPOKEN
from handlers.words.languages import named
from handlers.words.texts import Markup, escape, shorten, units
from kie.catalogue.input import NUMBERS, Complaint, Input, InputType, same

#: Inputs whose values are numbers of something, and of what.
COUNTED = {
    "duration": "seconds",
    "num_images": "pieces",
    "max_images": "pieces",
    "n": "pieces",
}
#: A number with at most so many values is chosen by buttons.
FEW_NUMBERS = 24
LABEL_SHOWN = 40  #: UTF-16 units of a value on a button
VALUE_SHOWN = 60  #: UTF-16 units of a value in a text
NUMBER_LENGTH = 20  #: characters of a typed number
#: A number of something as people write it: "3 pcs", "x3", "10 sec.".
_COUNT = re.compile(
    r"[x×х]?\s*([0-9]+(?:[.,][0-9]+)?)\s*(?:[^\W\d_]{1,12}|×)?\s*[.!]?", re.IGNORECASE
)

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Card:
    """The card on which a question stands that changes one of its answers."""

    text: Markup
    below: Keyboard  #: Create and Cancel never leave the screen
    cost: Callable[[Any], str]  #: what the whole would cost with that value; empty: the same


def question(
    offer: Offer,
    asked: Input,
    inputs: Answers,
    language: str,
    version: int,
    *,
    page: int = 0,
    card: Card | None = None,
) -> Screen:
    """The question by itself, or on the ``card`` whose answer it changes."""
    given = inputs.get(asked.name)
    count = len(given) if isinstance(given, list) else 0
    text = _text(offer, asked, count, language)
    below: list[Button] = []
    if asked.many and given:
        if asked.problem(given) is None:
            below.append(of_step(DONE, language, version, n=count))
        below.append(of_step(CLEAR, language, version))
    if card is None:
        if not asked.is_file:
            text = Markup(f"<b>{escape(offer.title(language))}</b>\n\n{text}")
        if not asked.many and given is not None and asked.problem(given) is None:
            kept = shorten(shown(asked, given, language), LABEL_SHOWN)
            below.append(of_step(KEEP, language, version, value=kept))
        out = (
            of_step(BACK, language, version),
            of_step(CANCEL, language, version),
        )
        options = _options(asked, inputs, language, version, page, lambda _: "")
        return Screen(text, (*options, *rows(below, 1), out))
    back = [of_step(BACK, language, version)]
    taken_back = not asked.required and not asked.many and not asked.is_file
    if taken_back and asked.name not in COUNTED:
        back.append(_unset(asked, language, version))
    options = _options(asked, inputs, language, version, page, card.cost)
    keyboard = (*options, *rows(below, 2), tuple(back), *card.below)
    return Screen(Markup(f"{card.text}\n\n{text}"), keyboard)


def _unset(asked: Input, language: str, version: int) -> Button:
    """The button that leaves a setting to the model."""
    name = "button_random" if asked.name == "seed" else "button_unset"
    return Button(plain(language, name), buttons.encode(CLEAR, version=version))


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
        count = len(value) if isinstance(value, list) else 1
        return plain(language, f"files_{asked.type}", n=count)
    if asked.name in COUNTED:
        return plain(language, f"value_{COUNTED[asked.name]}", n=word(value))
    title_of = asked.labels.get(value) if asked.type is InputType.CHOICE else None
    return named(title_of, language) if title_of else word(value)


def typed(asked: Input, words: str, language: str) -> Any:
    """The value that was typed; None: it is none of this question's."""
    if asked.type is InputType.TEXT:
        return words
    counted = _COUNT.fullmatch(words.strip()) if asked.name in COUNTED else None
    said = {words.casefold(), counted[1] if counted else words.casefold()}
    for each in choices(asked):
        if said & {word(each).casefold(), shown(asked, each, language).casefold()}:
            return each
    return _number(counted[1] if counted else words) if asked.type in NUMBERS else None


def option(asked: Input, value: Any) -> Any:
    """The same value as an answer to this question; None: it has none like it."""
    alike = (each for each in choices(asked) if _shape(word(each)) == _shape(word(value)))
    found = next(alike, None) if choices(asked) else value
    if found is value and asked.type in NUMBERS:
        found = _number(word(value))
    return None if found is None or asked.problem(found) is not None else found


def label(asked: Input, language: str) -> str:
    return named(asked.title, language) or asked.name


def refusal(found: Complaint, language: str) -> Markup:
    """Why an answer cannot be used, in words."""
    key = found.key
    if key == "wrong_kind":
        key = f"{key}_{found.fields['kind']}"
    return say(language, f"bad_{key}", **found.fields)


# ---------------------------------------------------------------- internal --


def _text(offer: Offer, asked: Input, count: int, language: str) -> Markup:
    fields: dict[str, Any] = {
        "title": offer.title(language),
        "label": label(asked, language),
        "min": asked.min_length,
        "max": asked.max_length,
    }
    if asked.name in COUNTED:
        # "Length, s": the unit stands at the values.
        fields["label"] = label(asked, language).partition(",")[0]
    if asked.is_file:
        fields["max"] = round(asked.max_mb)
        fields["most"] = asked.max_items
    if asked.type in {InputType.INTEGER, InputType.NUMBER}:
        fields["min"], fields["max"] = _bound(asked.min), _bound(asked.max)
    text = say(language, _key(offer, asked), **fields)
    if not asked.required and (what := help_of(asked, language)):
        text = Markup(f"{text}\n<i>{what[:1].upper()}{what[1:]}</i>")
    if count:
        text = Markup(text + say(language, "files_taken", n=count))
    if asked.max_seconds is not None:
        text = Markup(text + say(language, "ask_seconds", max=round(asked.max_seconds)))
    return text


def help_of(asked: Input, language: str) -> Markup:
    """One line about what a setting does; empty: its name says it."""
    key = f"setting_{asked.name.casefold()}"
    return say(language, key) if key in WORDS.all(language) else Markup("")


def _key(offer: Offer, asked: Input) -> str:
    if choices(asked):
        return "ask_choice"
    match asked.type:
        case InputType.TEXT:
            return _key_of_text(offer, asked)
        case InputType.INTEGER | InputType.NUMBER:
            bounded = asked.min is not None and asked.max is not None
            return "ask_number" if bounded else "ask_any_number"
        case kind:
            return f"ask_{kind}s" if asked.max_items > 1 else f"ask_{kind}"


def _key_of_text(offer: Offer, asked: Input) -> str:
    """What words are wanted: a picture, a change of one, a motion, or a text to be spoken."""
    if asked is not offer.prompt:
        return "ask_other_text"
    if offer.preset_of:
        return "ask_words"  # the preset names them
    if asked.name == SPOKEN:
        return "ask_spoken"
    if offer.sources:
        return "ask_onward"
    about_a_file = any(each.is_file for each in offer.questions)
    match offer.kind:
        case "video":
            return "ask_motion" if about_a_file else "ask_clip"
        case "image":
            return "ask_edit" if about_a_file else "ask_text"
        case _:
            return "ask_sound"


def _shape(value: str) -> str:
    """``landscape_16_9``, which some models say, is ``16:9``."""
    match value.split("_"):
        case ["square", *_]:
            return "1:1"
        case ["landscape", across, down] | ["portrait", down, across]:
            return f"{across}:{down}"
        case _:
            return value


def _number(words: str) -> int | float | None:
    """A number as people write it; whole ones are whole."""
    try:
        found = Decimal(words[: NUMBER_LENGTH + 1].replace(",", ".").replace(" ", ""))
    except InvalidOperation:
        return None
    if not found.is_finite() or len(words) > NUMBER_LENGTH or abs(found.adjusted()) > NUMBER_LENGTH:
        return None
    return int(found) if found == found.to_integral_value() else float(found)


def _bound(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else str(value)


def _options(
    asked: Input,
    inputs: Answers,
    language: str,
    version: int,
    page: int,
    cost: Callable[[Any], str],
) -> Keyboard:
    options, now = choices(asked), inputs.get(asked.name, asked.default)
    labels = [_option(asked, each, now, language, cost(each)) for each in options]
    width = fitting(labels)
    last = pages(len(options), width * ROWS) - 1
    first = min(page, last) * width * ROWS
    picks = [
        Button(text, buttons.encode(PICK, word(value), version=version))
        for text, value in list(zip(labels, options, strict=True))[first : first + width * ROWS]
    ]
    turn = turning(PAGE, min(page, last), last, "", version)
    return (*rows(picks, width), *turn)


def _option(asked: Input, value: Any, now: Any, language: str, cost: str) -> str:
    mark = "✓ " if same(value, now) else ""
    price = f" · {cost}" if cost else ""
    return f"{mark}{shorten(shown(asked, value, language), LABEL_SHOWN)}{price}"


def brief(asked: Input, value: Any, language: str) -> str:
    """A value for a line of a screen."""
    text = shown(asked, value, language)
    return text if units(text) <= VALUE_SHOWN else shorten(text, VALUE_SHOWN)
