"""The card: everything that will be made, what it costs, and the buttons that change it in place.

The first row makes it, or says what is missing; the last one leaves it. Between them stands a
chip for each answer that has a default, the model and the settings. A question that was opened
from the card stands on the card, between the same first and last row.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.dialogue import buttons
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.keyboards import fitting, rows
from handlers.features.making import asking, dialogue_state
from handlers.features.making.asking import Card, brief, help_of, label
from handlers.features.making.dialogue_state import of_step
from handlers.features.making.words import plain, say
from handlers.shop import admission, tasks, wishes
from handlers.shop.offers import Offer
from handlers.shop.terms import Terms, price_text, terms
from handlers.words.spacing import unbroken
from handlers.words.texts import Markup, duration, escape, shorten, units
from kie.catalogue.input import Input, same
from kie.catalogue.user_file import UserFile

PROMPT_SHOWN = 700  #: UTF-16 units of a prompt on a screen
SETTING_SHOWN = 24  #: UTF-16 units of a value on the button of its setting
MODEL_SHOWN = 13  #: UTF-16 units of a title on a chip
#: Settings that stand on the card beside the questions, with the sign of their chip.
SIGNS = {
    "aspect_ratio": "◻️",
    "image_size": "◻️",
    "ratio": "◻️",
    "duration": "⏱",
    "num_images": "🔢",
    "max_images": "🔢",
    "n": "🔢",
}
#: What is made of the same words when its user wants the other thing.
_INSTEAD = {"image": tasks.FILM, "video": tasks.DRAW, "audio": tasks.DRAW}

Inputs = Mapping[str, Any]


def confirm(
    offer: Offer, inputs: Inputs, facts: Facts, language: str, version: int, *, undo: bool = False
) -> Screen:
    """The card. ``undo``: it has words that took the place of others."""
    changes = [_chip(each, inputs, language, version) for each in chips(offer)]
    words = _only_words(offer, inputs)
    if words and wishes.makes_several(facts.shop, offer, words):
        one = plain(language, "value_pieces", n=1)
        text = plain(language, "button_chip", value=one, sign="🔢")
        changes.append(Button(text, buttons.encode(dialogue_state.SEVERAL, version=version)))
    width = min(3, fitting([each.text for each in changes]))
    more = [_model(offer, language, version)] if offer.listed else []
    if offer.settings:
        more.append(of_step(dialogue_state.SET, language, version))
    instead = _INSTEAD.get(offer.kind) if offer.listed else None
    if instead is not None and tasks.models(facts.shop, instead) and not _files(offer, inputs):
        text = plain(language, f"button_rather_{instead}")
        more.append(Button(text, buttons.encode(dialogue_state.TASK, instead)))
    if undo:
        more.append(of_step(dialogue_state.UNDO, language, version))
    *first, last = bottom(offer, inputs, facts, language, version)
    keyboard = (*first, *rows(changes, width), *rows(more, 2), last)
    return Screen(summary(offer, inputs, facts, language), keyboard)


def settings(offer: Offer, inputs: Inputs, facts: Facts, language: str, version: int) -> Screen:
    """What may be set beside the questions, each with its value and what it does."""
    found = [each for each in offer.settings if each.name not in SIGNS]
    lines = [
        say(language, "setting_line", label=label(each, language), what=what)
        for each in found
        if (what := help_of(each, language))
    ]
    changes = [
        Button(
            plain(
                language,
                "button_setting",
                label=label(each, language),
                value=shorten(_value(each, inputs, language), SETTING_SHOWN),
            ),
            buttons.encode(dialogue_state.CHANGE, each.name, version=version),
        )
        for each in found
    ]
    text = "\n".join((summary(offer, inputs, facts, language), "", *lines)).rstrip()
    back = (of_step(dialogue_state.BACK, language, version),)
    below = bottom(offer, inputs, facts, language, version)
    return Screen(Markup(text), (*rows(changes, 1), back, *below))


def on_card(
    offer: Offer, asked: Input, inputs: Inputs, facts: Facts, language: str, version: int
) -> Card:
    """The card as it stands around a question about one of its answers."""
    return Card(
        summary(offer, inputs, facts, language),
        bottom(offer, inputs, facts, language, version),
        _costs(offer, asked, inputs, facts),
    )


def summary(offer: Offer, inputs: Inputs, facts: Facts, language: str) -> Markup:
    """What will be made: the words, what is attached, how it looks, how long, for how much."""
    said = offer.words_of(inputs)
    sign = plain(language, f"sign_{offer.category}")
    head = escape(offer.title(language))
    if said:
        head = say(language, "card_words", text=shorten(said, PROMPT_SHOWN))
    lines = [Markup(f"{sign} {head}")]
    attached = [
        say(language, "card_attached", what=brief(each, inputs[each.name], language))
        for each in (*offer.questions, *offer.settings)
        if each.is_file and each.name in inputs
    ]
    found = terms(offer, facts.account, inputs)
    values = [*_values(offer, inputs, language), duration(language, offer.seconds)]
    values.append(price_text(found, language))
    lines += [*attached, Markup(""), escape(unbroken(" · ".join(values)))]
    missing = found.price - facts.account.balance
    if missing > 0:
        balance = facts.account.balance
        lines.append(say(language, "not_enough", price=found.price, balance=balance, n=missing))
    not_taken = admission.refusal(facts.shop, language, banned=facts.account.banned)
    if not_taken:
        lines += [Markup(""), escape(f"⚠️ {not_taken}")]
    elif facts.shop.closed is not None:
        lines += [Markup(""), say(language, "unavailable_now")]
    return Markup("\n".join(lines))


def bottom(offer: Offer, inputs: Inputs, facts: Facts, language: str, version: int) -> Keyboard:
    """The row that makes the job, or rows that help with its price; and the row that leaves it."""
    out = (of_step(dialogue_state.CANCEL, language, version),)
    found = terms(offer, facts.account, inputs)
    wait = facts.places.keyboard("unavailable", facts.spot(language)) if _closed(facts) else ()
    if found.price <= facts.account.balance:
        key = "button_create" if found.price else "button_create_free"
        press = buttons.encode(dialogue_state.CREATE, version=version)
        return (*wait, (Button(plain(language, key, n=found.price), press),), out)
    missing = found.price - facts.account.balance
    spot = replace(facts.spot(language), missing=missing)
    first, *others = next(iter(facts.places.keyboard("short", spot)), ()) or (None,)
    more: list[Button] = []
    if first is not None:
        more = [replace(first, text=plain(language, "button_short", n=missing)), *others]
    ways = rows(more, min(2, fitting([each.text for each in more])))
    instead = for_free(offer, inputs, facts)
    if instead is not None:
        title = _short_title(instead, language)
        ways = (*ways, (of_step(dialogue_state.FREE, language, version, title=title),))
    if not ways:
        ways = ((of_step(dialogue_state.CREATE, language, version, n=found.price),),)
    return (*wait, *ways, out)


def for_free(offer: Offer, inputs: Inputs, facts: Facts) -> Offer | None:
    """A model that makes something of the same words and files for nothing."""
    files = _files(offer, inputs)
    found = wishes.model_for(facts.shop, facts.account, offer.words_of(inputs), files)
    if found is None or found.model == offer.model or found.kind != offer.kind:
        return None
    price: Terms = terms(found, facts.account)
    return found if not price.price and not price.used_up else None


def several(offer: Offer, inputs: Inputs, facts: Facts) -> tuple[Offer, Input] | None:
    """The model that makes more than one of the same words, and what asks how many."""
    words = _only_words(offer, inputs)
    return wishes.several(facts.shop, facts.account, offer, words) if words else None


def chips(offer: Offer) -> list[Input]:
    """The answers that are changed on the card itself."""
    asked = [each for each in offer.questions if each is not offer.prompt and not each.is_file]
    return [*asked, *(each for each in offer.settings if each.name in SIGNS)]


def meaning(chip: Input) -> str:
    """The same for chips that mean the same to different models."""
    sign = SIGNS.get(chip.name)
    return next((name for name in SIGNS if SIGNS[name] == sign), chip.name)


def chosen_before(facts: Facts, before: Mapping[str, Any]) -> dict[str, Any]:
    """What was chosen by chips on this card and the ones before it, by what the chips mean. What
    its model would have done anyway is no choice."""
    left, chosen = before.get("resume"), dict(before.get("chips") or {})
    old = facts.shop.offers.get(str(left.get("model"))) if isinstance(left, dict) else None
    if old is None or not isinstance(left, dict):
        return chosen
    for asked in chips(old):
        usual = old.defaults.get(asked.name, asked.default)
        value, key = left["inputs"].get(asked.name, usual), meaning(asked)
        if same(value, usual) and not same(value, chosen.get(key)):
            chosen.pop(key, None)
        else:
            chosen[key] = value
    return chosen


def as_chosen(offer: Offer, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The same choices, as far as this model has them."""
    found = {
        asked.name: asking.option(asked, chosen[meaning(asked)])
        for asked in chips(offer)
        if meaning(asked) in chosen
    }
    return {name: value for name, value in found.items() if value is not None}


# ---------------------------------------------------------------- internal --


def _only_words(offer: Offer, inputs: Inputs) -> str:
    """The words of which it is made; empty: there are none, or files beside them."""
    return offer.words_of(inputs) if offer.listed and not _files(offer, inputs) else ""


def _closed(facts: Facts) -> bool:
    """Whether no orders are taken for now, of anybody."""
    shop = facts.shop
    return not facts.account.banned and (shop.closed is not None or shop.maintenance is not None)


def _files(offer: Offer, inputs: Inputs) -> list[UserFile]:
    given = [
        each
        for asked in (*offer.questions, *offer.settings)
        if asked.is_file and asked.name in inputs
        for each in (
            inputs[asked.name] if isinstance(inputs[asked.name], list) else [inputs[asked.name]]
        )
    ]
    return [file for each in given if (file := UserFile.of(each)) is not None]


def _chip(asked: Input, inputs: Inputs, language: str, version: int) -> Button:
    value = _value(asked, inputs, language)
    sign = SIGNS.get(asked.name)
    if sign is None:
        value = f"{label(asked, language)}: {value}"
    if units(value) > SETTING_SHOWN:
        value = value.partition(",")[0]  # "James, husky" is James
    text = plain(language, "button_chip", value=shorten(value, SETTING_SHOWN), sign=sign or "")
    return Button(text.strip(), buttons.encode(dialogue_state.CHANGE, asked.name, version=version))


def _model(offer: Offer, language: str, version: int) -> Button:
    return of_step(dialogue_state.OTHER, language, version, title=_short_title(offer, language))


def _short_title(offer: Offer, language: str) -> str:
    """The name without what it does."""
    return shorten(offer.title(language).partition(":")[0], MODEL_SHOWN)


def _values(offer: Offer, inputs: Inputs, language: str) -> list[str]:
    """How it will look: the chips' values, and settings that are not as they come."""
    shown = chips(offer)
    values = [
        brief(each, inputs.get(each.name, each.default), language)
        if each.name in SIGNS and inputs.get(each.name, each.default) != "auto"
        else f"{label(each, language)}: {_value(each, inputs, language)}"
        for each in shown
        if inputs.get(each.name, each.default) is not None
    ]
    changed = [
        f"{label(each, language)}: {brief(each, inputs[each.name], language)}"
        for each in offer.settings
        if each not in shown and not each.is_file and each is not offer.prompt
        if inputs.get(each.name, each.default) != each.default
    ]
    return [*values, *changed]


def _costs(offer: Offer, asked: Input, inputs: Inputs, facts: Facts) -> Any:
    """What the whole costs by the value of this answer, where that decides."""

    def price(value: Any) -> int:
        return terms(offer, facts.account, {**inputs, asked.name: value}).price

    options = asking.choices(asked)
    prices = [price(each) for each in options]
    if len(set(prices)) < 2:
        return lambda _: ""
    return lambda value: plain(facts.language, "price_is", n=price(value))


def _value(setting: Input, inputs: Inputs, language: str) -> str:
    value = inputs.get(setting.name, setting.default)
    if value is None:
        return plain(language, "not_attached" if setting.is_file else "not_set")
    return brief(setting, value, language)
