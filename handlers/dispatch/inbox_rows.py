"""Reads and locks the rows of updates to be handled, and marks them as done.

Locking and marking run in the transaction that carries the effects out, for any number of updates
at once.
"""

import json
from collections.abc import Mapping, Sequence

import sql
from handlers.dialogue import update_reader
from handlers.dialogue.effects import Move
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import (
    Checkout,
    Command,
    Incoming,
    InlineQuery,
    Membership,
    Mention,
    Sender,
)
from handlers.dispatch.lanes import InboxRow
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.errors import Rejected
from supervisor.settings.identity import Identity
from supervisor.values.record import record

_SQL = sql.load("dispatch")


class UnreadableUpdate(Rejected):
    """The body does not have the shape of the Bot API: a retry would not help."""


@record
class HandledUpdate:
    """An update that was handled, and the move of its dialogue."""

    seq: int
    facts: Facts | None = None
    move: Move | None = None

    @property
    def chat_id(self) -> int | None:
        return self.facts.incoming.sender.chat_id if self.facts else None

    @property
    def user_id(self) -> int | None:
        return self.facts.incoming.sender.user_id if self.facts else None

    @property
    def version(self) -> int | None:
        quiet = self.move is not None and self.move.quiet
        return self.facts.dialogue.version + (not quiet) if self.facts else None


def read(row: InboxRow) -> Incoming | None:
    """What the update says; None: nothing that concerns us. Raises ``UnreadableUpdate``."""
    try:
        return update_reader.read(row.body)
    except Exception as error:
        raise UnreadableUpdate(f"{type(error).__name__}: {error}") from error


def take(tx: Tx, identity: Identity, asked: Sequence[tuple[int, Sender]]) -> Mapping[int, Row]:
    """Lock the rows that are still to be handled; user and dialogue of each, by ``seq``."""
    if not asked:
        return {}
    rows = tx.all(
        _SQL["take_updates"],
        {
            "bot_id": identity.bot_id,
            "seqs": [seq for seq, _ in asked],
            "chat_ids": [sender.chat_id for _, sender in asked],
            "user_ids": [sender.user_id for _, sender in asked],
            "usernames": [sender.username for _, sender in asked],
            "first_names": [sender.first_name for _, sender in asked],
            "language_codes": [sender.language_code or "" for _, sender in asked],
            "people": [identity.person(sender.user_id) for _, sender in asked],
        },
    )
    return {row["seq"]: row for row in rows}


def finish(tx: Tx, bot_id: int, done: Sequence[HandledUpdate]) -> None:
    """Mark the updates as done and move their dialogues."""
    tx.send(
        _SQL["finish_updates"],
        {
            "bot_id": bot_id,
            "seqs": [each.seq for each in done],
            "chat_ids": [each.chat_id for each in done],
            "user_ids": [each.user_id for each in done],
            "steps": [each.move.step if each.move else None for each in done],
            "versions": [each.version for each in done],
            "answers": [json.dumps(each.move.answers) if each.move else None for each in done],
        },
    )


def wants_account(incoming: Incoming) -> bool:
    """Whether the decision may depend on the user's balance and running jobs."""
    if isinstance(incoming, Mention | Command):
        return True  # an order in a group is its user's
    return incoming.sender.private and not isinstance(incoming, Membership | Checkout | InlineQuery)
