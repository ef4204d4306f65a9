"""The features: what users and operators can do, one folder per capability.

Each folder's ``__init__.py`` declares one ``Feature`` (``handlers/dispatch/feature.py``): what
it answers, what it needs, how its effects are carried out, its texts and its buttons. No
feature imports another one. Take a feature off the list and everything else goes on; two that
claim the same name refuse the start.

Another capability is another folder and a line in ``FEATURES``; where its buttons stand is a
name in ``LAYOUT``.
"""

from collections.abc import Sequence

from handlers.dialogue.places import Rows
from handlers.dispatch.feature import Feature
from handlers.features import account, desk, making, paying, results

FEATURES: Sequence[Feature] = (
    making.FEATURE,
    results.FEATURE,
    paying.FEATURE,
    account.FEATURE,
    desk.FEATURE,
)

#: Which buttons stand where: place → rows of names.
LAYOUT: dict[str, Rows] = {
    "menu": (("balance", "help"), ("support", "language")),
    "home": (("new", "menu"),),
    "result": (("again",), ("new", "menu")),
    "failure": (("retry",), ("new", "menu")),
    "waiting": (("stop",),),
    "balance": (("topup", "support", "menu"),),
    "topup": (("balance", "support"),),
    "not_enough": (("topup", "support"),),
    "booked": (("balance",),),
}

#: The order of the commands that Telegram shows.
COMMANDS = ("start", "new", "search", "history", "balance", "cancel", "language", "help", "support")
