"""The HTTP side of the simulator: kie.ai's own paths."""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.broken import cut, trickle
from sandbox.kie.answers import answer
from sandbox.kie.control import add_control_routes
from sandbox.kie.jobs import Jobs
from sandbox.kie.results import add_result_routes
from sandbox.kie.tasks import Fault, Task
from sandbox.kie.uploads import FILE_SECONDS, Upload, Uploads

CREATES = (20, 10.0)  #: new tasks per seconds and account
QUERIES = (10, 1.0)  #: recordInfo calls per second and key
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
        self.maintenance: bool | int = False
        #: Whether files among the input must be there, and be of their kind.
        self.fetch_inputs = True
        self.withdrawn: set[str] = set()
        self.dialects: set[str] = set()
        self.file_seconds = FILE_SECONDS
        self.url = ""
        self.tasks: dict[str, Task] = {}
        self.faults: list[Fault] = []
        self.violations: list[str] = []
        self.calls: list[dict[str, Any]] = []
        self.uploads: dict[str, Upload] = {}
        self.limits_on = True
        self._windows: dict[str, deque[float]] = {"create": deque(), "query": deque()}
        self._background: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None
        self.http: aiohttp.ClientSession | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; returns the base URL. Raises ``OSError`` when the port is taken."""
        application = web.Application(client_max_size=128 * 1024 * 1024)
        router = application.router
        Jobs(self).add_routes(router)
        router.add_get("/api/v1/chat/credit", self._credit)
        add_result_routes(router, self)
        Uploads(self).add_routes(router)
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

    async def _credit(self, request: web.Request) -> web.StreamResponse:
        self.note("credit")
        refused = await self.call_fault(request, "credit", "", "") or self.refuse(request, None)
        whole = "integer_credits" in self.dialects
        return refused or self.answer(200, "success", int(self.credits) if whole else self.credits)

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        self.violations.append(f"unknown path {request.method} {request.path}")
        return self.answer(404, "Not Found", status=404)

    # ---------------------------------------------------- for the other modules --

    def answer(
        self, code: int, message: str, data: Any = None, *, status: int = 200
    ) -> web.Response:
        """kie.ai's envelope, in the dialect that is switched on."""
        return answer(code, message, data, status=status, dialects=self.dialects)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let ``work`` go on until ``stop``."""
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def note(self, call: str, **fields: Any) -> None:
        """Keep a call for the tests."""
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
            return self.answer(401, "You do not have access permissions")
        if self.maintenance:
            # True is 500; a number is the code itself.
            code = 500 if self.maintenance is True else int(self.maintenance)
            return self.answer(
                code, "The server is currently being maintained, please try again later~"
            )
        if kind is not None and self.limits_on and self._over_limit(kind):
            return self.answer(429, "Your call frequency is too high. Please try again later.")
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

    def take_fault(self, kind: str, call: str, model: str, prompt: str) -> Fault | None:
        """The first fault of that kind for this call; uses it up once."""
        for fault in self.faults:
            if fault.kind == kind and fault.matches(call, model, prompt):
                fault.times -= 1
                return fault
        return None

    async def call_fault(
        self, request: web.Request, call: str, model: str, prompt: str
    ) -> web.StreamResponse | None:
        """Faults of the call itself, in the order in which they can hit."""
        slow = self.take_fault("slow", call, model, prompt)
        if slow is not None:
            await asyncio.sleep(float(slow.value))
        if self.take_fault("drop_before", call, model, prompt) is not None:
            cut(request)
            return web.Response(status=500)
        status = self.take_fault("status", call, model, prompt)
        if status is not None:
            page = "<html><body>502 Bad Gateway</body></html>"
            kind = "text/html" if status.html else "text/plain"
            return web.Response(status=int(status.value), text=page, content_type=kind)
        endless = self.take_fault("slow_body", call, model, prompt)
        if endless is not None:
            return await trickle(request, float(endless.value))
        code = self.take_fault("code", call, model, prompt)
        if code is not None:
            return self.answer(int(code.value), code.message or "switched on by a test")
        return None
