"""The one place where a job ends. Callback, poll and deadline only report; this decides.

Job, money and news are one transaction. The first report wins; every later one changes
zero rows and leaves a line at debug level.
"""

import json
from collections.abc import Sequence

from loguru import logger

import sql
from kie import money
from kie.job import Failure, Job
from kie.news import News
from supervisor.db import Tx

_SQL = sql.load("kie")
ERROR_LENGTH = 500  #: characters of a foreign message that are worth keeping


def succeed(
    tx: Tx, job: Job, urls: Sequence[str], credits_consumed: float | None, news: News
) -> bool:
    """The job has a result. False: it had its end already."""
    row = tx.one(
        _SQL["settle_success"],
        {
            "id": job.id,
            "result_url": urls[0],
            "result_urls": json.dumps(list(urls)),
            "credits": credits_consumed,
        },
    )
    if row is None:
        return _late(job, "success")
    # The reservation stays one until Telegram has the result: see money.py.
    news.succeeded(tx, job, urls)
    logger.bind(job=job.id, task=job.task_id, seconds=round(job.seconds, 1)).info("job_succeeded")
    return True


def fail(tx: Tx, job: Job, failure: Failure, error: str, news: News) -> bool:
    """The job will have no result; what was reserved goes back. False: it had its end."""
    row = tx.one(
        _SQL["settle_fail"],
        {"id": job.id, "failure": failure.value, "error": error[:ERROR_LENGTH]},
    )
    if row is None:
        return _late(job, failure.value)
    money.release(tx, [job.id])
    news.failed(tx, job, failure)
    told = logger.bind(job=job.id, task=job.task_id, failure=failure.value, reason=error)
    told.warning("job_failed")
    return True


def cancel(tx: Tx, bot_id: int, user_id: int, job_id: int) -> bool:
    """The user does not want the job any more. False: it is being made, or has its end; the
    statement decides between this and the submitter's claim."""
    named = {"id": job_id, "bot_id": bot_id, "user_id": user_id}
    if tx.one(_SQL["cancel_queued"], {**named, "failure": Failure.CANCELLED.value}) is None:
        return False
    money.release(tx, [job_id])
    logger.bind(job=job_id).info("job_cancelled")
    return True


def _late(job: Job, report: str) -> bool:
    logger.bind(job=job.id, report=report).debug("job_report_late")
    return False
