"""The latest results once more, by the names under which Telegram keeps their files.

Nothing is fetched or made again: kie.ai's links are dead by then.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import sql
from handlers.delivery.outbox import Delivery, Payload, saying
from handlers.dialogue.effects import Effect, Effects
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.dispatch.feature import Work
from handlers.features.results.words import say
from supervisor.database.transactions import Row

_SQL = sql.load("results")

MOST = 5  #: results that are shown


@dataclass(frozen=True, slots=True)
class ShowHistory(Effect):
    """The user's latest results are sent once more."""


def ask(_facts: Facts, _command: Command) -> Effects:
    """``/history``"""
    return (ShowHistory(),)


def latest(_effect: ShowHistory, work: Work) -> Sequence[Delivery]:
    """The user's latest results, oldest first, or a sentence that there are none."""
    sender, language = work.facts.incoming.sender, work.facts.language
    named = {"bot_id": work.installation.bot_id, "user_id": sender.user_id, "count": MOST}
    rows = work.tx.all(_SQL["latest_results"], named)
    if not rows:
        none = work.facts.sentence(say(language, "history_empty"))
        return [work.told("answer", saying(none))]
    return [
        work.told("answer", _once_more(row), key=str(number))
        for number, row in enumerate(reversed(rows))
    ]


def _once_more(row: Row) -> Payload:
    """The same delivery, with names in place of links, without what went before it."""
    payload: Payload = {**row["payload"], "lost": None}
    payload.pop("first", None)
    if row["file_id"] is None:
        return payload
    if payload["do"] == "album":
        payload["file_ids"] = json.loads(row["file_id"])
    else:
        payload["file_id"] = row["file_id"]
    return payload
