"""My data: everything that is kept about a user, as one JSON document.

It is put together by the service, page by page, and not in the update that asked for it. The outbox
deletes the text of the document when it has been sent.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sql
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import giving_document
from handlers.dispatch.feature import Parts
from handlers.features.privacy.words import say
from handlers.words.texts import language_of
from supervisor.database.transactions import Row
from supervisor.runtime.term import Term

MOST_ROWS = 2000  #: of each table, the newest
PAGE = 5000  #: rows that one statement reads
MESSAGE_LIMIT = 4000  #: characters of one update in the document

_SQL = sql.load("privacy")
#: The parts of the document and their statements.
_TABLES = {
    "requests": "data_requests",
    "credits": "data_credits",
    "payments": "data_payments",
    "subscriptions": "data_subscriptions",
    "receipts": "data_receipts",
    "dialogues": "data_dialogue",
    "group_wishes": "data_wishes",
    "waitlist": "data_waits",
}


def give(parts: Parts, term: Term, wanted: Row) -> None:
    """Put the document together and write it to the outbox. Raises what the database does."""
    bot_id, user_id = parts.installation.bot_id, wanted["user_id"]
    language = language_of(wanted["language"], None)
    text = json.dumps(collect(parts, user_id), ensure_ascii=False, indent=1, default=str)
    day = str(wanted["asked_on"])
    payload = giving_document("my-data.json", text, say(language, "data_caption", day=day))
    payload["lost"] = say(language, "data_lost")
    with parts.database.transaction(term) as tx:
        if tx.run(_SQL["data_given"], {"bot_id": bot_id, "user_id": user_id}):
            key = f"my-data:{user_id}:{day}"
            told = Delivery(user_id, "answer", payload, key)
            parts.installation.outbox.enqueue(tx, [told])


def collect(parts: Parts, user_id: int) -> Mapping[str, Any]:
    """What the tables hold about the user."""
    named = {"bot_id": parts.installation.bot_id, "user_id": user_id, "limit": MOST_ROWS}
    with parts.database.transaction() as tx:
        found: dict[str, Any] = {
            "account": tx.one(_SQL["data_account"], named),
            "invitations": tx.one(_SQL["data_invitations"], named),
        }
        found |= {part: tx.all(_SQL[name], named) for part, name in _TABLES.items()}
    found["from_you"] = list(_pages(parts, "data_messages", named))[-MOST_ROWS:]
    found["from_the_bot"] = list(_pages(parts, "data_told", named))[-MOST_ROWS:]
    found["note"] = f"Of each table at most the newest {MOST_ROWS} rows."
    return found


def _pages(parts: Parts, statement: str, named: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The rows of the user, oldest first. Each page is a transaction of its own."""
    after = 0
    while True:
        with parts.database.transaction() as tx:
            rows = tx.all(_SQL[statement], {**named, "after": after, "limit": PAGE})
        if not rows:
            return
        after = rows[-1]["at_row"]
        for row in rows:
            if row["body"] is not None:
                content = _content(row["body"])
                yield {"kind": row["kind"], "at": row["received_at"], "content": content}


def _content(body: str) -> Any:
    """An update as an object; what is none, or too long, as its text."""
    if len(body) <= MESSAGE_LIMIT and body.startswith("{"):
        try:
            return json.loads(body)
        except ValueError:
            return body
    return body[:MESSAGE_LIMIT]
