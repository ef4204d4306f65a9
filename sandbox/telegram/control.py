"""Paths under ``/sandbox/``: what the page and the tests do and see."""

import asyncio
import base64
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from sandbox.telegram.faults import KINDS, Fault

if TYPE_CHECKING:
    from sandbox.telegram.server import TelegramSandbox

OPTIONS = {
    *("revoked", "flood", "route", "time_scale", "lives", "next_update_id"),
    *("scarce_connections", "gone_since", "deactivated", "answer_seconds"),
}


class Control:
    """Speaks JSON. A mistake of the caller is 400 with a sentence."""

    def __init__(self, sandbox: "TelegramSandbox", health_url: str) -> None:
        self._sandbox = sandbox
        self._health_url = health_url
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End the streams of the page."""
        self._stopping.set()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/sandbox/state", self._state)
        router.add_get("/sandbox/events", self._events)
        router.add_get("/sandbox/instance", self._instance)
        router.add_get("/sandbox/media/{file_id}", self._media)
        router.add_post("/sandbox/{action}", self._act)

    async def _state(self, request: web.Request) -> web.Response:
        del request
        state = self._sandbox.state
        return web.json_response(
            {
                "bot": state.bot,
                "users": [
                    {**user.as_api(), "blocked": user.blocked} for user in state.users.values()
                ],
                "messages": {
                    user_id: list(messages.values()) for user_id, messages in state.messages.items()
                },
                "presses": [
                    {
                        "id": press.id,
                        "user": press.user_id,
                        "answered": press.answered,
                        "text": press.text,
                        "seconds": press.answered_after,
                    }
                    for press in state.presses.values()
                ],
                "checkouts": [
                    {"id": asked.id, "ok": asked.ok, "seconds": asked.answered_after}
                    for asked in state.checkouts.values()
                ],
                "payments": [
                    {**payment.as_api(), "user": payment.user_id, "refunded": payment.refunded}
                    for payment in state.purse.payments.values()
                ],
                "last_update_id": state.history[-1].id if state.history else None,
                "commands": state.commands,
                "pending": len(state.pending),
                "webhook": {"url": state.webhook.url, "allowed": state.webhook.allowed},
                "tries": self._sandbox.delivery.tries,
                "calls": state.calls,
                "violations": state.violations,
            }
        )

    def actions(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        """What can be POSTed to ``/sandbox/<name>``."""
        return {
            "user": self._user,
            "say": self._say,
            "send": self._send,
            "album": self._album,
            "press": self._press,
            "checkout": self._checkout,
            "pay": self._pay,
            "chargeback": self._chargeback,
            "again": self._again,
            "block": self._block,
            "raw": self._raw,
            "fault": self._fault,
            "options": self._option,
        }

    async def _act(self, request: web.Request) -> web.Response:
        actions = self.actions()
        action = actions.get(request.match_info["action"])
        if action is None:
            return web.json_response({"error": f"known: {sorted(actions)}"}, status=404)
        try:
            given = await request.json()
            return web.json_response(action(given))
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    def _user(self, given: dict[str, Any]) -> Any:
        user = self._sandbox.state.add_user(given["first_name"], given["language_code"])
        return user.as_api()

    def _say(self, given: dict[str, Any]) -> Any:
        return self._sandbox.actions.say(given["user"], given["text"])

    def _send(self, given: dict[str, Any]) -> Any:
        user, caption = given["user"], given.get("caption", "")
        return self._sandbox.actions.send(user, caption=caption, **_file(given))

    def _album(self, given: dict[str, Any]) -> Any:
        items = [_file(item) for item in given["items"]]
        return self._sandbox.actions.album(given["user"], items, given.get("caption", ""))

    def _press(self, given: dict[str, Any]) -> Any:
        actions, state = self._sandbox.actions, self._sandbox.state
        query = actions.press(given["user"], given["message_id"], given["data"])
        if given.get("twice"):
            message = state.messages[given["user"]][given["message_id"]]
            actions.press_again(query, state.users[given["user"]], message, given["data"])
        return {"id": query}

    def _checkout(self, given: dict[str, Any]) -> Any:
        user, payload, stars = given["user"], given["payload"], given["stars"]
        return {"id": self._sandbox.actions.checkout(user, payload, stars)}

    def _pay(self, given: dict[str, Any]) -> Any:
        where = {name: given[name] for name in ("message_id", "link", "owner") if name in given}
        return {"id": self._sandbox.actions.pay(given["user"], **where)}

    def _chargeback(self, given: dict[str, Any]) -> Any:
        self._sandbox.actions.charge_back(given["charge_id"])
        return {"ok": True}

    def _again(self, given: dict[str, Any]) -> Any:
        self._sandbox.state.deliver_again(given["update_id"])
        return {"ok": True}

    def _block(self, given: dict[str, Any]) -> Any:
        self._sandbox.actions.block(given["user"], blocked=given["blocked"])
        return {"ok": True}

    def _raw(self, given: dict[str, Any]) -> Any:
        return {"update_id": self._sandbox.actions.raw(**given)}

    def _fault(self, given: dict[str, Any]) -> Any:
        if given.get("kind") not in KINDS:
            raise ValueError(f"no such fault; known: {KINDS}")
        self._sandbox.faults.active.append(Fault(**given))
        return {"ok": True}

    def _option(self, given: dict[str, Any]) -> Any:
        if set(given) - OPTIONS:
            raise ValueError(f"known: {sorted(OPTIONS)}")
        if "revoked" in given:
            self._sandbox.state.revoked = given["revoked"]
        if "flood" in given:
            self._sandbox.limits.enabled = given["flood"]
        if "route" in given:
            self._sandbox.delivery.route = given["route"]
        if "lives" in given:
            self._sandbox.state.lives.update(given["lives"])
        if "next_update_id" in given:
            self._sandbox.state.restart_update_ids(given["next_update_id"])
        if "scarce_connections" in given:
            self._sandbox.delivery.connecting.enabled = given["scarce_connections"]
        if "gone_since" in given:
            # So many seconds ago the webhook began to answer nothing but 410.
            self._sandbox.state.webhook.gone_since = time.monotonic() - given["gone_since"]
        if "deactivated" in given:
            self._sandbox.state.users[given["deactivated"]].deactivated = True
        if "answer_seconds" in given:
            self._sandbox.delivery.answer_seconds = given["answer_seconds"]
        if "time_scale" in given:
            self._sandbox.delivery.time_scale = given["time_scale"]
        return {"ok": True}

    async def _media(self, request: web.Request) -> web.Response:
        stored = self._sandbox.state.files.get(request.match_info["file_id"])
        if stored is None:
            return web.Response(status=404)
        return web.Response(
            body=stored.content,
            content_type=stored.mime,
            headers={"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"},
        )

    async def _instance(self, request: web.Request) -> web.Response:
        """The health of the instance, for the panel beside the chat."""
        del request
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(2)) as session,
                session.get(self._health_url) as answer,
            ):
                return web.json_response(await answer.json())
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return web.json_response({"state": "AWAY", "status": "failing"})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: everything that changes, as it changes."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        queue = self._sandbox.state.listen()
        try:
            await response.write(b"retry: 1000\n\n")
            while not self._stopping.is_set():
                try:
                    event = await asyncio.wait_for(queue.get(), 1.0)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                await response.write(f"data: {json.dumps(event)}\n\n".encode())
        except (ConnectionError, aiohttp.ClientError):
            return response
        finally:
            self._sandbox.state.forget(queue)
        return response


def _file(given: dict[str, Any]) -> dict[str, Any]:
    """``kind``, ``content`` (Base64; none: a sample), ``name``, ``size`` (filled up to it)."""
    content = base64.b64decode(given.get("content", ""), validate=True)
    name, size = given.get("name", ""), given.get("size", 0)
    return {"kind": given["kind"], "content": content, "name": name, "size": size}
