"""The features: what users and operators can do, one folder per capability.

Who is authoritative
    ``FEATURES``, the list. Nothing else knows which features there are.

=========  ===============================================================
making     choose, ask, confirm, order a job; search; drafts
results    the news of jobs, how results are shown, history
effects    models with their inputs filled in, with pictures
sharing    own works in other chats, by inline queries
paying     balance, top-up, packs, payments in Stars
paysupport questions about payments, refunds
account    language, help, support
desk       what operators do in the chat
=========  ===============================================================

A folder holds ``__init__.py`` with the declaration, one ``Feature``
(``handlers/dispatch/feature.py``); rules; screens; sentences in ``texts_en.py`` and
``texts_ru.py``, joined in ``words.py``. Its statements stand in ``sql/<feature>.sql``.

Rules

1. A rule is a pure function from facts, what it answers and what was loaded, to effects. None: it
   does not want this one after all.
2. What a rule needs beyond the common facts its ``load`` reads, in the update's transaction.
3. An effect of a feature is carried out by a function of the same feature, in that transaction.
4. No feature imports another one. Shared sentences stand in ``words/``, shared effects in
   ``dialogue/``.
5. A button of a step carries the version of the dialogue. The button that makes a job names it by
   chat, message and version, so two presses make one job.
6. Two features that claim the same command, button, step, kind of update or effect refuse the
   start.

A new capability is a new folder and a line in ``FEATURES``; names in ``LAYOUT`` say where its
buttons stand. Take a feature off the list and everything else goes on.
"""

from collections.abc import Sequence

from handlers.dialogue.places import Rows
from handlers.dispatch.feature import Feature
from handlers.features import (
    account,
    desk,
    effects,
    making,
    paying,
    paysupport,
    results,
    sharing,
)

FEATURES: Sequence[Feature] = (
    making.FEATURE,
    results.FEATURE,
    effects.FEATURE,
    sharing.FEATURE,
    paying.FEATURE,
    paysupport.FEATURE,
    account.FEATURE,
    desk.FEATURE,
)

#: Which buttons stand where: place → rows of names.
LAYOUT: dict[str, Rows] = {
    "menu": (("effects",), ("balance", "help"), ("support", "language")),
    "effects": (("menu",),),
    "home": (("new", "menu"),),
    "result": (("again",), ("new", "menu")),
    "failure": (("retry",), ("new", "menu")),
    "waiting": (("stop",),),
    "balance": (("topup", "support", "menu"),),
    "topup": (("balance", "support"),),
    "not_enough": (("pack",), ("topup", "support")),
    "paid": (("balance", "menu"),),
    "booked": (("balance",),),
}

#: The order of the commands that Telegram shows.
COMMANDS = (
    "start",
    "new",
    "search",
    "effects",
    "history",
    "balance",
    "topup",
    "cancel",
    "language",
    "help",
    "support",
    "paysupport",
)
