"""Callbacks that fit no job: kept, matched when the job's task appears or by hand, told.

A callback without a job in its URL may be early, or nobody's: anybody can post there. One
with a job but without kie.ai's signature, where the operator switched signing on, is kept
here, too: it may look at its job's task, but it may not name one.
"""

from collections.abc import Sequence
from typing import Any

from loguru import logger

import sql
from kie.jobs.news import News
from kie.jobs.settle import LATE_FOR
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.wakeups import JOBS
from supervisor.telemetry.log_throttle import LogThrottle
from supervisor.values.foreign import storable, storable_json

_SQL = sql.load("kie")

LENGTH = 16 * 1024  #: characters kept of a callback that anybody could have sent
MOST = 10_000  #: kept callbacks that wait; more than that is somebody's game
PATIENCE = 24 * 3600.0  #: seconds until the operator hears of one

#: Anybody can cause these lines.
_told = LogThrottle()


def keep(tx: Tx, bot_id: int, task_id: str, body: bytes, *, job_id: int | None = None) -> None:
    """Until a job has that task, or the operator says which."""
    # As text inside JSON: what is not JSON, or not JSON for PostgreSQL, is kept too.
    payload = storable_json({"body": storable(body, LENGTH)})
    named = {"bot_id": bot_id, "job_id": job_id, "task_id": task_id, "most": MOST}
    row = tx.one(_SQL["keep_orphan"], {**named, "payload": payload})
    if (more := _told.allows()) is not None:
        told = logger.bind(task=task_id, job=job_id, kept=row is not None, more=more)
        told.info("callback_orphan")


def waiting(tx: Tx, bot_id: int) -> Sequence[Row]:
    """The oldest ones, for people."""
    return tx.all(_SQL["orphans"], {"bot_id": bot_id})


def match(tx: Tx, bot_id: int, orphan_id: int, job_id: int) -> str | None:
    """By hand: the task that the job has from now on; None: that does not fit."""
    named: dict[str, Any] = {"bot_id": bot_id, "orphan_id": orphan_id, "job_id": job_id}
    row = tx.one(_SQL["match_by_hand"], {**named, "late_for": LATE_FOR})
    if row is None:
        return None
    tx.one(_SQL["adopt_orphan"], {"task_id": row["task_id"]})
    tx.wake(JOBS)
    return str(row["task_id"])


def count(tx: Tx, bot_id: int) -> int:
    """How many wait; counted to a thousand."""
    row = tx.one(_SQL["count_orphans"], {"bot_id": bot_id})
    return 0 if row is None else int(row["orphans"])


def adopt_known(tx: Tx) -> None:
    """Those whose job has learned its task in the very moment of their coming."""
    tx.run(_SQL["adopt_known"])


def old(tx: Tx, bot_id: int) -> Sequence[Row]:
    """Those that have waited for a day and are not told yet."""
    return tx.all(_SQL["unnoticed_orphans"], {"bot_id": bot_id, "patience": PATIENCE})


def notice(tx: Tx, found: Sequence[Row], news: News) -> None:
    """The operator is told of ``found``, once of each."""
    rows = tx.all(_SQL["notice_orphans"], {"ids": [row["id"] for row in found]})
    if not rows:
        return
    tasks = ", ".join(f"{row['id']}: {row['task_id']}" for row in rows[:10])
    told = (
        f"{len(rows)} callbacks of kie.ai have fitted no job for a day ({tasks})."
        " run.py status --orphans lists them; --match ORPHAN JOB gives one to a job."
    )
    news.alert(tx, f"orphans:{rows[0]['id']}", told)
    logger.bind(count=len(rows)).warning("callbacks_unmatched")
