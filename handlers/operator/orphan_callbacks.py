"""Callbacks that fit no job: their list for operators, and assigning one to a job."""

import json
from collections.abc import Sequence

from kie.jobs import orphans
from supervisor.database.transactions import Database, Row

_BODY_SHOWN = 160  #: characters


def listed(database: Database, bot_id: int) -> Sequence[Row]:
    """The oldest first, as data. Raises ``BotError``."""
    with database.transaction() as tx:
        rows = orphans.waiting(tx, bot_id)
    return [
        {**row, "payload": row["payload"].get("body", ""), "seconds": round(row["seconds"])}
        for row in rows
    ]


def match(database: Database, bot_id: int, orphan: int, job: int) -> str | None:
    """Assign the callback's task to the job and wake the ACTIVE instance; None: it does not
    fit."""
    with database.transaction() as tx:
        task = orphans.match(tx, bot_id, orphan, job)
    return None if task is None else f"job {job} has task {task}; its result is asked for"


def answer(database: Database, bot_id: int, *, as_json: bool) -> str:
    """The list for a terminal as narrow as a phone, or as data."""
    rows = listed(database, bot_id)
    if as_json:
        return json.dumps(rows)
    lines = []
    for row in rows:
        came_to = "" if row["job_id"] is None else f", came to job {row['job_id']}"
        lines += [
            f"{row['id']}  {row['seconds'] // 60} min ago{came_to}",
            f"    task {row['task_id']}",
            f"    {row['payload'][:_BODY_SHOWN]}",
        ]
    return "\n".join(lines) or "every callback has found its job"
