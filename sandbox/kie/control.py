"""Paths under /sandbox/ by which tests and people steer the simulator."""

from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.kie.lifecycle import end
from sandbox.kie.tasks import FAULTS, Fault, Task

if TYPE_CHECKING:
    from sandbox.kie.server import KieSandbox


def add_control_routes(router: web.UrlDispatcher, kie: "KieSandbox") -> None:
    """``GET /sandbox/state`` and ``POST /sandbox/{fault,account,finish,reset}``."""

    async def state(request: web.Request) -> web.Response:
        del request
        return web.json_response(
            {
                "credits": kie.credits,
                "tasks": [_task(task) for task in kie.tasks.values()],
                "calls": kie.calls,
                "violations": kie.violations,
            }
        )

    async def fault(request: web.Request) -> web.Response:
        given: dict[str, Any] = await request.json()
        if given.get("kind") not in FAULTS:
            return web.json_response({"error": f"no such fault; known: {FAULTS}"}, status=400)
        try:
            kie.faults.append(Fault(**given))
        except TypeError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"ok": True})

    async def account(request: web.Request) -> web.Response:
        given: dict[str, Any] = await request.json()
        known = {"credits", "api_key", "maintenance", "hmac_key", "limits_on", "time_scale"}
        if set(given) - known:
            return web.json_response({"error": f"known: {sorted(known)}"}, status=400)
        for name, value in given.items():
            setattr(kie, name, value)
        return web.json_response({"ok": True})

    async def finish(request: web.Request) -> web.Response:
        given: dict[str, Any] = await request.json()
        task = kie.tasks.get(str(given.get("task")))
        if task is None:
            return web.json_response({"error": "no such task"}, status=404)
        await end(kie, task)
        return web.json_response({"ok": True})

    router.add_get("/sandbox/state", state)
    router.add_post("/sandbox/fault", fault)
    router.add_post("/sandbox/account", account)
    router.add_post("/sandbox/finish", finish)


def _task(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "model": task.model,
        "prompt": task.prompt,
        "state": task.state,
        "polls": task.polls,
        "callback_url": task.callback_url,
        "callback_answers": task.callback_answers,
    }
