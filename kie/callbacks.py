"""kie.ai's callbacks: stored by any instance, ACTIVE or PASSIVE, before they are answered.

A callback is a hint that a task has ended. It is authenticated by its own URL (an HMAC of
the job's number); kie.ai's optional signature is checked where the operator switched it
on. Neither covers the body, so only the task id is taken from it.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from loguru import logger

import sql
from kie import wire
from supervisor.db import Database
from supervisor.errors import Rejected
from supervisor.identity import Identity
from supervisor.routes import Head, Reply
from supervisor.secret import Secret
from supervisor.wakeups import JOBS

_SQL = sql.load("kie")

MAX_BODY = 1024 * 1024
ORPHAN_LENGTH = 16 * 1024  #: characters kept of a callback that anybody could have sent
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
        if not job.isdecimal() or len(job) > 18:
            return Reply(403)
        if not self._identity.owns_callback(int(job), signature):
            return Reply(403)
        return None

    async def answer(self, head: Head, body: bytes) -> Reply:
        task_id = wire.callback_task_id(body)
        if self._hmac_key is not None and not _signed(self._hmac_key, head.headers, task_id):
            # The URL has proved itself already, and what follows is only a look at
            # the task: no result is lost to a key that is being changed.
            logger.bind(job=head.captured["job"]).warning("callback_signature_mismatch")
        await asyncio.to_thread(self._store, int(head.captured["job"]), task_id, body)
        return _ACCEPTED

    def _store(self, job_id: int, task_id: str | None, body: bytes) -> None:
        named = {"bot_id": self._identity.bot_id, "id": job_id, "task_id": task_id}
        try:
            with self._database.transaction() as tx:
                row = tx.one(_SQL["callback_for_job"], named)
                tx.wake(JOBS)
        except Rejected as error:
            # Another job has that number: believe the table, keep the callback.
            logger.bind(job=job_id, task=task_id, reason=str(error)).warning("callback_conflict")
            _keep_orphan(self._database, self._identity.bot_id, task_id, body)
            return
        logger.bind(job=job_id, task=task_id, late=row is None).info("callback_received")


class TaskCallback:
    """``POST /callbacks/kie``: no job in the URL; matched by task id, now or later."""

    method = "POST"
    pattern = "/callbacks/kie"
    max_body = MAX_BODY

    def __init__(self, database: Database, bot_id: int) -> None:
        self._database = database
        self._bot_id = bot_id

    def admit(self, head: Head) -> Reply | None:
        del head  # anybody may knock here: it only ever makes us look at our own task
        return None

    async def answer(self, head: Head, body: bytes) -> Reply:
        del head
        task_id = wire.callback_task_id(body)
        await asyncio.to_thread(_keep_orphan, self._database, self._bot_id, task_id, body)
        return _ACCEPTED


def _keep_orphan(database: Database, bot_id: int, task_id: str | None, body: bytes) -> None:
    """Make the task's job due, or keep the callback until a job has that number."""
    if task_id is None:
        logger.bind(size=len(body)).warning("callback_without_task")
        return
    # PostgreSQL's text knows no NUL.
    text = body.decode("utf-8", "replace").replace("\x00", "")
    # As text inside JSON: what is not JSON, or not JSON for PostgreSQL, is kept too.
    payload = json.dumps({"body": text[:ORPHAN_LENGTH].replace("\\u0000", "")})
    with database.transaction() as tx:
        if tx.one(_SQL["callback_for_task"], {"bot_id": bot_id, "task_id": task_id}) is not None:
            tx.wake(JOBS)
        elif tx.one(_SQL["task_is_known"], {"task_id": task_id}) is None:
            tx.one(_SQL["keep_orphan"], {"task_id": task_id, "payload": payload})
            logger.bind(task=task_id).info("callback_orphan_kept")


def _signed(key: Secret, headers: Mapping[str, str], task_id: str | None) -> bool:
    """kie.ai's signature: Base64 of HMAC-SHA256 over ``taskId.timestamp``
    (https://docs.kie.ai/common-api/webhook-verification)."""
    stamp = headers.get("x-webhook-timestamp", "")
    given = headers.get("x-webhook-signature", "")
    message = f"{task_id or ''}.{stamp}".encode()
    digest = hmac.new(key.reveal().encode(), message, hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(digest), given.encode("utf-8", "replace"))
