"""Paths under /sandbox/ by which tests and people steer the simulator."""

from typing import Any

from aiohttp import web

from sandbox.kie.account import Account
from sandbox.kie.answers import DIALECTS
from sandbox.kie.lifecycle import Lifecycle
from sandbox.kie.tasks import Fault, Task

ACCOUNT = {
    *("credits", "api_key", "maintenance", "hmac_key", "limits_on", "time_scale"),
    *("fetch_inputs", "withdrawn", "dialects", "file_seconds", "away"),
}


def add_control_routes(router: web.UrlDispatcher, owner: Account, lifecycle: Lifecycle) -> None:
    """``GET /sandbox/state`` and ``POST /sandbox/{fault,account,finish}``."""

    async def state(request: web.Request) -> web.Response:
        del request
        return web.json_response(
            {
                "credits": owner.credits,
                "tasks": [_task(task) for task in owner.tasks.values()],
                "calls": owner.calls,
                "uploads": [upload.public() for upload in owner.uploads.values()],
                "violations": owner.violations,
            }
        )

    async def fault(request: web.Request) -> web.Response:
        given: dict[str, Any] = await request.json()
        try:
            made = Fault(**given)
            made.check()
        except (TypeError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        owner.faults.append(made)
        return web.json_response({"ok": True})

    async def account(request: web.Request) -> web.Response:
        given: dict[str, Any] = await request.json()
        if set(given) - ACCOUNT:
            return web.json_response({"error": f"known: {sorted(ACCOUNT)}"}, status=400)
        if set(given.get("dialects", ())) - set(DIALECTS):
            return web.json_response({"error": f"known: {DIALECTS}"}, status=400)
        for name, value in given.items():
            setattr(owner, name, set(value) if isinstance(value, list) else value)
        return web.json_response({"ok": True})

    async def finish(request: web.Request) -> web.Response:
        given: dict[str, Any] = await request.json()
        task = owner.tasks.get(str(given.get("task")))
        if task is None:
            return web.json_response({"error": "no such task"}, status=404)
        await lifecycle.end(task)
        return web.json_response({"ok": True})

    router.add_get("/sandbox/state", state)
    router.add_post("/sandbox/fault", fault)
    router.add_post("/sandbox/account", account)
    router.add_post("/sandbox/finish", finish)


def _task(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "model": task.model,
        "kind": task.kind,
        "prompt": task.prompt,
        "input": dict(task.inputs),
        "price": task.price,
        "files": task.files,
        "state": task.state,
        "completed_ms": task.completed_ms,
        "polls": task.polls,
        "callback_url": task.callback_url,
        "callback_answers": task.callback_answers,
    }
