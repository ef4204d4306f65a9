"""Privacy and terms: what is kept of a user, a copy of it, its deletion; the terms of sale.

``documents.py`` shows ``/privacy`` and ``/terms``, ``forgetting.py`` asks before everything about
a user is deleted, ``eraser.py`` deletes it, ``copier.py`` puts the copy together, ``service.py``
runs both while this instance is ACTIVE.
"""

from handlers.dispatch.feature import Answer, Feature, Step, always
from handlers.features.privacy import documents, forgetting, service
from handlers.features.privacy.words import WORDS

FEATURE = Feature(
    name="privacy",
    words=WORDS,
    commands={
        "privacy": Answer(rule=documents.privacy),
        "terms": Answer(rule=documents.terms),
    },
    buttons={
        "privacy": Answer(rule=documents.press_privacy),
        "my_data": Answer(rule=forgetting.my_data),
        "forget_me": Answer(rule=forgetting.ask, load=forgetting.standing),
    },
    steps={
        forgetting.FORGET: Step(
            show=forgetting.show,
            buttons={
                "forget_on": Answer(rule=forgetting.go_on, load=forgetting.standing),
                "forget_now": Answer(rule=forgetting.confirmed, load=forgetting.standing),
                "forget_keep": Answer(rule=forgetting.keep),
            },
        ),
    },
    effects={
        forgetting.Forget: forgetting.note,
        forgetting.GiveData: forgetting.want_data,
    },
    listed={"privacy": always, "terms": always},
    services=service.services,
    counters={
        "forget": "Users who wanted to be forgotten",
        "data": "Users who asked for their data",
    },
)
