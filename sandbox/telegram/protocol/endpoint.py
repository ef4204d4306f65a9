"""The HTTP side of the Bot API: ``/bot<token>/<method>`` and ``/file/bot<token>/<path>``."""

import json
import time
from collections.abc import Coroutine
from typing import Any

from aiohttp import web

from sandbox.broken_answers import cut, trickle
from sandbox.telegram.delivery.polling import Polling
from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.faults import Between, Cut, Faults, Trickle
from sandbox.telegram.protocol.methods import Methods
from sandbox.telegram.protocol.odd import answer_text
from sandbox.telegram.protocol.parameters import METHODS, read
from sandbox.telegram.state.nulls import with_nulls
from sandbox.telegram.state.store import State


class Endpoint:
    """Reads a call, lets faults strike, has the call carried out, writes it down."""

    def __init__(self, state: State, faults: Faults, methods: Methods, polling: Polling) -> None:
        self._state = state
        self._faults = faults
        self._methods = methods
        self._polling = polling

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_route("*", "/bot{token}/{method}", self._api)
        router.add_get("/file/bot{token}/{path:.+}", self._file)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """A file that getFile named; the URL carries the token, so nobody else may see it."""
        path = request.match_info["path"]
        note: dict[str, Any] = {"method": "download", "at": time.time(), "parameters": {}}

        async def content() -> web.StreamResponse:
            self._check_token(request)
            await self._faults.strike("download", None)
            stored, ends = self._state.files.paths.get(path, (None, 0.0))
            gone = stored is None or time.monotonic() > ends
            if stored is None or gone or self._state.files.local != "no":
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
        except Between as between:
            response = between.response()
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
            self._state.calls.append(note)
            self._state.events.tell(
                {"type": "call", "method": note["method"], "status": note["status"]}
            )

    def _check_token(self, request: web.Request) -> None:
        if request.match_info["token"] != self._state.token or self._state.revoked:
            raise ApiError(401, "Unauthorized")

    async def _answer(
        self, request: web.Request, method: str, note: dict[str, Any]
    ) -> web.StreamResponse:
        given = await _parameters(request)
        note["parameters"] = {name: _noted(value) for name, value in given.items()}
        self._check_token(request)
        if method not in METHODS:
            self._state.violations.append(f"unknown method {method}")
            raise ApiError(404, "Not Found: method not found")
        values = read(method, given, self._state.violations)
        chat_id = values.get("chat_id")
        await self._faults.strike(method, chat_id)
        result, description = await self._done(method, values)
        await self._faults.strike(method, chat_id, after=True)
        text = answer_text(self._faults, method, chat_id, result, description)
        # A test may put half a surrogate into an answer; Telegram's own answers have none.
        body = text.encode("utf-8", "surrogatepass")
        return web.Response(body=body, content_type="application/json")

    async def _done(self, method: str, values: dict[str, Any]) -> tuple[str, str]:
        """Result and description of a call that was carried out, as JSON."""
        if method == "getUpdates":
            updates = await self._polling.get_updates(values)
            return f"[{', '.join(updates)}]", ""
        result = await self._methods.call(method, values)
        result, description = result if isinstance(result, tuple) else (result, "")
        nulls = self._state.updates.nulls
        return json.dumps(with_nulls(result) if nulls else result), description


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
        many = items if isinstance(items, list) else [items]
        read = [{name: resolve(value) for name, value in item.items()} for item in many]
        resolved["media"] = read if isinstance(items, list) else read[0]
    return {name: value for name, value in resolved.items() if name not in used}
