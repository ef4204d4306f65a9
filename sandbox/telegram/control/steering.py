"""``POST /sandbox/<action>``: what the page and the tests do."""

import base64
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.telegram.control.options import Options
from sandbox.telegram.faults import Fault, Faults
from sandbox.telegram.protocol.parameters import METHODS
from sandbox.telegram.state.profile import scope_key
from sandbox.telegram.state.store import State
from sandbox.telegram.users.asking import Asking
from sandbox.telegram.users.membership import Membership
from sandbox.telegram.users.places import Where
from sandbox.telegram.users.speaking import Speaking

Given = dict[str, Any]
_PLACE = {"chat", "thread", "reply_to", "anonymous", "as_channel", "forward"}


class Steering:
    """Speaks JSON. A mistake of the caller is 400 with a sentence."""

    def __init__(
        self,
        state: State,
        people: tuple[Speaking, Asking, Membership],
        faults: Faults,
        options: Options,
    ) -> None:
        self._state = state
        self._speaking, self._asking, self._membership = people
        self._faults = faults
        self._options = options

    def add_routes(self, router: web.UrlDispatcher) -> None:
        # Behind a guest's own: without one the page shows the chat alone.
        router.add_get("/sandbox/stage", self._no_stage)
        router.add_post("/sandbox/{action}", self._act)

    def actions(self) -> dict[str, Callable[[Given], Any]]:
        """What can be POSTed to ``/sandbox/<name>``."""
        speaking, asking, membership = self._speaking, self._asking, self._membership
        return {
            "user": self._user,
            "say": lambda g: speaking.say(g["user"], g["text"], self._where(g, {"text"})),
            "send": self._send,
            "album": self._album,
            "rich": self._rich,
            "edit": lambda g: speaking.edit(
                g["user"], g["message_id"], g["text"], g.get("chat", 0)
            ),
            "delete": _quiet(
                lambda g: speaking.delete(g["user"], g["message_id"], g.get("chat", 0))
            ),
            "raw": lambda g: {"update_id": speaking.raw(**g)},
            "press": self._press,
            "checkout": lambda g: {"id": asking.checkout(g["user"], g["payload"], g["stars"])},
            "pay": self._pay,
            "subscribed": lambda g: {
                "charge_id": asking.subscribed(g["user"], g["payload"], g["stars"])
            },
            "renew": lambda g: {"charge_id": asking.renew(g["charge_id"])},
            "subscription": _quiet(
                lambda g: asking.change_subscription(g["charge_id"], g["state"])
            ),
            "chargeback": _quiet(lambda g: asking.charge_back(g["charge_id"])),
            "inline": self._inline,
            "choose": lambda g: asking.choose(g["query"], g["result"], g.get("chat", 0)),
            "block": _quiet(lambda g: membership.block(g["user"], blocked=g["blocked"])),
            "group": lambda g: membership.group(**g).as_chat(),
            "topic": lambda g: {"thread": membership.topic(g["chat"], g["name"])},
            "close_topic": _quiet(lambda g: membership.close_topic(g["chat"], g["thread"])),
            "bot_in_group": _quiet(lambda g: membership.bot_in_group(g["chat"], g["status"])),
            "migrate": lambda g: membership.migrate(g["chat"]).as_chat(),
            "commands": self._commands,
            "reply_keyboard": self._reply_keyboard,
            "again": _quiet(lambda g: self._state.updates.deliver_again(g["update_id"])),
            "fault": self._fault,
            "options": _quiet(lambda g: self._options.set(g)),
        }

    async def _no_stage(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"on": False})

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

    def _where(self, given: Given, others: set[str]) -> Where:
        """The place of a message. An unknown name is a mistake."""
        unknown = set(given) - _PLACE - others - {"user"}
        if unknown:
            raise ValueError(f"unknown: {sorted(unknown)}")
        return Where.of(given)

    def _user(self, given: Given) -> Any:
        user = self._state.add_user(given["first_name"], given["language_code"])
        return user.as_api()

    def _send(self, given: Given) -> Any:
        where = self._where(given, {"caption", *_FILE})
        caption = given.get("caption", "")
        return self._speaking.send(given["user"], caption=caption, where=where, **_file(given))

    def _album(self, given: Given) -> Any:
        where = self._where(given, {"items", "caption", "captions"})
        items = [_file(item) for item in given["items"]]
        captions = given.get("captions") or [given.get("caption", "")]
        return self._speaking.album(given["user"], items, captions, where)

    def _rich(self, given: Given) -> Any:
        where = self._where(given, {"text", "photos", "blocks"})
        content = {name: given[name] for name in ("text", "photos", "blocks") if name in given}
        return self._speaking.rich(given["user"], where=where, **content)

    def _press(self, given: Given) -> Any:
        user, chat = given["user"], given.get("chat", 0)
        query = self._asking.press(user, given["message_id"], given["data"], chat)
        if given.get("twice"):
            message = self._state.messages[chat or user][given["message_id"]]
            self._asking.press_again(query, self._state.users[user], message, given["data"])
        return {"id": query}

    def _pay(self, given: Given) -> Any:
        where = {name: given[name] for name in ("message_id", "link", "owner") if name in given}
        return {"id": self._asking.pay(given["user"], **where)}

    def _inline(self, given: Given) -> Any:
        options = {name: given[name] for name in ("offset", "chat_type") if name in given}
        return {"id": self._asking.inline(given["user"], given["text"], **options)}

    def _commands(self, given: Given) -> Any:
        """Commands that an earlier bot with this token left behind."""
        key = scope_key(given.get("scope")), given.get("language_code", "")
        self._state.profile.commands[key] = given["commands"]
        return {"ok": True}

    def _reply_keyboard(self, given: Given) -> Any:
        """Buttons that an earlier bot with this token left in place of a chat's keyboard."""
        self._state.profile.reply_keyboards[given["chat"]] = given["rows"]
        return {"ok": True}

    def _fault(self, given: Given) -> Any:
        fault = Fault(**given)
        fault.check(set(METHODS))
        self._faults.active.append(fault)
        return {"ok": True}


def _quiet(action: Callable[[Given], None]) -> Callable[[Given], Any]:
    """An action that has nothing to tell."""

    def acted(given: Given) -> dict[str, bool]:
        action(given)
        return {"ok": True}

    return acted


_FILE = {"kind", "content", "name", "size", "fields"}


def _file(given: Given) -> dict[str, Any]:
    """``kind``, ``content`` (Base64; none: a sample), ``name``, ``size`` (filled up to it),
    ``fields`` (what Telegram says about it)."""
    content = base64.b64decode(given.get("content", ""), validate=True)
    rest: dict[str, Any] = {
        name: given[name] for name in ("name", "size", "fields") if name in given
    }
    return {"kind": given["kind"], "content": content, **rest}
