"""Acts as a user of the simulated Telegram, for tests; standard library only.

``sandbox.telegram`` lists the control calls behind these methods.
"""

import base64
import time
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.steering import call

Message = dict[str, Any]


class SandboxClient:
    """Speaks to ``/sandbox/``. A mistake of the caller raises ``ValueError``.

    ``where`` of a method: chat (of a group), thread, reply_to, anonymous, as_channel, forward."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    # ---------------------------------------------------------------- people --

    def new_user(self, first_name: str = "Test", language_code: str = "en") -> int:
        user = self._call("user", {"first_name": first_name, "language_code": language_code})
        return int(user["id"])

    def new_group(self, title: str, members: list[int], **options: Any) -> int:
        """A supergroup with the bot in it. ``options``: admins, forum. Returns its number."""
        return int(self._call("group", {"title": title, "members": members, **options})["id"])

    def new_topic(self, chat: int, name: str) -> int:
        """Open a topic in a forum or in a private chat; returns its message_thread_id."""
        return int(self._call("topic", {"chat": chat, "name": name})["thread"])

    def bot_in_group(self, chat: int, status: str) -> None:
        """Make the bot a member, administrator, restricted, kicked or left."""
        self._call("bot_in_group", {"chat": chat, "status": status})

    def migrate(self, chat: int) -> int:
        """Turn a group into a supergroup; returns the new number."""
        return int(self._call("migrate", {"chat": chat})["id"])

    def block(self, user: int, *, blocked: bool) -> None:
        self._call("block", {"user": user, "blocked": blocked})

    # -------------------------------------------------------------- speaking --

    def say(self, user: int, text: str, **where: Any) -> int:
        """Write to the bot or into a group; returns the message's number."""
        return int(self._call("say", {"user": user, "text": text, **where})["message_id"])

    def send(self, user: int, kind: str, **options: Any) -> int:
        """Send a photo, voice, audio, video, document or sticker. ``options``: content (bytes;
        none: a small sample), name, size (filled up to so many bytes), caption, fields (what
        Telegram says about the file; None leaves one out), and where."""
        given = {"user": user, **_file(kind, **options)}
        return int(self._call("send", given)["message_id"])

    def send_album(
        self,
        user: int,
        kinds: list[str],
        caption: str = "",
        *,
        captions: list[str] | None = None,
        **where: Any,
    ) -> None:
        """Send several samples at once, as one album. ``captions``: one for each."""
        items = [{"kind": kind} for kind in kinds]
        words = captions or [caption]
        self._call("album", {"user": user, "items": items, "captions": words, **where})

    def send_rich(self, user: int, text: str = "", photos: int = 0, **options: Any) -> int:
        """Send a rich message of a text and so many pictures, or of ``blocks`` as they are."""
        given = {"user": user, "text": text, "photos": photos, **options}
        return int(self._call("rich", given)["message_id"])

    def edit(self, user: int, message_id: int, text: str, chat: int = 0) -> None:
        """Change the words of an own message."""
        given = {"user": user, "message_id": message_id, "text": text, "chat": chat}
        self._call("edit", given)

    def delete(self, user: int, message_id: int, chat: int = 0) -> None:
        """Delete a message for everyone; the bot is not told."""
        self._call("delete", {"user": user, "message_id": message_id, "chat": chat})

    # ---------------------------------------------------------------- asking --

    def press(
        self, user: int, caption: str, *, message: Message | None = None, twice: bool = False
    ) -> str:
        """Press the newest button whose caption contains ``caption``; returns the query id."""
        for found in [message] if message is not None else reversed(self.messages(user)):
            for button in buttons(found):
                if caption in button["text"]:
                    chat = int(found["chat"]["id"])
                    number, data = found["message_id"], button["callback_data"]
                    return self.press_data(user, number, data, twice=twice, chat=chat)
        shown = [button["text"] for found in self.messages(user) for button in buttons(found)]
        raise ValueError(f"no button {caption!r}; there are {shown}")

    def press_data(
        self, user: int, message_id: int, data: str, *, twice: bool = False, chat: int = 0
    ) -> str:
        """Press a button that need not be there any more."""
        given = {"user": user, "message_id": message_id, "data": data}
        return str(self._call("press", {**given, "twice": twice, "chat": chat})["id"])

    def checkout(self, user: int, payload: str, stars: int) -> str:
        """Press "Pay" under an invoice; returns the query id."""
        given = {"user": user, "payload": payload, "stars": stars}
        return str(self._call("checkout", given)["id"])

    def pay(self, user: int, **where: Any) -> str:
        """Press "Pay" under ``message_id`` (of ``owner``, if it is a forwarded copy), or pay a
        ``link``; returns the query id."""
        return str(self._call("pay", {"user": user, **where})["id"])

    def subscribed(self, user: int, payload: str, stars: int) -> str:
        """An earlier bot has sold this subscription; returns the charge id of its payment."""
        given = {"user": user, "payload": payload, "stars": stars}
        return str(self._call("subscribed", given)["charge_id"])

    def renew(self, charge_id: str) -> str:
        """The next month of the subscription that began with this payment is collected; returns
        the charge id of the renewal."""
        return str(self._call("renew", {"charge_id": charge_id})["charge_id"])

    def change_subscription(self, charge_id: str, state: str) -> None:
        """The user ends it in Telegram (canceled), takes it up again (active), or has too few
        Stars for the next month (failed)."""
        self._call("subscription", {"charge_id": charge_id, "state": state})

    def inline(self, user: int, text: str, **options: Any) -> str:
        """Type the bot's name and some words; returns the query id. ``options``: offset,
        chat_type."""
        return str(self._call("inline", {"user": user, "text": text, **options})["id"])

    def choose(self, query: str, result: str, chat: int = 0) -> int:
        """Send a result of an inline query into a chat; returns the message's number."""
        given = {"query": query, "result": result, "chat": chat}
        return int(self._call("choose", given)["message_id"])

    # --------------------------------------------------------------- looking --

    def state(self) -> dict[str, Any]:
        """Everything: users, messages, presses, calls, violations."""
        return self._call("state")

    def checkouts(self) -> list[dict[str, Any]]:
        """Payments that were asked about: id, ok (None: no answer), seconds."""
        return list(self.state()["checkouts"])

    def messages(self, chat: int, *, of_bot: bool = False) -> list[Message]:
        """The chat as it looks now, oldest first."""
        found = self._call(f"messages/{chat}")["messages"]
        return [m for m in found if m["from"]["is_bot"]] if of_bot else list(found)

    def wait_for(
        self, chat: int, fact: Callable[[Message], bool], seconds: float = 15.0
    ) -> Message:
        """The first message of the bot of which ``fact`` is true; fails after ``seconds``."""
        for _ in _looks(seconds):
            for message in self.messages(chat, of_bot=True):
                if fact(message):
                    return message
        texts = [content(m) for m in self.messages(chat)]
        raise AssertionError(f"no such message within {seconds:g} s; there are {texts}")

    def wait_text(self, chat: int, part: str, seconds: float = 15.0) -> Message:
        return self.wait_for(chat, lambda message: part in content(message), seconds)

    def wait_photo(self, chat: int, seconds: float = 20.0, *, count: int = 1) -> Message:
        """The ``count``-th photo of the bot, without its samples for new users."""
        for _ in _looks(seconds):
            photos = [m for m in self.messages(chat, of_bot=True) if is_photo(m)]
            if len(photos) >= count:
                return photos[count - 1]
        texts = [content(m) for m in self.messages(chat)]
        raise AssertionError(f"no photo within {seconds:g} s; there are {texts}")

    def calls(self, method: str) -> list[dict[str, Any]]:
        return [call for call in self.state()["calls"] if call["method"] == method]

    def violations(self) -> list[str]:
        return list(self._call("violations")["violations"])

    # -------------------------------------------------------------- steering --

    def fault(self, kind: str, method: str = "", **options: Any) -> None:
        """Switch a fault on; see ``sandbox.telegram.faults``."""
        self._call("fault", {"kind": kind, "method": method, **options})

    def raw(self, body: str, **options: Any) -> int:
        """Put any text on the way as an update; ``$ID`` becomes its number. ``options``: kind,
        queue, life (a key of ``sandbox.telegram.state.updates.LIVES``)."""
        return int(self._call("raw", {"body": body, **options})["update_id"])

    def deliver_again(self, update_id: int) -> None:
        """Have an update delivered once more; the newest is ``state()["last_update_id"]``."""
        self._call("again", {"update_id": update_id})

    def commands(self, commands: list[dict[str, str]], **where: Any) -> None:
        """Leave commands of an earlier bot behind. ``where``: scope, language_code."""
        self._call("commands", {"commands": commands, **where})

    def reply_keyboard(self, chat: int, *rows: list[str]) -> None:
        """Leave the reply keyboard of an earlier bot behind."""
        self._call("reply_keyboard", {"chat": chat, "rows": list(rows)})

    def options(self, **changes: Any) -> None:
        """See ``sandbox.telegram.control.options.OPTIONS``."""
        self._call("options", changes)

    def _call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return call(self._base_url, path, body)


def _looks(seconds: float) -> Iterator[None]:
    """A turn for each look until ``seconds`` are over. A look also costs the server that answers
    it, so the pauses between looks grow."""
    began = time.monotonic()
    while True:
        yield
        waited = time.monotonic() - began
        if waited > seconds:
            return
        time.sleep(max(0.03, min(0.15, waited / 10)))


def _file(kind: str, content: bytes = b"", **options: Any) -> dict[str, Any]:
    return {"kind": kind, "content": base64.b64encode(content).decode(), **options}


def is_sample(message: Message) -> bool:
    """One of the samples for new users: they are an album that answers nothing."""
    return "media_group_id" in message and "reply_to_message" not in message


def is_photo(message: Message) -> bool:
    """A photo that is no sample."""
    return "photo" in message and not is_sample(message)


def content(message: Message) -> str:
    """What a message says."""
    return str(message.get("text") or message.get("caption") or "")


def buttons(message: Message) -> list[dict[str, Any]]:
    """Its inline buttons in one list."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]
