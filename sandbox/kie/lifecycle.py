"""The life of a task, from its creation to its last callback."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Coroutine
from typing import Any

from sandbox.kie.account import Account
from sandbox.kie.outgoing import Outgoing
from sandbox.kie.tasks import Task

CALLBACK_SECONDS = 15.0
CALLBACK_RETRIES = 3


class Lifecycle:
    """Lets tasks run, end and call back. ``close`` ends what still runs."""

    def __init__(self, account: Account, outgoing: Outgoing) -> None:
        self._account = account
        self._outgoing = outgoing
        self._background: set[asyncio.Task[None]] = set()

    async def begin(self, task: Task) -> None:
        """Charge for a task and let it run."""
        self._account.charge(task.price)
        self._account.tasks[task.id] = task
        if "early_callback" in task.faults:
            task.finish()
            await self._call_back(task, task.last_stage)
        else:
            self._spawn(self._live(task))

    async def end(self, task: Task) -> None:
        """The task is over: give the credits of a failure back and call back."""
        if task.completed_ms is not None:
            return
        task.finish()
        if task.state == "fail":
            self._account.charge(-task.price)
        await asyncio.sleep(float(task.faults.get("late_callback", 0)))
        for _ in range(int(task.faults.get("callbacks", 1))):
            await self._call_back(task, task.last_stage)

    async def close(self) -> None:
        for running in tuple(self._background):
            running.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        running = asyncio.ensure_future(work)
        self._background.add(running)
        running.add_done_callback(self._background.discard)

    async def _live(self, task: Task) -> None:
        if "stuck" in task.faults:
            return
        stages = task.stages
        whole = max(0.0, task.ready_at - time.monotonic())
        for number, stage in enumerate(stages[:-1], start=1):
            await asyncio.sleep(whole / len(stages))
            if task.completed_ms is not None:
                return
            task.stage = number
            if "fail" not in task.faults:
                await self._call_back(task, stage)
        await asyncio.sleep(max(0.0, task.ready_at - time.monotonic()))
        await self.end(task)

    async def _call_back(self, task: Task, stage: str) -> None:
        if task.callback_url is None or "no_callback" in task.faults:
            return
        body = json.dumps(task.callback_body(stage))
        for attempt in range(1 + CALLBACK_RETRIES):
            status = await self._outgoing.post(
                task.callback_url, body, self._headers(task), CALLBACK_SECONDS
            )
            task.callback_answers.append(status)
            if status == 200:
                task.callbacks_sent += 1
                return
            await asyncio.sleep(2.0**attempt * self._account.time_scale)
        task.callback_refused = True

    def _headers(self, task: Task) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if self._account.hmac_key:
            stamp = str(int(time.time()))
            message = f"{task.id}.{stamp}".encode()
            digest = hmac.new(self._account.hmac_key.encode(), message, hashlib.sha256).digest()
            wrong = "bad_signature" in task.faults
            signature = base64.b64encode(b"wrong" if wrong else digest).decode()
            headers.update({"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": signature})
        return headers
