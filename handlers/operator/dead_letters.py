"""Updates that were set aside: their list for operators, and the replay of one."""

from collections.abc import Sequence
from typing import Any

import sql
from supervisor.database.transactions import Database
from supervisor.runtime.wakeups import INBOX

MOST_LISTED = 100  #: rows; the newest
_ERROR_SHOWN = 160  #: characters

_SQL = sql.load("status")


def listed(database: Database, bot_id: int) -> Sequence[dict[str, Any]]:
    """The newest first, as data. Raises ``BotError``."""
    with database.transaction() as tx:
        rows = tx.all(_SQL["set_aside"], {"bot_id": bot_id, "limit": MOST_LISTED})
    return [{**row, "received_at": row["received_at"].isoformat("T", "seconds")} for row in rows]


def replay(database: Database, bot_id: int, number: int) -> str | None:
    """Let it be handled again and wake the ACTIVE instance; None: it cannot be replayed."""
    with database.transaction() as tx:
        row = tx.one(_SQL["replay_update"], {"bot_id": bot_id, "id": number})
        if row is None:
            return None
        tx.wake(INBOX)
    return f"update {row['update_id']} will be handled again"


def screen(rows: Sequence[dict[str, Any]]) -> str:
    """The list for a terminal as narrow as a phone."""
    if not rows:
        return "nothing is set aside"
    lines = []
    for row in rows:
        number = "unnumbered" if row["update_id"] is None else f"update {row['update_id']}"
        lines += [
            f"{row['id']}  {row['received_at']}",
            f"    {row['kind']}, {number}, {row['tries']} tries",
            f"    {(row['error'] or '')[:_ERROR_SHOWN]}",
        ]
        if not row["replayable"]:
            lines.append("    cannot be replayed: its body is unreadable or scrubbed")
    if len(rows) == MOST_LISTED:
        lines.append(f"the newest {MOST_LISTED}")
    return "\n".join(lines)
