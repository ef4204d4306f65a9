"""The latest results once more, by the names under which Telegram keeps their files.

Nothing is fetched or made again: kie.ai's links are dead by then.
"""

import json
from collections.abc import Sequence

import sql
from handlers.delivery.outbox import Delivery, Payload, saying
from handlers.dialogue.texts import say
from handlers.features.making.screens import sentence
from supervisor.database.transactions import Row, Tx

_SQL = sql.load("results")

MOST = 5  #: results that are shown


def latest(
    tx: Tx, bot_id: int, user_id: int, chat_id: int, key: str, language: str
) -> Sequence[Delivery]:
    """The user's latest results, oldest first, or a sentence that there are none."""
    named = {"bot_id": bot_id, "user_id": user_id, "count": MOST}
    rows = tx.all(_SQL["latest_results"], named)
    if not rows:
        none = saying(sentence(say(language, "history_empty"), language))
        return [Delivery(chat_id, "answer", none, key)]
    return [
        Delivery(chat_id, "answer", _once_more(row), f"{key}:{number}")
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
