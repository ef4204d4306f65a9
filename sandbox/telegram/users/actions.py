"""What users do: write, send things, press buttons, block the bot."""

import mimetypes
import secrets
import time
from typing import Any

from sandbox.files.kinds import mime_of
from sandbox.telegram import entities
from sandbox.telegram.state.people import User
from sandbox.telegram.state.queries import Checkout, Press
from sandbox.telegram.state.shown import shown
from sandbox.telegram.state.store import State
from sandbox.telegram.state.updates import Update
from sandbox.telegram.users.samples import sample


class Actions:
    """Each becomes an update on its way to the bot. KeyError: no such user or message."""

    def __init__(self, state: State) -> None:
        self._state = state

    def say(self, user_id: int, text: str) -> dict[str, Any]:
        user = self._state.users[user_id]
        return self._message(user, text=text, entities=entities.commands(text))

    def send(self, user_id: int, kind: str, *, caption: str = "", **file: Any) -> dict[str, Any]:
        """A photo, voice, audio, video, document or sticker; ``file`` as for ``sample``."""
        return self._message(
            self._state.users[user_id],
            **self._file(kind, **file),
            caption=caption,
            caption_entities=entities.commands(caption),
        )

    def album(
        self, user_id: int, items: list[dict[str, Any]], caption: str = ""
    ) -> list[dict[str, Any]]:
        """Several files at once: messages that share a group; the first has the caption."""
        group = self._state.new_group()
        files = [self._file(**item) for item in items]
        return [
            self._message(
                self._state.users[user_id],
                **file,
                media_group_id=group,
                caption=caption if number == 0 else "",
            )
            for number, file in enumerate(files)
        ]

    def _file(
        self, kind: str, content: bytes = b"", name: str = "", size: int = 0
    ) -> dict[str, Any]:
        content = content or sample(kind)
        content += b"\0" * (size - len(content))
        mime = mime_of(content)
        ending = mimetypes.guess_extension(mime) or ".bin"
        stored = self._state.files.store(content, name or f"{kind}{ending}", mime)
        if kind == "sticker":
            ids = {"file_id": stored.file_id, "file_unique_id": stored.unique_id}
            looks = {"type": "regular", "is_animated": False, "is_video": False, "emoji": "🙂"}
            return {"sticker": {**ids, **looks, "width": 64, "height": 64}}
        return shown(self._state.files, kind, stored)

    def press(self, user_id: int, message_id: int, data: str) -> str:
        """Press a button of a message, which may have lost it since. Returns the query id."""
        user = self._state.users[user_id]
        message = self._state.messages[user_id][message_id]
        press = Press(str(secrets.randbits(62)), user_id, user_id, message_id, time.monotonic())
        self._state.presses[press.id] = press
        self.press_again(press.id, user, message, data)
        return press.id

    def press_again(self, query_id: str, user: User, message: dict[str, Any], data: str) -> None:
        """The same press in an update of its own, as clients do after a lost answer."""
        query = {
            "id": query_id,
            "from": user.as_api(),
            "message": message,
            "chat_instance": str(user.id),
            "data": data,
        }
        self._state.updates.announce("callback_query", query, f"press:{user.id}", "press")

    def pay(
        self, user_id: int, message_id: int = 0, link: str = "", owner: int | None = None
    ) -> str:
        """Press "Pay" under an invoice, or open its link. Returns the query id.

        ``owner`` got the invoice, when ``user_id`` has a forwarded copy of it."""
        invoice = self._state.invoices[link or (owner or user_id, message_id)]
        if owner not in {None, user_id} and invoice.start_parameter:
            raise ValueError("the copy leads to the bot: the invoice has a start_parameter")
        return self.checkout(user_id, invoice.payload, invoice.stars, settles=True)

    def charge_back(self, charge_id: str) -> None:
        """Apple or Google takes the Stars back."""
        payment = self._state.purse.payments[charge_id]
        self._state.purse.refund(payment.user_id, charge_id)

    def checkout(self, user_id: int, payload: str, stars: int, *, settles: bool = False) -> str:
        """Ask the bot about a payment of any kind. Returns the query id."""
        user = self._state.users[user_id]
        asked = Checkout(
            str(secrets.randbits(62)), user_id, time.monotonic(), payload, stars, settles
        )
        self._state.checkouts[asked.id] = asked
        query = {
            "id": asked.id,
            "from": user.as_api(),
            "currency": "XTR",
            "total_amount": stars,
            "invoice_payload": payload,
        }
        self._state.updates.announce("pre_checkout_query", query, f"checkout:{user.id}", "press")
        return asked.id

    def block(self, user_id: int, *, blocked: bool) -> None:
        user = self._state.users[user_id]
        user.blocked = blocked
        old, new = ("member", "kicked") if blocked else ("kicked", "member")
        change = {
            "chat": self._state.chat(user_id),
            "from": user.as_api(),
            "date": int(time.time()),
            "old_chat_member": {"user": self._state.bot, "status": old},
            "new_chat_member": {"user": self._state.bot, "status": new, "until_date": 0},
        }
        self._state.updates.announce("my_chat_member", change, f"member:{user_id}", "message")

    def raw(self, body: str, queue: str = "raw", kind: str = "message", life: str = "") -> int:
        """An update whose text is whatever a test says, with ``$ID`` for its number."""
        number = self._state.updates.next_id()
        text = body.replace("$ID", str(number))
        ends = time.monotonic() + self._state.updates.lives[life or "message"]
        self._state.updates.push(Update(number, kind, text, queue, ends))
        return number

    def _message(self, user: User, **content: Any) -> dict[str, Any]:
        message = self._state.new_message(user.id, user.as_api(), **content)
        self._state.updates.announce("message", message, f"chat:{user.id}", "message")
        return message
