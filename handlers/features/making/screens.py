"""The card: everything that will be made, what it costs, and the buttons that change it in place.

The first row makes it, or says what is missing; the last one leaves it. Between them stands a
chip for each answer that has a default, the model and the settings. A question that was opened
from the card stands on the card, between the same first and last row.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.dialogue import buttons
from handlers.dialogue.buttons import BLANK
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.keyboards import fitting, rows, stamped
from handlers.features.making import asking, dialogue_state
from handlers.features.making.asking import Card, brief, label
from handlers.features.making.dialogue_state import of_step
from handlers.features.making.words import plain, say
from handlers.shop import admission, tasks, wishes
from handlers.shop.chips import SIGNS, chips
from handlers.shop.chosen import Chosen, chosen, suffice
from handlers.shop.offers import Offer, per_offer
from handlers.shop.terms import Terms, price_text, terms
from handlers.words.spacing import unbroken
from handlers.words.texts import Markup, duration, escape, shorten, units
from kie.catalogue.input import Input
from kie.catalogue.user_file import UserFile

PROMPT_SHOWN = 700  #: UTF-16 units of a prompt on a screen
SETTING_SHOWN = 24  #: UTF-16 units of a value on the button of its setting
MODEL_SHOWN = 13  #: UTF-16 units of a title on a chip
#: Stands for the words on a card that many share: no text of a user has this character.
_WORDS = "\x00"

Inputs = Mapping[str, Any]


def confirm(
    offer: Offer, inputs: Inputs, facts: Facts, language: str, version: int, *, undo: bool = False
) -> Screen:
    """The card. ``undo``: it has words that took the place of others."""
    shared = shared_card(offer, inputs, facts, language, version, undo=undo)
    if shared is not None:
        return shared[0]
    words = _only_words(offer, inputs)
    more = bool(words) and wishes.makes_several(facts.shop, offer, words)
    rather = "" if _files(offer, inputs) else tasks.instead(facts.shop, offer)
    between = _between(offer, inputs, language, version, more, rather, undo)
    *first, last = bottom(offer, inputs, facts, language, version)
    return Screen(summary(offer, inputs, facts, language), (*first, *between, last))


def shared_card(
    offer: Offer, inputs: Inputs, facts: Facts, language: str, version: int, *, undo: bool
) -> tuple[Screen, int] | None:
    """The card of words and choices that the model takes and the user can pay, and its price:
    all of it but the words and the version is made once for many. None: it is another card."""
    beside, words = chosen(offer, inputs), offer.words_of(inputs)
    if beside is None or not (suffice(offer, beside) and offer.takes_words(words)):
        return None
    found = terms(offer, facts.account, inputs)
    if found.price > facts.account.balance or not _is_open(facts):
        return None
    more = offer.listed and wishes.makes_several(facts.shop, offer, words)
    rather = tasks.instead(facts.shop, offer)
    text, keyboard = _shared(offer, language, beside, found, more, rather, undo)
    text = text.replace(_WORDS, escape(shorten(words, PROMPT_SHOWN)))
    return Screen(Markup(text), stamped(keyboard, version)), found.price


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
    lines = [_head(offer, inputs, language)]
    attached = [
        say(language, "card_attached", what=brief(each, inputs[each.name], language))
        for each in (*offer.questions, *offer.settings)
        if each.is_file and each.name in inputs
    ]
    found = terms(offer, facts.account, inputs)
    lines += [*attached, Markup(""), _line(offer, inputs, found, language)]
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
        return (*wait, (_create(found, language, version),), out)
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


def value(setting: Input, inputs: Inputs, language: str) -> str:
    """The value of a setting as people read it."""
    value = inputs.get(setting.name, setting.default)
    if value is None:
        return plain(language, "not_attached" if setting.is_file else "not_set")
    return brief(setting, value, language)


# ---------------------------------------------------------------- internal --


def _head(offer: Offer, inputs: Inputs, language: str) -> Markup:
    said = offer.words_of(inputs)
    if said:
        head = say(language, "card_words", text=shorten(said, PROMPT_SHOWN))
    else:
        head = escape(offer.title(language))
    return Markup(f"{plain(language, f'sign_{offer.category}')} {head}")


def _line(offer: Offer, inputs: Inputs, found: Terms, language: str) -> Markup:
    """How it will look, how long it takes, and the price."""
    values = [*_values(offer, inputs, language), duration(language, offer.seconds)]
    return escape(unbroken(" · ".join((*values, price_text(found, language)))))


def _create(found: Terms, language: str, version: int) -> Button:
    key = "button_create" if found.price else "button_create_free"
    press = buttons.encode(dialogue_state.CREATE, version=version)
    return Button(plain(language, key, n=found.price), press)


def _between(
    offer: Offer, inputs: Inputs, language: str, version: int, more: bool, rather: str, undo: bool
) -> Keyboard:
    """The rows between the first and the last: chips, and other ways."""
    changes = [_chip(each, inputs, language, version) for each in chips(offer)]
    if more:
        one = plain(language, "value_pieces", n=1)
        text = plain(language, "button_chip", value=one, sign="🔢")
        changes.append(Button(text, buttons.encode(dialogue_state.SEVERAL, version=version)))
    width = min(3, fitting([each.text for each in changes]))
    ways = [_model(offer, language, version)] if offer.listed else []
    if offer.settings:
        ways.append(of_step(dialogue_state.SET, language, version))
    if rather:
        text = plain(language, f"button_rather_{rather}")
        ways.append(Button(text, buttons.encode(dialogue_state.TASK, rather)))
    if undo:
        ways.append(of_step(dialogue_state.UNDO, language, version))
    return (*rows(changes, width), *rows(ways, 2))


@per_offer
def _shared(
    offer: Offer,
    language: str,
    beside: Chosen,
    found: Terms,
    more: bool,
    rather: str,
    undo: bool,
) -> tuple[str, Keyboard]:
    """A card that can be paid, with ``_WORDS`` in place of the words, for any version."""
    inputs = {name: value for name, _, value in beside}
    if offer.prompt is not None:
        inputs[offer.prompt.name] = _WORDS
    between = _between(offer, inputs, language, BLANK, more, rather, undo)
    out = of_step(dialogue_state.CANCEL, language, BLANK)
    keyboard = ((_create(found, language, BLANK),), *between, (out,))
    line = _line(offer, inputs, found, language)
    return f"{_head(offer, inputs, language)}\n\n{line}", keyboard


def _is_open(facts: Facts) -> bool:
    """Whether orders of this user are taken."""
    return not facts.account.banned and facts.shop.closed is None and facts.shop.maintenance is None


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
    told = value(asked, inputs, language)
    sign = SIGNS.get(asked.name)
    if sign is None:
        told = f"{label(asked, language)}: {told}"
    if units(told) > SETTING_SHOWN:
        told = told.partition(",")[0]  # "James, husky" is James
    text = plain(language, "button_chip", value=shorten(told, SETTING_SHOWN), sign=sign or "")
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
        else f"{label(each, language)}: {value(each, inputs, language)}"
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
