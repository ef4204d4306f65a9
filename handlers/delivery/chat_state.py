"""Notes what outcomes of deliveries mean for their chats, in the transaction that records them.

A message may be the card of its chat from now on, or the message that shows the progress of a job;
a chat may be unreachable, or want a pause; a group may have become a supergroup. A result for a
group that has thrown the bot out comes to the private chat of whoever has paid for it.
"""

from collections.abc import Sequence

import sql
from handlers.delivery.claimed import Claimed
from handlers.delivery.outbox import Delivery, Outbox
from handlers.delivery.outcome import HOLD, NextState
from handlers.delivery.payloads import removing
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.wakeups import OUTBOX

#: A delivery of this term and its next state.
Outcome = tuple[Claimed, NextState]

_SQL = sql.load("delivery")


class ChatState:
    """The chats of one bot."""

    def __init__(self, bot_id: int, outbox: Outbox) -> None:
        self._bot_id = bot_id
        self._outbox = outbox

    def note(self, tx: Tx, outcomes: Sequence[Outcome], recorded: Sequence[Row]) -> None:
        """``recorded`` are the rows of ``record_outcomes``."""
        self._note_cards(tx, recorded)
        self._note_progress(tx, [row for row in recorded if row["progress"] is not None])
        for claimed, next_state in outcomes:
            chat: Row = {"bot_id": self._bot_id, "chat_id": claimed.chat_id}
            if next_state.chat_unreachable:
                tx.run(_SQL["mark_unreachable"], {**chat, "error": next_state.error, "hold": HOLD})
            elif next_state.moved_to is not None:
                tx.run(_SQL["move_chat"], {**chat, "to": next_state.moved_to})
                tx.wake(OUTBOX)
            elif next_state.chat_pause and claimed.kind != "toast":
                tx.run(_SQL["pause_chat"], {**chat, "pause": next_state.chat_pause})
            if next_state.state == "held" and claimed.chat_id < 0:
                tx.run(_SQL["bring_home"], chat)
                tx.wake(OUTBOX)

    def _note_cards(self, tx: Tx, rows: Sequence[Row]) -> None:
        """Store which messages are now cards, and remove the others that are still cards of the
        same chats."""
        known = [row for row in rows if row["card"] is not None and row["message_id"] is not None]
        if not known:
            return
        named = {
            "bot_id": self._bot_id,
            "chat_ids": [row["chat_id"] for row in known],
            "message_ids": [row["message_id"] for row in known],
            "lives": [row["card"] for row in known],
            "ids": [row["id"] for row in known],
        }
        gone = tx.all(_SQL["note_cards"], named)
        self._outbox.enqueue(
            tx,
            [
                Delivery(
                    row["chat_id"],
                    "answer",
                    removing(row["message_id"]),
                    f"card:{row['id']}:{row['message_id']}",
                )
                for row in gone
            ],
        )

    def _note_progress(self, tx: Tx, rows: Sequence[Row]) -> None:
        """Store which messages show progress; remove the one of a job that has ended."""
        known = [row for row in rows if row["job_id"] is not None]
        if not known:
            return
        named = {
            "job_ids": [row["job_id"] for row in known],
            "message_ids": [row["progress"] for row in known],
        }
        self._outbox.enqueue(
            tx,
            [
                Delivery(
                    row["chat_id"],
                    "status",
                    removing(row["status_message_id"]),
                    f"job:{row['id']}:remove:{row['status_message_id']}",
                    row["id"],
                    thread=row["thread"],
                )
                for row in tx.all(_SQL["note_progress"], named)
                if row["over"]
            ],
        )
