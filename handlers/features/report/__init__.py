"""Reports for operators: money, usage, exports.

``/money`` and ``/stats`` answer at once with the figures of today, 7 or 30 days, from the sums of
days (``kie/money/days.py``). The picture is drawn by a process of its own and follows as a photo;
an export follows as documents. Both are asked for by a row and made by a service of the ACTIVE
instance (``requests.py``), so a restart loses none.
"""

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature
from handlers.features.report import alarms, figures, limits, requests, rules
from handlers.features.report.words import WORDS, plain


def _button(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_money"), encode("money", 7))


FEATURE = Feature(
    name="report",
    words=WORDS,
    operator_commands={
        "money": Answer(rule=rules.money, load=figures.money, operators=True),
        "stats": Answer(rule=rules.stats, load=figures.usage, operators=True),
        "export": Answer(rule=rules.export, load=rules.today, operators=True),
    },
    buttons={
        "money": Answer(rule=rules.money_pressed, load=figures.money, operators=True),
        "stats": Answer(rule=rules.stats_pressed, load=figures.usage, operators=True),
        "export": Answer(rule=rules.export_pressed, load=rules.today, operators=True),
    },
    effects={rules.Ask: rules.ask, limits.SetLimit: limits.set_limit},
    places={"admin": {"money": _button}, "alarm_money": {"money": _button}},
    operator_listed=("money", "stats", "export"),
    alerts=(alarms.alerts,),
    services=requests.services,
)
