"""What recordInfo and the callback say about a task of the market."""

import json
from collections.abc import Set
from typing import Any

from sandbox.kie.tasks import Task


def record(task: Task, result: str, dialects: Set[str]) -> dict[str, Any]:
    """``data`` of recordInfo and of the callback: every key in every state."""
    done = task.completed_ms is not None
    cost = (task.completed_ms or 0) - task.created_ms
    inputs = dict(task.inputs)
    given = inputs if "param_object" in dialects else json.dumps(inputs, sort_keys=True)
    param: dict[str, Any] = {"model": task.model, "input": given}
    if task.callback_url is not None:
        param["callBackUrl"] = task.callback_url
    none = "" if "empty_errors" in dialects else None
    found: dict[str, Any] = {
        "taskId": task.id,
        "model": task.model,
        "state": task.state,
        "param": json.dumps(param),
        "resultJson": result if task.state == "success" else "",
        "failCode": task.fail_code or none,
        "failMsg": task.fail_message or none,
        "costTime": (cost if "cost_ms" in dialects else cost // 1000) if done else None,
        "completeTime": task.completed_ms,
        "createTime": task.created_ms,
    }
    if "no_credits_consumed" not in dialects:
        usual = task.price if task.state == "success" else 0.0
        found["creditsConsumed"] = task.faults.get("consumed", usual)
    if "update_time" in dialects:
        found["updateTime"] = task.completed_ms or task.created_ms
    return found


def callback_body(task: Task, result: str, dialects: Set[str]) -> dict[str, Any]:
    """The body of a callback, with the faults of the task."""
    data = record(task, result, dialects)
    failed = task.state == "fail" or "forged_callback" in task.faults
    if "forged_callback" in task.faults:
        data.update(state="fail", resultJson="", failCode="500", failMsg="forged")
    if "snake_callback" in task.faults:
        data["task_id"] = data.pop("taskId")
    if failed:
        return {"code": 501, "msg": "Playground task failed.", "data": data}
    return {"code": 200, "msg": "Playground task completed successfully.", "data": data}
