"""From the creation of a task to its last callback."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import aiohttp

from sandbox.kie.results import result_json
from sandbox.kie.tasks import Task

if TYPE_CHECKING:
    from sandbox.kie.server import KieSandbox

CALLBACK_SECONDS = 15.0
CALLBACK_RETRIES = 3


async def live(kie: "KieSandbox", task: Task) -> None:
    if "stuck" in task.faults:
        return
    await asyncio.sleep(max(0.0, task.ready_at - time.monotonic()))
    await end(kie, task)


async def end(kie: "KieSandbox", task: Task) -> None:
    """The task is over: give the credits of a failure back and call back."""
    if task.completed_ms is not None:
        return
    task.finish()
    if task.state == "fail":
        kie.credits = round(kie.credits + task.price, 4)
    await asyncio.sleep(float(task.faults.get("late_callback", 0)))
    for _ in range(int(task.faults.get("callbacks", 1))):
        await call_back(kie, task)


async def call_back(kie: "KieSandbox", task: Task) -> None:
    if task.callback_url is None or "no_callback" in task.faults or kie.http is None:
        return
    body = _callback_body(kie, task)
    for attempt in range(1 + CALLBACK_RETRIES):
        try:
            async with kie.http.post(
                task.callback_url,
                data=json.dumps(body),
                headers=_callback_headers(kie, task),
                timeout=aiohttp.ClientTimeout(CALLBACK_SECONDS),
            ) as response:
                task.callback_answers.append(response.status)
                if response.status == 200:
                    task.callbacks_sent += 1
                    return
        except (aiohttp.ClientError, TimeoutError):
            task.callback_answers.append(0)
        await asyncio.sleep(2.0**attempt * kie.time_scale)


def _callback_body(kie: "KieSandbox", task: Task) -> dict[str, Any]:
    data = task.record(result_json(task, kie.url), kie.dialects)
    failed = task.state == "fail" or "forged_callback" in task.faults
    if "forged_callback" in task.faults:
        data.update(state="fail", resultJson="", failCode="500", failMsg="forged")
    if "snake_callback" in task.faults:
        data["task_id"] = data.pop("taskId")
    if failed:
        return {"code": 501, "msg": "Playground task failed.", "data": data}
    return {"code": 200, "msg": "Playground task completed successfully.", "data": data}


def _callback_headers(kie: "KieSandbox", task: Task) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if kie.hmac_key:
        stamp = str(int(time.time()))
        message = f"{task.id}.{stamp}".encode()
        digest = hmac.new(kie.hmac_key.encode(), message, hashlib.sha256).digest()
        wrong = "bad_signature" in task.faults
        signature = base64.b64encode(b"wrong" if wrong else digest).decode()
        headers.update({"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": signature})
    return headers
