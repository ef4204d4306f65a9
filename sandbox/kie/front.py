"""The checks before every call, and the faults that may hit any call."""

import asyncio
import time
from collections import deque
from typing import Any

from aiohttp import web

from sandbox.broken_answers import cut, trickle
from sandbox.kie.account import Account
from sandbox.kie.tasks import Fault
from sandbox.proxy_answers import page

CREATES = (20, 10.0)  #: new tasks per seconds and account
QUERIES = (10, 1.0)  #: queries per second and key
#: Names that libraries give themselves; kie.ai's front refuses some of them.
_NAMELESS = ("python-requests", "python-urllib", "aiohttp", "Python/")


class Front:
    """Name of the client, key, maintenance and limits, in this order."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._windows: dict[str, deque[float]] = {"create": deque(), "query": deque()}

    async def json_body(self, request: web.Request) -> dict[str, Any]:
        """The body of a call; an empty one when it is no JSON object."""
        violations = self._account.violations
        if request.content_type != "application/json":
            violations.append(f"{request.path}: Content-Type {request.content_type}")
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            violations.append(f"{request.path}: the body is no JSON object")
            return {}
        return body

    async def stop(
        self,
        request: web.Request,
        call: str,
        limit: str | None,
        *,
        model: str = "",
        words: str = "",
    ) -> web.StreamResponse | None:
        """The answer that ends a call early: a fault or a refusal. None: the call goes on."""
        broken = await self.fault(request, call, model, words)
        return broken or self.refuse(request, limit)

    def refuse(self, request: web.Request, limit: str | None) -> web.StreamResponse | None:
        """The refusal of this call, or None. ``limit`` is create, query or nothing."""
        account = self._account
        agent = request.headers.get("User-Agent", "")
        if not agent or agent.startswith(_NAMELESS):
            account.violations.append(f"{request.path}: User-Agent {agent!r}")
            return web.Response(status=403, text="error code: 1010")
        if request.headers.get("Authorization") != f"Bearer {account.api_key}":
            return account.answer(401, "You do not have access permissions")
        if account.maintenance:
            code = 500 if account.maintenance is True else int(account.maintenance)
            return account.answer(
                code, "The server is currently being maintained, please try again later~"
            )
        if limit is not None and account.limits_on and self._over_limit(limit):
            return account.answer(429, "Your call frequency is too high. Please try again later.")
        return None

    async def fault(
        self,
        request: web.Request,
        call: str,
        model: str = "",
        words: str = "",
        *,
        after: bool = False,
    ) -> web.StreamResponse | None:
        """Faults of the call itself, in the order in which they can hit. None: there is none."""

        def take(kind: str) -> Fault | None:
            return self._account.take_fault(kind, call, model, words, after=after)

        if self._account.away:
            cut(request)
            return web.Response(status=503)
        slow = take("slow")
        if slow is not None:
            await asyncio.sleep(float(slow.value))
        if take("drop_before") is not None:
            cut(request)
            return web.Response(status=500)
        status = take("status")
        if status is not None:
            name = "nginx" if status.html else status.page
            code = int(status.value)
            return page(name, code) if name else web.Response(status=code, text="Bad Gateway")
        endless = take("slow_body")
        if endless is not None:
            return await trickle(request, float(endless.value))
        code_fault = take("code")
        if code_fault is not None:
            said = code_fault.message or "switched on by a test"
            return self._account.answer(int(code_fault.value), said)
        same = take("same_task")
        if same is not None:
            if same.value not in self._account.tasks:
                self._account.violations.append(f"{call}: same_task names no task")
            return self._account.answer(200, "success", {"taskId": same.value})
        return None

    async def done(
        self,
        request: web.Request,
        call: str,
        answer: web.Response,
        *,
        model: str = "",
        words: str = "",
    ) -> web.StreamResponse:
        """The answer to a call that was carried out, or what a fault makes of it."""
        broken = await self.fault(request, call, model, words, after=True)
        if broken is not None:
            return broken
        if self._account.take_fault("drop_after", call, model, words) is not None:
            cut(request)
        body = self._account.take_fault("body", call, model, words)
        if body is not None:
            text = str(body.value).replace("$ANSWER", answer.text or "")
            raw = text.encode("utf-8", "surrogatepass")
            return web.Response(body=raw, content_type="application/json")
        return answer

    def _over_limit(self, limit: str) -> bool:
        count, seconds = CREATES if limit == "create" else QUERIES
        window, now = self._windows[limit], time.monotonic()
        while window and window[0] <= now - seconds:
            window.popleft()
        if len(window) >= count:
            return True
        window.append(now)
        return False
