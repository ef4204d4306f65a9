"""The HTTP side of the simulator: kie.ai's own paths."""

import asyncio
import time
from collections import deque
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.kie import schema
from sandbox.kie.lifecycle import call_back, live
from sandbox.kie.picture import draw
from sandbox.kie.tasks import Fault, Task

CREATES = (20, 10.0)  #: new tasks per seconds and account
QUERIES = (10, 1.0)  #: recordInfo calls per second and key
LINK_SECONDS = 24 * 3600.0
#: Names that libraries give themselves; kie.ai's front refuses some of them.
_NAMELESS = ("python-requests", "python-urllib", "aiohttp", "Python/")


class KieSandbox:
    """One account on one port. See the package for what is strict and what can be switched."""

    def __init__(
        self, api_key: str, *, time_scale: float = 1.0, credits: float = 1000.0, hmac_key: str = ""
    ) -> None:
        self.api_key = api_key
        self.time_scale = time_scale
        self.credits = credits
        self.hmac_key = hmac_key
        self.maintenance = False
        self.url = ""
        self.tasks: dict[str, Task] = {}
        self.faults: list[Fault] = []
        self.violations: list[str] = []
        self.calls: list[dict[str, Any]] = []
        self.uploads: dict[str, bytes] = {}
        self.limits_on = True
        self._windows: dict[str, deque[float]] = {"create": deque(), "query": deque()}
        self._background: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None
        self.http: aiohttp.ClientSession | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; returns the base URL. Raises ``OSError`` when the port is taken."""
        from sandbox.kie.control import add_control_routes
        from sandbox.kie.files import add_file_routes, add_upload_routes

        application = web.Application(client_max_size=128 * 1024 * 1024)
        router = application.router
        router.add_post("/api/v1/jobs/createTask", self._create)
        router.add_get("/api/v1/jobs/recordInfo", self._record)
        router.add_get("/api/v1/chat/credit", self._credit)
        router.add_get("/r/{name}", self._result)
        add_file_routes(router, self)
        add_upload_routes(router, self)
        add_control_routes(router, self)
        router.add_route("*", "/{rest:.*}", self._unknown)
        self.http = aiohttp.ClientSession()
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        try:
            await site.start()
        except OSError:
            await self.stop()
            raise
        bound = self._runner.addresses[0][1]
        self.url = f"http://{host}:{bound}"
        return self.url

    async def stop(self) -> None:
        for task in tuple(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        if self.http is not None:
            await self.http.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # ------------------------------------------------------------ the calls --

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = await self.json_body(request)
        model_id = str(body.get("model", ""))
        given = body.get("input")
        prompt = str(given.get("prompt", "")) if isinstance(given, dict) else ""
        self._note("createTask", model=model_id, prompt=prompt)
        broken = await self._call_fault(request, "createTask", model_id, prompt)
        if broken is not None:
            return broken
        refused = self.refuse(request, "create")
        if refused is not None:
            return refused
        unknown = set(body) - {"model", "input", "callBackUrl", "progressCallBackUrl"}
        if unknown:
            self.violations.append(f"createTask: unknown fields {sorted(unknown)}")
        if not model_id:
            return answer(422, "model is required")
        try:
            model = schema.check(model_id, given)
        except schema.Refusal as refusal:
            return answer(refusal.code, refusal.message)
        if self.credits < model.price:
            return answer(
                402,
                "Credits insufficient : Your current balance isn’t enough to run this request."
                " Please top up to continue.",
            )
        self.credits -= model.price
        task = self._new_task(body, model, prompt)
        if "early_callback" in task.faults:
            task.finish()
            await call_back(self, task)
        else:
            self._spawn(live(self, task))
        if self._take_fault("drop_after", "createTask", model_id, prompt) is not None:
            _cut(request)
        return answer(200, "success", {"taskId": task.id, "recordId": task.id})

    async def _record(self, request: web.Request) -> web.StreamResponse:
        task_id = request.query.get("taskId", "")
        task = self.tasks.get(task_id)
        self._note("recordInfo", task=task_id)
        prompt = task.prompt if task is not None else ""
        broken = await self._call_fault(request, "recordInfo", "", prompt)
        if broken is not None:
            return broken
        refused = self.refuse(request, "query")
        if refused is not None:
            return refused
        if set(request.query) - {"taskId"}:
            self.violations.append(f"recordInfo: unknown parameters {sorted(request.query)}")
        if not task_id:
            return answer(400, "taskId parameter is required")
        if task is None:
            return answer(422, "recordInfo is null")
        task.polls += 1
        if time.monotonic() - task.created_at < float(task.faults.get("fresh_gap", 0)):
            return answer(422, "recordInfo is null")
        outer = task.faults.get("outer_code")
        if outer is not None and task.state == "fail":
            return answer(int(outer), "Generation Failed", task.record(self.url))
        return answer(200, "success", task.record(self.url))

    async def _credit(self, request: web.Request) -> web.StreamResponse:
        self._note("credit")
        broken = await self._call_fault(request, "credit", "", "")
        return broken or self.refuse(request, None) or answer(200, "success", self.credits)

    async def _result(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.get(request.match_info["name"].removesuffix(".png"))
        if task is None or task.completed_ms is None or "expired" in task.faults:
            return web.Response(status=404)
        age = time.time() - task.completed_ms / 1000
        if age < float(task.faults.get("late_link", 0)) or age > LINK_SECONDS:
            return web.Response(status=404)
        picture = await asyncio.to_thread(
            draw, task.prompt, str(task.inputs.get("aspect_ratio", "1:1"))
        )
        return web.Response(body=picture, content_type="image/png")

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        self.violations.append(f"unknown path {request.method} {request.path}")
        return answer(404, "Not Found", status=404)

    # ------------------------------------------------------------ life time --

    def _new_task(self, body: dict[str, Any], model: schema.MarketModel, prompt: str) -> Task:
        found: dict[str, Any] = {}
        for fault in self.faults:
            if fault.kind not in _CALL_FAULTS and fault.matches(
                "createTask", body["model"], prompt
            ):
                found[fault.kind] = fault.value
                fault.times -= 1
        task = Task(
            model=body["model"],
            inputs=body["input"],
            callback_url=body.get("callBackUrl"),
            price=model.price,
            ready_at=time.monotonic() + model.seconds * self.time_scale,
            faults=found,
        )
        self.tasks[task.id] = task
        return task

    # ------------------------------------------------------------- internal --

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _note(self, call: str, **fields: Any) -> None:
        self.calls.append({"call": call, "at": time.time(), **fields})

    async def json_body(self, request: web.Request) -> dict[str, Any]:
        if request.content_type != "application/json":
            self.violations.append(f"{request.path}: Content-Type {request.content_type}")
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            self.violations.append(f"{request.path}: the body is no JSON object")
            return {}
        return body

    def refuse(self, request: web.Request, kind: str | None) -> web.StreamResponse | None:
        """The checks that come before every call: name, key, maintenance, limits."""
        agent = request.headers.get("User-Agent", "")
        if not agent or agent.startswith(_NAMELESS):
            self.violations.append(f"{request.path}: User-Agent {agent!r}")
            return web.Response(status=403, text="error code: 1010")
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            return answer(401, "You do not have access permissions")
        if self.maintenance:
            return answer(500, "The server is currently being maintained, please try again later~")
        if kind is not None and self.limits_on and self._over_limit(kind):
            return answer(429, "Your call frequency is too high. Please try again later.")
        return None

    def _over_limit(self, kind: str) -> bool:
        count, seconds = CREATES if kind == "create" else QUERIES
        window, now = self._windows[kind], time.monotonic()
        while window and window[0] <= now - seconds:
            window.popleft()
        if len(window) >= count:
            return True
        window.append(now)
        return False

    def _take_fault(self, kind: str, call: str, model: str, prompt: str) -> Fault | None:
        for fault in self.faults:
            if fault.kind == kind and fault.matches(call, model, prompt):
                fault.times -= 1
                return fault
        return None

    async def _call_fault(
        self, request: web.Request, call: str, model: str, prompt: str
    ) -> web.StreamResponse | None:
        """Faults of the call itself, in the order in which they can hit."""
        slow = self._take_fault("slow", call, model, prompt)
        if slow is not None:
            await asyncio.sleep(float(slow.value))
        if self._take_fault("drop_before", call, model, prompt) is not None:
            _cut(request)
            return web.Response(status=500)
        status = self._take_fault("status", call, model, prompt)
        if status is not None:
            page = "<html><body>502 Bad Gateway</body></html>"
            kind = "text/html" if status.html else "text/plain"
            return web.Response(status=int(status.value), text=page, content_type=kind)
        trickle = self._take_fault("slow_body", call, model, prompt)
        if trickle is not None:
            return await _trickle(request, float(trickle.value))
        code = self._take_fault("code", call, model, prompt)
        if code is not None:
            return answer(int(code.value), code.message or "switched on by a test")
        return None


_CALL_FAULTS = {"slow", "slow_body", "drop_before", "drop_after", "status", "code"}


def answer(code: int, message: str, data: Any = None, *, status: int = 200) -> web.Response:
    return web.json_response({"code": code, "msg": message, "data": data}, status=status)


def _cut(request: web.Request) -> None:
    """End the connection without an answer; what is returned afterwards goes nowhere."""
    if request.transport is not None:
        request.transport.abort()


async def _trickle(request: web.Request, seconds: float) -> web.StreamResponse:
    """An answer whose end does not come: a limit per read never strikes."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    ends = time.monotonic() + seconds
    try:
        while time.monotonic() < ends:
            await response.write(b" ")
            await asyncio.sleep(min(1.0, max(0.0, ends - time.monotonic())))
    except ConnectionError:
        return response
    _cut(request)
    return response
