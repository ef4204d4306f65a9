"""Ends jobs. Callbacks, polls and deadlines only report; this module records the end.

Job, money and news are changed in one transaction. The first report counts; each later one
changes zero rows and is logged at debug level. The price stays reserved until Telegram has the
result (``kie/money/ledger.py``).
"""

import json
from dataclasses import asdict, replace

from loguru import logger

import sql
from kie.api.outcome import Failure
from kie.api.wire import Succeeded
from kie.jobs.job import GIVEN_UP, Job
from kie.jobs.news import News
from kie.money import ledger
from supervisor.database.transactions import Row, Tx
from supervisor.values.foreign import storable_json

_SQL = sql.load("jobs")
#: Seconds for which a job that was given up is still queried (kie.ai keeps files about that long),
#: and between two of these queries.
LATE_FOR, LATE_PAUSE = 24 * 3600.0, 900.0
ERROR_LENGTH = 500  #: characters of an error message that are stored


def succeed(tx: Tx, job: Job, report: Succeeded, news: News) -> bool:
    """Record a result, also that of a job that was given up (a gift).

    False: the job had ended already.
    """
    found = {
        "id": job.id,
        "result_url": next(iter(report.result.urls), None),
        "result_urls": json.dumps(list(report.result.urls)),
        "result_text": report.result.text,
        "result_songs": storable_json([asdict(song) for song in report.result.songs])
        if report.result.songs
        else None,
        "credits": report.credits_consumed,
    }
    told = logger.bind(job=job.id, task=job.task_id, seconds=round(job.seconds, 1))
    row = tx.one(_SQL["settle_success"], found)
    if row is not None:
        news.succeeded(tx, _as_shown(job, row), report.result)
        told.info("job_succeeded")
        return True
    row = tx.one(_SQL["settle_gift"], found)
    if row is not None:
        news.gift(tx, _as_shown(job, row), report.result)
        told.info("job_gift")
        return True
    return _late(job, "success")


def fail(tx: Tx, job: Job, failure: Failure, error: str, news: News) -> bool:
    """End the job without a result and release its price. False: it had ended already."""
    row = tx.one(
        _SQL["settle_fail"],
        {
            "id": job.id,
            "failure": failure.value,
            "error": error[:ERROR_LENGTH],
            "late_for": LATE_FOR if failure in GIVEN_UP else None,
            "late_pause": LATE_PAUSE,
        },
    )
    if row is None:
        return _late(job, failure.value)
    ledger.release(tx, [job.id])
    news.failed(tx, _as_shown(job, row), failure)
    told = logger.bind(job=job.id, task=job.task_id, failure=failure.value, reason=error)
    told.warning("job_failed")
    return True


def cancel(tx: Tx, bot_id: int, user_id: int, job_id: int) -> Row | None:
    """Cancel a queued job for its user, and return where its progress is shown.

    None: it was claimed first, or has ended.
    """
    named = {"id": job_id, "bot_id": bot_id, "user_id": user_id}
    row = tx.one(_SQL["cancel_queued"], {**named, "failure": Failure.CANCELLED.value})
    if row is not None:
        ledger.release(tx, [job_id])
        logger.bind(job=job_id).info("job_cancelled")
    return row


def state(tx: Tx, bot_id: int, user_id: int, job_id: int) -> Row | None:
    """Status and failure of this user's job; None: there is none."""
    return tx.one(_SQL["state_of_job"], {"id": job_id, "bot_id": bot_id, "user_id": user_id})


def _as_shown(job: Job, row: Row) -> Job:
    """The job with the message that shows its progress by now."""
    return replace(job, status_message_id=row["status_message_id"])


def _late(job: Job, report: str) -> bool:
    logger.bind(job=job.id, report=report).debug("job_report_late")
    return False
