"""Creates and reads rows of ``generation_jobs``."""

import json
from collections.abc import Mapping

import sql
from kie.jobs.job import Job, JobState, NewJob
from kie.money import ledger
from supervisor.database.transactions import Row, Tx
from supervisor.telemetry import trace

_SQL = sql.load("jobs")

#: Jobs without an end that one user may have, by kind of result.
MOST_RUNNING = {"image": 3, "video": 2, "audio": 2}


def create(tx: Tx, bot_id: int, new: NewJob) -> int:
    """The id of the job for ``new``. Creates the job and reserves its price if there is none.

    A repeated request (same ``request_key``) finds its first job. Raises ``ledger.NotEnough``;
    then the transaction must not be committed.
    """
    request = {"bot_id": bot_id, "request_key": new.request_key}
    row = tx.one(
        _SQL["create_job"],
        {
            **request,
            "user_id": new.user_id,
            "chat_id": new.chat_id,
            "language": new.language,
            "model": new.model,
            "inputs": json.dumps(new.inputs, ensure_ascii=False),
            "price": new.price,
            "status_message_id": new.status_message_id,
            "trace": trace.current(),
            "thread": new.thread,
            "wish_message_id": new.wish_message_id,
            "repeats": new.repeats,
        },
    )
    if row is None:
        found = tx.one(_SQL["job_of_request"], request)
        if found is None:
            raise LookupError(f"the job of request {new.request_key!r} vanished")
        return int(found["id"])
    ledger.reserve(tx, bot_id, new.user_id, row["id"], new.price)
    tx.wake("jobs")
    return int(row["id"])


def place(tx: Tx, job_id: int) -> int:
    """The job's place in the queue: 1 is next, 0: it is not queued."""
    row = tx.one(_SQL["place_in_queue"], {"id": job_id})
    return 0 if row is None else int(row["place"])


def by_state(tx: Tx, bot_id: int) -> Mapping[str, int]:
    """The number of jobs in each state."""
    return {row["status"]: row["jobs"] for row in tx.all(_SQL["jobs_by_state"], {"bot_id": bot_id})}


def in_work(tx: Tx, bot_id: int) -> Mapping[tuple[str, str], int]:
    """The number of jobs without an end, by state and model."""
    rows = tx.all(_SQL["jobs_in_work"], {"bot_id": bot_id})
    return {(row["status"], row["model"]): row["jobs"] for row in rows}


def from_row(row: Row) -> Job:
    """The ``Job`` of a row."""
    return Job(
        id=row["id"],
        user_id=row["user_id"],
        chat_id=row["chat_id"],
        language=row["language"],
        model=row["model"],
        inputs=row["input_params"],
        state=JobState(row["status"]),
        task_id=row["task_id"],
        price=row["price"],
        status_message_id=row["status_message_id"],
        trace=row["trace"],
        thread=row["thread"],
        wish_message_id=row["wish_message_id"],
        seconds=row["seconds"],
    )
