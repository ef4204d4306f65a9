"""Ends a job whose createTask call was answered with the task of another job.

1. That task stays the other job's: one result must not go to two users.
2. There is nothing that the job can wait for, so it ends at once, refunded, and operators are
   told. One alarm an hour stands for all of them.
3. If something in between has mixed up two answers, a task of its own may exist, and the callback
   on the job's own URL names it. A callback that came before the answer makes the job wait for
   that task; one that comes within a day after the end makes its result a gift.

A task whose other job has no row any more is recognised when it is queried
(``wire.of_another_job``).
"""

from loguru import logger

import sql
from kie.api.notice import Notice, of_another
from kie.api.outcome import Failure
from kie.jobs import settle
from kie.jobs.job import Job
from kie.jobs.news import News
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.wakeups import JOBS

TAKEN_KEY = "kie:task-of-another"

_SQL = sql.load("submission")


def end(tx: Tx, job: Job, stored: Row, news: News) -> bool:
    """End the job, unless its own task is known. ``stored`` are the fields of ``task_created``.
    False: no other job has the task, and nothing was changed."""
    other = tx.one(_SQL["task_of_another"], stored)
    if other is None:
        return False
    told = logger.bind(job=job.id, task=stored["task_id"], other=other["id"])
    told.error("task_of_another_job")
    if tx.one(_SQL["wait_for_own_task"], stored) is None:
        what = of_another(stored["task_id"], other["id"])
        if settle.fail(tx, job, Failure.UNCLEAR, str(what), news):
            notice = Notice("job_end", {"job": str(job.id), "user": str(job.user_id), "what": what})
            news.alert(tx, TAKEN_KEY, notice)
    tx.wake(JOBS)
    return True
