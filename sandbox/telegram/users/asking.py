"""What users ask the bot and wait for: presses, payments, inline queries."""

import secrets
import time
from typing import Any

from sandbox.telegram import entities
from sandbox.telegram.api.inline import CACHED
from sandbox.telegram.state.people import User
from sandbox.telegram.state.queries import Checkout, InlineQuery, Press
from sandbox.telegram.state.shown import shown
from sandbox.telegram.state.store import Message, State


class Asking:
    """Each question becomes an update. KeyError: no such user, message or query."""

    def __init__(self, state: State) -> None:
        self._state = state

    def press(self, user_id: int, message_id: int, data: str, chat: int = 0) -> str:
        """Press a button of a message, which may have lost it since. Returns the query id."""
        user, chat_id = self._state.users[user_id], chat or user_id
        message = self._state.messages[chat_id][message_id]
        press = Press(_new_id(), user_id, chat_id, message_id, time.monotonic())
        self._state.presses[press.id] = press
        self.press_again(press.id, user, message, data)
        return press.id

    def press_again(self, query_id: str, user: User, message: Message, data: str) -> None:
        """The same press in an update of its own, as clients do after a lost answer."""
        query = {
            "id": query_id,
            "from": user.as_api(),
            "message": message,
            "chat_instance": str(message["chat"]["id"]),
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
        query = self.checkout(user_id, invoice.payload, invoice.stars, settles=True)
        self._state.checkouts[query].monthly = invoice.monthly
        return query

    def subscribed(self, user_id: int, payload: str, stars: int) -> str:
        """A subscription that an earlier bot with this token has sold, which this one was never
        told of. Returns the charge id of its first payment."""
        return self._state.purse.paid(user_id, payload, stars, monthly=True).charge_id

    def renew(self, charge_id: str) -> str:
        """A month is over: Telegram collects the next one, without asking anybody. Returns the
        charge id of the renewal."""
        payment = self._state.purse.renewed(charge_id)
        self._state.tell_payment(payment)
        return payment.charge_id

    def change_subscription(self, charge_id: str, state: str) -> None:
        """canceled, active: the user ends it in Telegram, or takes it up again. failed: there
        were not enough Stars for the next month."""
        found = self._state.purse.subscriptions[charge_id]
        if state not in {"canceled", "active", "failed"}:
            raise ValueError(f"a subscription is never {state!r}")
        if state == "active" and (found.ended or not found.canceled):
            raise ValueError("its user cannot take it up again")
        if state != "failed":
            found.canceled = state == "canceled"
        user = self._state.users[found.user_id]
        told = {"user": user.as_api(), "invoice_payload": found.payload, "state": state}
        self._state.updates.announce("subscription", told, f"chat:{user.id}", "message")

    def charge_back(self, charge_id: str) -> None:
        """Apple or Google takes the Stars back."""
        payment = self._state.purse.payments[charge_id]
        self._state.purse.refund(payment.user_id, charge_id)

    def checkout(self, user_id: int, payload: str, stars: int, *, settles: bool = False) -> str:
        """Ask the bot about a payment of any kind. Returns the query id."""
        user = self._state.users[user_id]
        asked = Checkout(_new_id(), user_id, time.monotonic(), payload, stars, settles)
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

    def inline(self, user_id: int, text: str, offset: str = "", chat_type: str = "sender") -> str:
        """Type the bot's name and some words. Returns the query id."""
        if not self._state.inline:
            raise ValueError("inline mode is off; switch the option inline on")
        user = self._state.users[user_id]
        asked = InlineQuery(_new_id(), user_id, text, time.monotonic())
        self._state.inline_queries[asked.id] = asked
        query = {
            "id": asked.id,
            "from": user.as_api(),
            "query": text,
            "offset": offset,
            "chat_type": chat_type,
        }
        self._state.updates.announce("inline_query", query, f"inline:{user_id}", "inline")
        return asked.id

    def choose(self, query_id: str, result_id: str, chat: int = 0) -> Message:
        """Send a result of an answered query into a chat; 0 is the chat with the bot."""
        asked = self._state.inline_queries[query_id]
        result = {str(each["id"]): each for each in asked.results}[result_id]
        user = self._state.users[asked.user_id]
        message = self._state.new_message(
            chat or user.id,
            user.as_api(),
            **self._content(result),
            via_bot=self._state.bot,
            reply_markup=result.get("reply_markup"),
        )
        if self._state.inline_feedback:
            chosen = {"result_id": result_id, "from": user.as_api(), "query": asked.text}
            queue = f"chosen:{user.id}"
            self._state.updates.announce("chosen_inline_result", chosen, queue, "chosen")
        return message

    def _content(self, result: dict[str, Any]) -> dict[str, Any]:
        said = result.get("input_message_content")
        if said is not None:
            text, found = entities.parse(said["message_text"], said.get("parse_mode"))
            return {"text": text, "entities": found or said.get("entities")}
        field, part = CACHED[result["type"]]
        stored = self._state.files.stored[result[field]]
        text, found = entities.parse(result.get("caption", ""), result.get("parse_mode"))
        marks = found or result.get("caption_entities")
        return {
            **shown(self._state.files, part, stored),
            "caption": text,
            "caption_entities": marks,
        }


def _new_id() -> str:
    return str(secrets.randbits(62))
