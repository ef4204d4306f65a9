"""The HTTP side: ``/bot<token>/<method>``, ``/file/bot<token>/<path>``, control and page."""

import json
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.broken import cut, trickle
from sandbox.telegram.actions import Actions
from sandbox.telegram.control import Control
from sandbox.telegram.delivery import Delivery
from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.faults import Cut, Faults, Html, Trickle
from sandbox.telegram.limits import FloodLimits
from sandbox.telegram.media import Media
from sandbox.telegram.methods import Methods
from sandbox.telegram.parameters import METHODS, read
from sandbox.telegram.state import State

PAGE = Path(__file__).resolve().parents[1] / "page"
_PRESET = (("Анна", "ru"), ("Ben", "en"), ("Chen", "en"))


class TelegramSandbox:
    """One bot on one port. See the package for what is strict and what can be switched."""

    def __init__(
        self,
        token: str,
        *,
        username: str = "trt_demo_bot",
        name: str = "TRT Demo",
        time_scale: float = 1.0,
        health_url: str = "",
    ) -> None:
        bot = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": name,
            "username": username,
        }
        self.state = State(token, bot)
        self.limits = FloodLimits()
        self.faults = Faults()
        self.delivery = Delivery(self.state, time_scale=time_scale)
        self.actions = Actions(self.state)
        self.url = ""
        self._methods = Methods(self.state, self.limits, Media(self.state))
        self._control = Control(self, health_url)
        self._runner: web.AppRunner | None = None
        for first_name, language in _PRESET:
            self.state.add_user(first_name, language)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; returns the base URL. Raises ``OSError`` when the port is taken."""
        application = web.Application(client_max_size=64 * 1024 * 1024)
        router = application.router
        router.add_route("*", "/bot{token}/{method}", self._api)
        router.add_get("/file/bot{token}/{path:.+}", self._file)
        self._control.add_routes(router)
        router.add_get("/", self._page)
        router.add_static("/page/", PAGE)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await self.delivery.start()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        self.url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        self._control.stop()
        await self.delivery.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _page(self, request: web.Request) -> web.StreamResponse:
        del request
        return web.FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-store"})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """A file that getFile named; the URL carries the token, so nobody else may see it."""
        path = request.match_info["path"]
        note: dict[str, Any] = {"method": "download", "at": time.time(), "parameters": {}}

        async def content() -> web.StreamResponse:
            self._check_token(request)
            await self.faults.strike("download", None)
            stored, ends = self.state.paths.get(path, (None, 0.0))
            if stored is None or time.monotonic() > ends:
                raise ApiError(404, "Not Found")
            return web.Response(body=stored.content, content_type="application/octet-stream")

        return await self._guarded(request, note, content())

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        note: dict[str, Any] = {"method": method, "at": time.time()}
        return await self._guarded(request, note, self._answer(request, method, note))

    async def _guarded(
        self,
        request: web.Request,
        note: dict[str, Any],
        work: Coroutine[Any, Any, web.StreamResponse],
    ) -> web.StreamResponse:
        """The answer of ``work``, or what a refusal or a fault makes of it."""
        response: web.StreamResponse
        try:
            response = await work
        except ApiError as error:
            response = web.json_response(error.as_body(), status=error.code)
        except Html as page:
            response = web.Response(
                status=page.status, text="<html>502 Bad Gateway</html>", content_type="text/html"
            )
        except Trickle as endless:
            note["status"] = 0
            self._record(note)
            return await trickle(request, endless.seconds)
        except Cut:
            note["status"] = 0
            self._record(note)
            cut(request)
            return web.Response(status=500)
        note["status"] = response.status
        self._record(note)
        return response

    def _record(self, note: dict[str, Any]) -> None:
        if note["method"] != "getUpdates" or note["status"] != 200:
            self.state.calls.append(note)
            self.state.tell({"type": "call", "method": note["method"], "status": note["status"]})

    def _check_token(self, request: web.Request) -> None:
        if request.match_info["token"] != self.state.token or self.state.revoked:
            raise ApiError(401, "Unauthorized")

    async def _answer(
        self, request: web.Request, method: str, note: dict[str, Any]
    ) -> web.StreamResponse:
        given = await _parameters(request)
        note["parameters"] = {name: _noted(value) for name, value in given.items()}
        self._check_token(request)
        if method not in METHODS:
            self.state.violations.append(f"unknown method {method}")
            raise ApiError(404, "Not Found: method not found")
        values = read(method, given, self.state.violations)
        chat_id = values.get("chat_id")
        await self.faults.strike(method, chat_id)
        result: Any
        if method == "getUpdates":
            result = await self.delivery.get_updates(values)
        else:
            result = await self._methods.call(method, values)
        if self.faults.take("drop_after", method, chat_id) is not None:
            raise Cut
        if isinstance(result, tuple):
            body = {"ok": True, "result": result[0], "description": result[1]}
            return web.json_response(body)
        return web.json_response({"ok": True, "result": result})


def _noted(value: Any) -> Any:
    """A parameter as the list of calls shows it."""
    if isinstance(value, tuple):
        return f"<{len(value[1])} bytes>"
    if isinstance(value, list):
        return [_noted(item) for item in value]
    if isinstance(value, dict):
        return {name: _noted(item) for name, item in value.items()}
    return value


async def _parameters(request: web.Request) -> dict[str, Any]:
    """The parameters of a call, however they were sent. Files become (name, bytes)."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json" and request.can_read_body:
        body = await request.json()
        if not isinstance(body, dict):
            raise bad_request("object expected")
        return {**found, **body}
    form = await request.post()
    for name, value in form.items():
        if isinstance(value, web.FileField):
            found[name] = (value.filename, value.file.read())
        else:
            found[name] = value
    return _attached(found)


def _attached(found: dict[str, Any]) -> dict[str, Any]:
    """``attach://x`` names the part that holds the file; the parts are no parameters."""
    used: set[str] = set()

    def resolve(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("attach://"):
            name = value.removeprefix("attach://")
            if isinstance(found.get(name), tuple):
                used.add(name)
                return found[name]
        return value

    resolved = {name: resolve(value) for name, value in found.items()}
    if isinstance(found.get("media"), str) and "attach://" in found["media"]:
        try:
            items = json.loads(found["media"])
        except ValueError:
            raise bad_request("can't parse media JSON object") from None
        resolved["media"] = [
            {name: resolve(value) for name, value in item.items()} for item in items
        ]
    return {name: value for name, value in resolved.items() if name not in used}
