"""Maintenance: no new orders and no payments until an operator or the clock ends it.

The table ``maintenance`` decides, so every instance knows it. What runs is finished and delivered.
Rules that take orders ask ``handlers/shop/admission.py``; a pre-checkout is refused.
"""

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature
from handlers.features.maintenance import rules
from handlers.features.maintenance.words import WORDS, plain


def _button(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_maintenance"), encode("maintenance"))


FEATURE = Feature(
    name="maintenance",
    words=WORDS,
    operator_commands={"maintenance": Answer(rule=rules.ask, operators=True)},
    buttons={
        "maintenance": Answer(rule=rules.press, operators=True),
        "maintenance_on": Answer(rule=rules.press_begin, operators=True),
        "maintenance_off": Answer(rule=rules.press_end, operators=True),
    },
    effects={rules.Begin: rules.begin, rules.End: rules.end},
    places={
        "admin": {"maintenance": _button},
        "alarm_kie": {"maintenance": _button},
        "alarm_money": {"maintenance": _button},
        "alarm_pause": {"maintenance": _button},
    },
    operator_listed=("maintenance",),
)
