"""Prices in the chat: operators change markup, models, free uses and packs.

A change is shown as old → new with the margin at kie.ai's cost and confirmed; below cost it is
confirmed twice. It is in force from the next update, at every instance, and recorded with who and
when. ``reset`` goes back to the catalogue's file.
"""

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, Step
from handlers.features.prices import by_button, rules, setting
from handlers.features.prices.words import WORDS, plain


def _button(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_prices"), encode("prices"))


FEATURE = Feature(
    name="prices",
    words=WORDS,
    operator_commands={"prices": Answer(rule=by_button.prices, operators=True)},
    buttons={
        "prices": Answer(rule=by_button.press, operators=True),
        "price_of": Answer(rule=by_button.ask, operators=True),
        "price_do": Answer(rule=by_button.at_once, operators=True),
    },
    steps={
        by_button.TYPED: Step(
            brief=True,
            show=by_button.show,
            buttons={"price_typed_leave": Answer(rule=by_button.left, operators=True)},
            text=Answer(rule=by_button.typed, operators=True),
        ),
        rules.PRICING: Step(
            show=rules.show,
            buttons={
                "price_set": Answer(rule=rules.confirmed, operators=True),
                "price_leave": Answer(rule=rules.left, operators=True),
            },
            text=Answer(rule=rules.words, operators=True),
        ),
    },
    effects={rules.SetPrice: setting.set_price},
    places={"admin": {"prices": _button}, "alarm_cost": {"prices": _button}},
    operator_listed=("prices",),
)
