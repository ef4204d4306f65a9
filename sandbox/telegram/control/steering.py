"""``POST /sandbox/<action>``: what the page and the tests do."""

import base64
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.telegram.control.options import Options
from sandbox.telegram.faults import KINDS, Fault, Faults
from sandbox.telegram.state.store import State
from sandbox.telegram.users.actions import Actions


class Steering:
    """Speaks JSON. A mistake of the caller is 400 with a sentence."""

    def __init__(self, state: State, actions: Actions, faults: Faults, options: Options) -> None:
        self._state = state
        self._actions = actions
        self._faults = faults
        self._options = options

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/sandbox/{action}", self._act)

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
        user = self._state.add_user(given["first_name"], given["language_code"])
        return user.as_api()

    def _say(self, given: dict[str, Any]) -> Any:
        return self._actions.say(given["user"], given["text"])

    def _send(self, given: dict[str, Any]) -> Any:
        user, caption = given["user"], given.get("caption", "")
        return self._actions.send(user, caption=caption, **_file(given))

    def _album(self, given: dict[str, Any]) -> Any:
        items = [_file(item) for item in given["items"]]
        return self._actions.album(given["user"], items, given.get("caption", ""))

    def _press(self, given: dict[str, Any]) -> Any:
        actions, state = self._actions, self._state
        query = actions.press(given["user"], given["message_id"], given["data"])
        if given.get("twice"):
            message = state.messages[given["user"]][given["message_id"]]
            actions.press_again(query, state.users[given["user"]], message, given["data"])
        return {"id": query}

    def _checkout(self, given: dict[str, Any]) -> Any:
        user, payload, stars = given["user"], given["payload"], given["stars"]
        return {"id": self._actions.checkout(user, payload, stars)}

    def _pay(self, given: dict[str, Any]) -> Any:
        where = {name: given[name] for name in ("message_id", "link", "owner") if name in given}
        return {"id": self._actions.pay(given["user"], **where)}

    def _chargeback(self, given: dict[str, Any]) -> Any:
        self._actions.charge_back(given["charge_id"])
        return {"ok": True}

    def _again(self, given: dict[str, Any]) -> Any:
        self._state.updates.deliver_again(given["update_id"])
        return {"ok": True}

    def _block(self, given: dict[str, Any]) -> Any:
        self._actions.block(given["user"], blocked=given["blocked"])
        return {"ok": True}

    def _raw(self, given: dict[str, Any]) -> Any:
        return {"update_id": self._actions.raw(**given)}

    def _fault(self, given: dict[str, Any]) -> Any:
        if given.get("kind") not in KINDS:
            raise ValueError(f"no such fault; known: {KINDS}")
        self._faults.active.append(Fault(**given))
        return {"ok": True}

    def _option(self, given: dict[str, Any]) -> Any:
        self._options.set(given)
        return {"ok": True}


def _file(given: dict[str, Any]) -> dict[str, Any]:
    """``kind``, ``content`` (Base64; none: a sample), ``name``, ``size`` (filled up to it)."""
    content = base64.b64decode(given.get("content", ""), validate=True)
    name, size = given.get("name", ""), given.get("size", 0)
    return {"kind": given["kind"], "content": content, "name": name, "size": size}
