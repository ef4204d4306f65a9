"""kie.ai's callbacks. Any instance, ACTIVE or PASSIVE, stores them before it answers.

A callback only says that a task may have ended; how it ended is queried. It is authenticated by
its own URL (an HMAC of the job's id) and, if the operator has switched signing on, by kie.ai's
signature. Neither covers the body, so only the task id is taken from it.

A callback on a job's URL with a wrong signature still makes us query the task that we know. That
costs one query and cannot forge a result, and results are not delayed while the key is being
changed. But it cannot set the job's task id: it is kept as an orphan, which is matched when its
task id becomes known, or by an operator. On the URL without a job it is refused.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Mapping

from loguru import logger

import sql
from kie.api import wire
from kie.jobs import orphans
from supervisor.database.transactions import Database
from supervisor.http.routes import Head, Reply
from supervisor.runtime.errors import Rejected, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import JOBS
from supervisor.settings.identity import Identity
from supervisor.telemetry import trace
from supervisor.telemetry.log_throttle import LogThrottle
from supervisor.values.foreign import whole_text

_SQL = sql.load("jobs")

MAX_BODY = 1024 * 1024
#: Limits for requests that anybody may send: bytes of a body, and requests at the same time, so
#: that threads and database connections stay free for the bot.
STRANGERS_BODY = 16 * 1024
STRANGERS_AT_ONCE = 2
TURN_WITHIN = 3.0  #: seconds that a further one waits for its turn
_ACCEPTED = Reply(
    200, b'{"code":200,"msg":"success"}', content_type="application/json; charset=utf-8"
)


class JobCallback:
    """``POST /callbacks/kie/<job>/<signature>``: the URL that createTask was given."""

    method = "POST"
    pattern = "/callbacks/kie/{job}/{signature}"
    max_body = MAX_BODY

    def __init__(self, database: Database, identity: Identity, hmac_key: Secret | None) -> None:
        self._database = database
        self._identity = identity
        self._hmac_key = hmac_key

    def admit(self, head: Head) -> Reply | None:
        job, signature = head.captured["job"], head.captured["signature"]
        number = whole_text(job, 1)
        if number is None or not self._identity.owns_callback(number, signature):
            return Reply(403)
        return None

    async def answer(self, head: Head, body: bytes) -> Reply:
        # Not in the event loop: parsing a megabyte of brackets takes a while.
        await asyncio.to_thread(self._take, head, body)
        return _ACCEPTED

    def _take(self, head: Head, body: bytes) -> None:
        task_id = wire.callback_task_id(body)
        job = int(head.captured["job"])
        trusted = self._hmac_key is None or _signed(self._hmac_key, head.headers, task_id)
        if not trusted:
            logger.bind(job=job, task=task_id).warning("callback_signature_mismatch")
        ended = not wire.callback_is_early(body)
        self._store(job, task_id, body, trusted=trusted, ended=ended)

    def _store(
        self, job_id: int, task_id: str | None, body: bytes, *, trusted: bool, ended: bool
    ) -> None:
        bot_id = self._identity.bot_id
        named = {
            "bot_id": bot_id,
            "id": job_id,
            "task_id": task_id if trusted else None,
            "ended": ended,
        }
        try:
            with self._database.transaction() as tx:
                row = tx.one(_SQL["callback_for_job"], named)
                if task_id is not None and row is not None and row["task_id"] != task_id:
                    # Not signed, or about a task of another job.
                    orphans.keep(tx, bot_id, task_id, body, job_id=job_id)
                tx.wake(JOBS)
        except Rejected as error:
            # Another job has that task id: trust the table and keep the callback.
            logger.bind(job=job_id, task=task_id, reason=str(error)).warning("callback_conflict")
            if task_id is not None:
                with self._database.transaction() as tx:
                    orphans.keep(tx, bot_id, task_id, body, job_id=job_id)
            return
        with trace.following(None if row is None else row["trace"]):
            logger.bind(job=job_id, task=task_id, late=row is None).info("callback_received")


class TaskCallback:
    """``POST /callbacks/kie``: no job in the URL; matched by task id, now or later."""

    method = "POST"
    pattern = "/callbacks/kie"
    max_body = STRANGERS_BODY

    def __init__(self, database: Database, bot_id: int, hmac_key: Secret | None) -> None:
        self._database = database
        self._bot_id = bot_id
        self._hmac_key = hmac_key
        self._turns = asyncio.Semaphore(STRANGERS_AT_ONCE)
        self._mismatch = LogThrottle()
        self._nameless = LogThrottle()

    def admit(self, head: Head) -> Reply | None:
        del head  # anybody may send this: at most it makes us query our own task
        return None

    async def answer(self, head: Head, body: bytes) -> Reply:
        try:
            async with asyncio.timeout(TURN_WITHIN):
                await self._turns.acquire()
        except TimeoutError:
            raise Unavailable("other callbacks without a job are being stored") from None
        try:
            return await asyncio.to_thread(self._take, head, body)
        finally:
            self._turns.release()

    def _take(self, head: Head, body: bytes) -> Reply:
        task_id = wire.callback_task_id(body)
        if self._hmac_key is not None and not _signed(self._hmac_key, head.headers, task_id):
            if (more := self._mismatch.allows()) is not None:
                logger.bind(task=task_id, more=more).warning("callback_signature_mismatch")
            return Reply(403)
        if wire.callback_is_early(body):
            return _ACCEPTED
        if task_id is not None:
            self._store(task_id, body)
        elif (more := self._nameless.allows()) is not None:
            logger.bind(size=len(body), more=more).warning("callback_without_task")
        return _ACCEPTED

    def _store(self, task_id: str, body: bytes) -> None:
        """Make the task's job due, or keep the callback until a job has that task id."""
        named = {"bot_id": self._bot_id, "task_id": task_id}
        with self._database.transaction() as tx:
            if tx.one(_SQL["callback_for_task"], named) is not None:
                tx.wake(JOBS)
            elif tx.one(_SQL["task_is_known"], {"task_id": task_id}) is None:
                orphans.keep(tx, self._bot_id, task_id, body)


def _signed(key: Secret, headers: Mapping[str, str], task_id: str | None) -> bool:
    """kie.ai's signature: Base64 of HMAC-SHA256 over ``taskId.timestamp``
    (https://docs.kie.ai/common-api/webhook-verification)."""
    stamp = headers.get("x-webhook-timestamp", "")
    given = headers.get("x-webhook-signature", "")
    message = f"{task_id or ''}.{stamp}".encode()
    digest = hmac.new(key.reveal().encode(), message, hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(digest), given.encode("utf-8", "replace"))
