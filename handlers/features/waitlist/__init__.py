""" "Tell me when it works": a user waits for a model, or for kie.ai, and is told once.

A row of ``waitlist`` is one user who waits for one model; an empty model is the whole service. The
row and the press that asked for it are one commit; the message and the end of the row are another
one, so a restart loses nothing and tells nobody twice.
"""

from collections.abc import Sequence

import sql
from handlers.delivery.outbox import Delivery
from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, Work
from handlers.features.waitlist import rules
from handlers.features.waitlist.rules import Wait
from handlers.features.waitlist.service import services
from handlers.features.waitlist.words import WORDS, plain
from supervisor.runtime.wakeups import WAITLIST

_SQL = sql.load("waitlist")


def _wait(effect: Wait, work: Work) -> Sequence[Delivery]:
    sender = work.facts.incoming.sender
    named = {"bot_id": work.installation.bot_id, "user_id": sender.user_id, "model": effect.model}
    work.tx.run(_SQL["wait_for"], {**named, "chat_id": sender.chat_id, "thread": sender.thread})
    work.tx.wake(WAITLIST)
    return ()


def _button(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_tell"), encode("tell", spot.model))


FEATURE = Feature(
    name="waitlist",
    words=WORDS,
    buttons={"tell": Answer(rule=rules.press), rules.GO_ON: Answer(rule=rules.go_on)},
    effects={Wait: _wait},
    places={"unavailable": {"tell": _button}},
    services=services,
    counters={"told": "Users who were told that a model or the service works again"},
)
