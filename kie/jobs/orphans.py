"""Orphans: callbacks without a matching job. They are kept until a job has their task id.

A callback without a job in its URL may be early, or not about a job of ours: anybody can send
it. If the operator has switched signing on, a callback on a job's URL without kie.ai's signature
is an orphan as well, because it may not set the job's task id.
"""

from collections.abc import Sequence
from typing import Any

from loguru import logger

import sql
from kie.api.notice import Notice
from kie.jobs.news import News
from kie.jobs.settle import LATE_FOR
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.wakeups import JOBS
from supervisor.telemetry.log_throttle import LogThrottle
from supervisor.values.foreign import storable, storable_json

_SQL = sql.load("jobs")

LENGTH = 16 * 1024  #: characters kept of a callback that anybody could have sent
MOST = 10_000  #: orphans that are kept; more than that is an attack
PATIENCE = 24 * 3600.0  #: seconds until the operator is told of one

#: Anybody can cause these lines.
_told = LogThrottle()


def keep(tx: Tx, bot_id: int, task_id: str, body: bytes, *, job_id: int | None = None) -> None:
    """Store the callback until a job has that task id, or an operator assigns it to a job."""
    # As a text within JSON, because the body may not be JSON that PostgreSQL accepts.
    payload = storable_json({"body": storable(body, LENGTH)})
    named = {"bot_id": bot_id, "job_id": job_id, "task_id": task_id, "most": MOST}
    row = tx.one(_SQL["keep_orphan"], {**named, "payload": payload})
    if (more := _told.allows()) is not None:
        told = logger.bind(task=task_id, job=job_id, kept=row is not None, more=more)
        told.info("callback_orphan")


def waiting(tx: Tx, bot_id: int) -> Sequence[Row]:
    """The oldest orphans."""
    return tx.all(_SQL["orphans"], {"bot_id": bot_id})


def adopt(tx: Tx, task_id: str) -> bool:
    """The orphan of this task belongs to a job now. False: no callback came before its job."""
    return tx.one(_SQL["adopt_orphan"], {"task_id": task_id}) is not None


def match(tx: Tx, bot_id: int, orphan_id: int, job_id: int) -> str | None:
    """Assign an orphan to a job. Returns the job's new task id; None: they do not fit."""
    named: dict[str, Any] = {"bot_id": bot_id, "orphan_id": orphan_id, "job_id": job_id}
    row = tx.one(_SQL["match_by_hand"], {**named, "late_for": LATE_FOR})
    if row is None:
        return None
    adopt(tx, row["task_id"])
    tx.wake(JOBS)
    return str(row["task_id"])


def count(tx: Tx, bot_id: int) -> int:
    """The number of orphans, counted up to a thousand."""
    row = tx.one(_SQL["count_orphans"], {"bot_id": bot_id})
    return 0 if row is None else int(row["orphans"])


def adopt_known(tx: Tx) -> None:
    """Close orphans whose task id was stored at the moment when they arrived."""
    tx.run(_SQL["adopt_known"])


def old(tx: Tx, bot_id: int) -> Sequence[Row]:
    """Orphans that are older than a day and not yet reported to the operator."""
    return tx.all(_SQL["unnoticed_orphans"], {"bot_id": bot_id, "patience": PATIENCE})


def notice(tx: Tx, found: Sequence[Row], news: News) -> None:
    """Tell the operator of ``found``, once of each orphan."""
    rows = tx.all(_SQL["notice_orphans"], {"ids": [row["id"] for row in found]})
    if not rows:
        return
    tasks = ", ".join(f"{row['id']}: {row['task_id']}" for row in rows[:10])
    told = Notice("orphans", {"n": len(rows), "tasks": tasks})
    news.alert(tx, f"orphans:{rows[0]['id']}", told)
    logger.bind(count=len(rows)).warning("callbacks_unmatched")
