"""Being a user of the simulated Telegram from a test; nothing but the standard library."""

import base64
import time
from collections.abc import Callable
from typing import Any

from sandbox.steering import call

Message = dict[str, Any]


class SandboxClient:
    """Speaks to ``/sandbox/``. A mistake of the caller raises ``ValueError``."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def state(self) -> dict[str, Any]:
        """Everything: users, messages, presses, calls, violations."""
        return self._call("state")

    def new_user(self, first_name: str = "Test", language_code: str = "en") -> int:
        user = self._call("user", {"first_name": first_name, "language_code": language_code})
        return int(user["id"])

    def say(self, user: int, text: str) -> int:
        """Write to the bot; returns the message's number."""
        return int(self._call("say", {"user": user, "text": text})["message_id"])

    def send(self, user: int, kind: str, **options: Any) -> int:
        """Send a photo, voice, audio, video, document or sticker. ``options``: content (bytes;
        none: a small sample), name, size (filled up to so many bytes), caption."""
        given = {"user": user, **_file(kind, **options)}
        return int(self._call("send", given)["message_id"])

    def send_album(self, user: int, kinds: list[str], caption: str = "") -> None:
        """Send several samples at once, as one album."""
        items = [{"kind": kind} for kind in kinds]
        self._call("album", {"user": user, "items": items, "caption": caption})

    def pay(self, user: int, **where: Any) -> str:
        """Press "Pay" under ``message_id`` (of ``owner``, if it is a forwarded copy), or pay a
        ``link``; returns the query id."""
        return str(self._call("pay", {"user": user, **where})["id"])

    def deliver_again(self, update_id: int) -> None:
        """Have an update delivered once more; the newest is ``state()["last_update_id"]``."""
        self._call("again", {"update_id": update_id})

    def press(
        self, user: int, caption: str, *, message: Message | None = None, twice: bool = False
    ) -> str:
        """Press the newest button whose caption contains ``caption``; returns the query id."""
        for found in [message] if message is not None else reversed(self.messages(user)):
            for button in buttons(found):
                if caption in button["text"]:
                    return self.press_data(
                        user, found["message_id"], button["callback_data"], twice=twice
                    )
        shown = [button["text"] for found in self.messages(user) for button in buttons(found)]
        raise ValueError(f"no button {caption!r}; there are {shown}")

    def press_data(self, user: int, message_id: int, data: str, *, twice: bool = False) -> str:
        """Press a button that need not be there any more."""
        given = {"user": user, "message_id": message_id, "data": data, "twice": twice}
        return str(self._call("press", given)["id"])

    def checkout(self, user: int, payload: str, stars: int) -> str:
        """Press "Pay" under an invoice; returns the query id."""
        given = {"user": user, "payload": payload, "stars": stars}
        return str(self._call("checkout", given)["id"])

    def checkouts(self) -> list[dict[str, Any]]:
        """Payments that were asked about: id, ok (None: no answer), seconds."""
        return list(self.state()["checkouts"])

    def messages(self, user: int, *, of_bot: bool = False) -> list[Message]:
        """The chat as it looks now, oldest first."""
        found = self.state()["messages"].get(str(user), [])
        return [m for m in found if m["from"]["is_bot"]] if of_bot else list(found)

    def wait_for(
        self, user: int, fact: Callable[[Message], bool], seconds: float = 15.0
    ) -> Message:
        """The first message of the bot of which ``fact`` is true; fails after ``seconds``."""
        deadline = time.monotonic() + seconds
        while True:
            for message in self.messages(user, of_bot=True):
                if fact(message):
                    return message
            if time.monotonic() > deadline:
                texts = [content(m) for m in self.messages(user)]
                raise AssertionError(f"no such message within {seconds:g} s; there are {texts}")
            time.sleep(0.03)

    def wait_text(self, user: int, part: str, seconds: float = 15.0) -> Message:
        return self.wait_for(user, lambda message: part in content(message), seconds)

    def wait_photo(self, user: int, seconds: float = 20.0, *, count: int = 1) -> Message:
        """The ``count``-th photo of the bot."""
        deadline = time.monotonic() + seconds
        while True:
            photos = [m for m in self.messages(user, of_bot=True) if "photo" in m]
            if len(photos) >= count:
                return photos[count - 1]
            if time.monotonic() > deadline:
                texts = [content(m) for m in self.messages(user)]
                raise AssertionError(f"no photo within {seconds:g} s; there are {texts}")
            time.sleep(0.03)

    def calls(self, method: str) -> list[dict[str, Any]]:
        return [call for call in self.state()["calls"] if call["method"] == method]

    def violations(self) -> list[str]:
        return list(self.state()["violations"])

    def fault(self, kind: str, method: str = "", **options: Any) -> None:
        """Switch a fault on; see ``sandbox.telegram.faults.KINDS``."""
        self._call("fault", {"kind": kind, "method": method, **options})

    def block(self, user: int, *, blocked: bool) -> None:
        self._call("block", {"user": user, "blocked": blocked})

    def raw(self, body: str, **options: Any) -> int:
        """Put any text on the way as an update; ``$ID`` becomes its number. ``options``: kind,
        queue, life (a key of ``sandbox.telegram.state.LIVES``)."""
        return int(self._call("raw", {"body": body, **options})["update_id"])

    def options(self, **changes: Any) -> None:
        """revoked, flood, route (where webhooks really go), time_scale, lives (seconds that a
        ``message`` or ``press`` waits for the bot), next_update_id, scarce_connections,
        gone_since (seconds for which the webhook has answered 410), deactivated (a user),
        answer_seconds (how long a webhook may take)."""
        self._call("options", changes)

    def _call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return call(self._base_url, path, body)


def _file(kind: str, content: bytes = b"", **options: Any) -> dict[str, Any]:
    return {"kind": kind, "content": base64.b64encode(content).decode(), **options}


def content(message: Message) -> str:
    """What a message says."""
    return str(message.get("text") or message.get("caption") or "")


def buttons(message: Message) -> list[dict[str, Any]]:
    """Its inline buttons in one list."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]
