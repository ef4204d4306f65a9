"""The Bot API's answers to what a user waits for: presses and payments."""

import time
from collections.abc import Mapping
from typing import Any

from sandbox.telegram import entities
from sandbox.telegram.errors import bad_request
from sandbox.telegram.protocol.methods import Handler
from sandbox.telegram.state.queries import Checkout
from sandbox.telegram.state.store import State

TOAST_LIMIT = 200
ANSWER_SECONDS = 15.0  #: a press that is older is refused, as users report
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


class Answers:
    """Each question is answered once, in time."""

    def __init__(self, state: State) -> None:
        self._state = state

    def methods(self) -> Mapping[str, Handler]:
        return {
            "answerCallbackQuery": self._to_press,
            "answerPreCheckoutQuery": self._to_checkout,
        }

    async def _to_press(self, p: Mapping[str, Any]) -> bool:
        press = self._state.presses.get(p["callback_query_id"])
        text = p.get("text", "")
        if entities.utf16(text) > TOAST_LIMIT:
            raise bad_request("MESSAGE_TOO_LONG")
        age = 0.0 if press is None else time.monotonic() - press.pressed_at
        if press is None or press.answered or age > ANSWER_SECONDS:
            raise bad_request(_TOO_OLD)
        press.answered, press.answered_after = True, age
        press.text, press.alert = text or None, bool(p.get("show_alert"))
        self._state.events.tell(
            {
                "type": "toast",
                "chat_id": press.chat_id,
                "message_id": press.message_id,
                "text": text,
                "alert": press.alert,
            }
        )
        return True

    async def _to_checkout(self, p: Mapping[str, Any]) -> bool:
        asked = self._state.checkouts.get(p["pre_checkout_query_id"])
        if asked is None or not asked.open:
            raise bad_request(_TOO_OLD)
        if not p["ok"] and not p.get("error_message"):
            raise bad_request("error_message is required when ok is false")
        asked.ok, asked.answered_after = bool(p["ok"]), time.monotonic() - asked.asked_at
        if not asked.ok:
            complaint = {"type": "toast", "chat_id": asked.user_id, "message_id": 0, "alert": True}
            self._state.events.tell({**complaint, "text": p["error_message"]})
        elif asked.settles:
            self._settle(asked)
        return True

    def _settle(self, asked: Checkout) -> None:
        """The Stars move, and the bot learns of it."""
        named = asked.user_id, asked.payload, asked.stars
        self._state.tell_payment(self._state.purse.paid(*named, monthly=asked.monthly))
