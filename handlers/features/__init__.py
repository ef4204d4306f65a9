"""The features: what users and operators can do, one folder per capability.

Who is authoritative
    ``FEATURES``, the list: only it names the features.

===========  ===============================================================
making       choose, ask, confirm, order a job; search; drafts
results      the news of jobs, how results are shown, history
presets      models with their inputs filled in, with pictures
sharing      own works in other chats, by inline queries
paying       balance, top-up, packs, payments in Stars
paysupport   questions about payments, refunds
prices       operators change prices and packs
receipts     payments by hand and their receipts
gifts        invitations, promo codes, links of campaigns
account      language, help, support
privacy      what is kept, a user's own data, forgetting a user
groups       orders from groups, and switching the bot off there
waitlist     users who are told when a model or the service works again
desk         the operators' panel, models that are switched off
people       users, for operators: search, card, bookings of credits, ban
letters      what operators write to users
broadcast    operators write to many users
maintenance  no new orders and payments for a while
report       money and jobs of days for operators, charts, exports, alarms
===========  ===============================================================

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
    broadcast,
    desk,
    gifts,
    groups,
    letters,
    maintenance,
    making,
    paying,
    paysupport,
    people,
    presets,
    prices,
    privacy,
    receipts,
    report,
    results,
    sharing,
    waitlist,
)

FEATURES: Sequence[Feature] = (
    making.FEATURE,
    results.FEATURE,
    presets.FEATURE,
    sharing.FEATURE,
    paying.FEATURE,
    paysupport.FEATURE,
    prices.FEATURE,
    receipts.FEATURE,
    gifts.FEATURE,
    account.FEATURE,
    privacy.FEATURE,
    groups.FEATURE,
    report.FEATURE,
    waitlist.FEATURE,
    desk.FEATURE,
    people.FEATURE,
    letters.FEATURE,
    maintenance.FEATURE,
    broadcast.FEATURE,
)

#: Which buttons stand where: place → rows of names.
LAYOUT: dict[str, Rows] = {
    "menu": (("presets",), ("works", "balance")),
    "welcome": (("sample0",), ("sample1",), ("sample2",)),
    "presets": (("menu",),),
    "unavailable": (("tell",),),
    "home": (("menu",),),
    "failure": (("again",), ("menu",)),
    "waiting": (("stop",),),
    "group_result": (("for_me",),),
    "balance": (("topup", "works"), ("language", "help"), ("support", "menu")),
    "topup": (("by_hand",), ("balance", "support")),
    "not_enough": (("pack",), ("topup", "support")),
    "short": (("pack", "packs"), ("topup",), ("support",)),
    "paid": (("balance", "menu"),),
    "booked": (("go_on",), ("balance",)),
    "cancelled": (("balance",),),
    "admin": (
        ("users", "receipts"),
        ("payments", "prices"),
        ("money", "broadcast"),
        ("maintenance",),
        ("set_aside", "log"),
        ("refresh",),
    ),
    "operators": (("panel",),),
    "person": (("plus", "minus"), ("history", "payments"), ("jobs", "refunds"), ("write",)),
    "asked": (("answer", "person"),),
    "people": (("users",),),
    "act": (("undo", "person"),),
    "alarm": (("panel",),),
    "alarm_kie": (("kie_billing",), ("maintenance", "panel")),
    "alarm_token": (("new_token",), ("panel",)),
    "alarm_set_aside": (("set_aside", "panel"),),
    "alarm_update": (("retry", "panel"),),
    "alarm_money": (("money", "maintenance"), ("panel",)),
    "alarm_cost": (("prices",), ("panel",)),
    "alarm_pause": (("maintenance", "panel"),),
    "alarm_doubted": (("model_off",), ("panel",)),
    "alarm_withdrawn": (("model_on",), ("panel",)),
    "alarm_ledger": (("log", "panel"),),
    "alarm_person": (("person",), ("panel",)),
    "alarm_payments": (("payments", "panel"),),
    "alarm_receipts": (("receipts", "panel"),),
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
    "privacy",
)
