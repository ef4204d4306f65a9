"""The features: what users and operators can do, one folder per capability.

Who is authoritative
    ``FEATURES``, the list: only it names the features.

=========  ===============================================================
making     choose, ask, confirm, order a job; search; drafts
results    the news of jobs, how results are shown, history
effects    models with their inputs filled in, with pictures
sharing    own works in other chats, by inline queries
paying     balance, top-up, packs, payments in Stars
paysupport questions about payments, refunds
prices     operators change prices and packs
receipts   payments by hand and their receipts
gifts      invitations, promo codes, links of campaigns
account    language, help, support
groups     orders from groups, and switching the bot off there
desk       the commands of operators in the chat
=========  ===============================================================

A folder holds ``__init__.py`` with the declaration, one ``Feature``
(``handlers/dispatch/feature.py``); rules; screens; sentences in ``texts_en.py`` and
``texts_ru.py``, joined in ``words.py``. Its statements stand in ``sql/<feature>.sql``.

Rules

1. A rule is a pure function. It gets the facts, what it answers, and what ``load`` returned; it
   returns effects, or None if it does not answer.
2. What a rule needs beyond the common facts is read by its ``load``, in the update's transaction.
3. An effect of a feature is carried out by a function of the same feature, in that transaction.
4. No feature imports another one. Shared sentences stand in ``words/``, shared effects in
   ``dialogue/``.
5. A button of a step has the version of the dialogue. The key of a job is chat, message and
   version of the press, so two presses make one job.
6. When two features claim the same command, button, step, kind of update or effect, the process
   does not start.

A new capability is a new folder and a line in ``FEATURES``. A new button is declared by its feature
(``places``), and ``LAYOUT`` says where it stands. The buttons under a result are made in
``results/result_buttons.py``. A feature can be taken off the list, and the others still work.
"""

from collections.abc import Sequence

from handlers.dialogue.places import Rows
from handlers.dispatch.feature import Feature
from handlers.features import (
    account,
    desk,
    effects,
    gifts,
    groups,
    making,
    paying,
    paysupport,
    prices,
    receipts,
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
    prices.FEATURE,
    receipts.FEATURE,
    gifts.FEATURE,
    account.FEATURE,
    groups.FEATURE,
    desk.FEATURE,
)

#: Which buttons stand where: place → rows of names.
LAYOUT: dict[str, Rows] = {
    "menu": (("effects",), ("works", "balance")),
    "effects": (("menu",),),
    "home": (("menu",),),
    "failure": (("again",), ("menu",)),
    "waiting": (("stop",),),
    "group_result": (("for_me",),),
    "balance": (("topup", "works"), ("language", "help"), ("support", "menu")),
    "topup": (("by_hand",), ("balance", "support")),
    "not_enough": (("pack",), ("topup", "support")),
    "paid": (("balance", "menu"),),
    "booked": (("balance",),),
}

#: The order of the commands that Telegram shows.
COMMANDS = (
    "start",
    "image",
    "video",
    "photo",
    "models",
    "search",
    "effects",
    "history",
    "balance",
    "invite",
    "promo",
    "cancel",
    "language",
    "help",
    "support",
    "paysupport",
    "terms",
)
