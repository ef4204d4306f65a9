"""How each step looks: text and buttons, in the user's language."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.dialogue import buttons
from handlers.dialogue.effects import Button, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.keyboards import rows
from handlers.features.making import actions
from handlers.features.making.actions import of_step
from handlers.features.making.asking import brief, label
from handlers.features.making.words import plain, say
from handlers.shop.offers import Offer
from handlers.shop.terms import price_text, terms
from handlers.words.texts import Markup, duration, quoted, shorten
from kie.catalogue.input import Input

PROMPT_SHOWN = 700  #: UTF-16 units of a prompt on a screen
SETTING_SHOWN = 24  #: UTF-16 units of a value on the button of its setting


def confirm(
    offer: Offer, inputs: Mapping[str, Any], facts: Facts, language: str, version: int
) -> Screen:
    """Everything that will be made, what it costs, and the button that does it."""
    price = price_text(terms(offer, facts.account, inputs), language)
    said = offer.words_of(inputs)
    text = say(
        language,
        "confirm",
        title=offer.title(language),
        settings=_given(offer, inputs, language),
        price=price,
        time=duration(language, offer.seconds),
        prompt=quoted(said, PROMPT_SHOWN),
    )
    if facts.shop.closed is not None:
        text = Markup(text + say(language, "unavailable_now"))
    create = plain(language, "button_create", price=price)
    changes = [
        Button(
            plain(language, "button_change", label=label(each, language)),
            buttons.encode(actions.CHANGE, each.name, version=version),
        )
        for each in offer.questions
    ]
    more = [of_step(actions.OTHER, language, version)]
    if offer.settings:
        more.insert(0, of_step(actions.SETTINGS, language, version))
    return Screen(
        text,
        (
            (Button(create, buttons.encode(actions.CREATE, version=version)),),
            *rows(changes, 2),
            tuple(more),
            _out(language, version),
        ),
    )


def settings(
    offer: Offer, inputs: Mapping[str, Any], facts: Facts, language: str, version: int
) -> Screen:
    """What may be set beside the questions, each with its value."""
    price = price_text(terms(offer, facts.account, inputs), language)
    text = say(language, "settings", title=offer.title(language), price=price)
    changes = [
        Button(
            plain(
                language,
                "button_setting",
                label=label(each, language),
                value=shorten(_value(each, inputs, language), SETTING_SHOWN),
            ),
            buttons.encode(actions.CHANGE, each.name, version=version),
        )
        for each in offer.settings
    ]
    return Screen(text, (*rows(changes, 1), (of_step(actions.BACK, language, version),)))


def not_enough(facts: Facts, offer: Offer, price: int) -> Screen:
    """The balance does not cover it: how much is missing, and how to get it."""
    language, balance = facts.language, facts.account.balance
    text = say(
        language,
        "not_enough",
        title=offer.title(language),
        price=price,
        balance=balance,
        missing=price - balance,
    )
    spot = replace(facts.spot(), missing=price - balance)
    return Screen(text, facts.places.keyboard("not_enough", spot))


# ---------------------------------------------------------------- internal --


def _given(offer: Offer, inputs: Mapping[str, Any], language: str) -> Markup:
    """A line for each answer but the prompt, which stands below."""
    lines = [
        say(
            language,
            "confirm_setting",
            label=label(each, language),
            value=brief(each, inputs[each.name], language),
        )
        for each in (*offer.questions, *offer.settings)
        if each is not offer.prompt and each.name in inputs
    ]
    return Markup("".join(lines))


def _value(setting: Input, inputs: Mapping[str, Any], language: str) -> str:
    value = inputs.get(setting.name, setting.default)
    if value is None:
        return plain(language, "not_attached" if setting.is_file else "not_set")
    return brief(setting, value, language)


def _out(language: str, version: int) -> tuple[Button, ...]:
    return (
        of_step(actions.BACK, language, version),
        of_step(actions.CANCEL, language, version),
    )
