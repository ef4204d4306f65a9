"""What users do: write, send things, press buttons, block the bot."""

import json
import secrets
import time
from typing import Any

from sandbox.telegram import entities
from sandbox.telegram.state import Checkout, Press, State, Update, User


class Actions:
    """Each becomes an update on its way to the bot. KeyError: no such user or message."""

    def __init__(self, state: State) -> None:
        self._state = state

    def say(self, user_id: int, text: str) -> dict[str, Any]:
        user = self._state.users[user_id]
        return self._message(user, text=text, entities=entities.commands(text))

    def send(self, user_id: int, kind: str, content: bytes = b"") -> dict[str, Any]:
        """A photo, sticker, voice or document without meaning."""
        user = self._state.users[user_id]
        stored = self._state.store_file(content or b"\x89PNG", f"{kind}.bin", "image/png")
        base = {
            "file_id": stored.file_id,
            "file_unique_id": stored.unique_id,
            "file_size": len(stored.content),
        }
        size = {"width": 64, "height": 64}
        shapes: dict[str, Any] = {
            "photo": [{**base, **size}],
            "sticker": {
                **base,
                **size,
                "type": "regular",
                "is_animated": False,
                "is_video": False,
                "emoji": "🙂",
            },
            "voice": {**base, "duration": 2, "mime_type": "audio/ogg"},
            "document": {**base, "file_name": "notes.pdf", "mime_type": "application/pdf"},
        }
        return self._message(user, **{kind: shapes[kind]})

    def press(self, user_id: int, message_id: int, data: str) -> str:
        """Press a button of a message, which may have lost it since. Returns the query id."""
        user = self._state.users[user_id]
        message = self._state.messages[user_id][message_id]
        press = Press(str(secrets.randbits(62)), user_id, message_id, time.monotonic())
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
        self._push("callback_query", query, f"press:{user.id}", "press")

    def checkout(self, user_id: int, payload: str, stars: int) -> str:
        """Press "Pay" under an invoice of ``stars``. Returns the query id."""
        user = self._state.users[user_id]
        asked = Checkout(str(secrets.randbits(62)), user_id, time.monotonic())
        self._state.checkouts[asked.id] = asked
        query = {
            "id": asked.id,
            "from": user.as_api(),
            "currency": "XTR",
            "total_amount": stars,
            "invoice_payload": payload,
        }
        self._push("pre_checkout_query", query, f"checkout:{user.id}", "press")
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
        self._push("my_chat_member", change, f"member:{user_id}", "message")

    def raw(self, body: str, queue: str = "raw") -> int:
        """An update whose text is whatever a test says, with ``$ID`` for its number."""
        number = self._state.next_update_id()
        text = body.replace("$ID", str(number))
        life = time.monotonic() + self._state.lives["message"]
        self._state.push(Update(number, "message", text, queue, life))
        return number

    def _message(self, user: User, **content: Any) -> dict[str, Any]:
        message = self._state.new_message(user.id, user.as_api(), **content)
        self._push("message", message, f"chat:{user.id}", "message")
        return message

    def _push(self, kind: str, content: dict[str, Any], queue: str, life: str) -> None:
        number = self._state.next_update_id()
        body = json.dumps({"update_id": number, kind: content}, ensure_ascii=False)
        expires_at = time.monotonic() + self._state.lives[life]
        self._state.push(Update(number, kind, body, queue, expires_at))
