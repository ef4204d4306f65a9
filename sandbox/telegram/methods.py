"""The Bot API's methods, each with the checks and the words of the real one."""

import ipaddress
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.telegram import keyboards
from sandbox.telegram.answers import Answers
from sandbox.telegram.errors import bad_request, too_many
from sandbox.telegram.limits import FloodLimits
from sandbox.telegram.media import Media
from sandbox.telegram.payments import invoice_of
from sandbox.telegram.sending import TEXT_LIMIT, Sending
from sandbox.telegram.state import State, Webhook

DOWNLOAD_LIMIT = 20 * 1024 * 1024  #: bytes of a file that a bot may download
WEBHOOK_PORTS = {80, 88, 443, 8443}
_UPDATE_KINDS = {
    *("message", "edited_message", "channel_post", "edited_channel_post", "callback_query"),
    *("inline_query", "chosen_inline_result", "shipping_query", "pre_checkout_query", "poll"),
    *("poll_answer", "my_chat_member", "chat_member", "chat_join_request", "message_reaction"),
    *("message_reaction_count", "chat_boost", "removed_chat_boost", "business_connection"),
    *("business_message", "edited_business_message", "deleted_business_messages"),
    *("purchased_paid_media", "subscription", "stopped_message_generation"),
}


class Methods(Sending):
    """Everything but getUpdates, which belongs to the delivery."""

    def __init__(self, state: State, limits: FloodLimits, media: Media) -> None:
        super().__init__(state, limits, media)
        self._answers = Answers(state)

    async def call(self, name: str, p: Mapping[str, Any]) -> Any:
        """Carry out a method that ``parameters.METHODS`` lists."""
        return await getattr(self, f"_{name}")(p)

    # -------------------------------------------------------------- the bot --

    async def _getMe(self, p: Mapping[str, Any]) -> Any:
        del p
        return {
            **self._state.bot,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    async def _logOut(self, p: Mapping[str, Any]) -> Any:
        del p
        return True

    _close = _logOut

    async def _setMyCommands(self, p: Mapping[str, Any]) -> Any:
        commands = p["commands"]
        if not isinstance(commands, list) or len(commands) > 100:
            raise bad_request("can't parse commands list")
        for command in commands:
            name, text = command.get("command", ""), command.get("description", "")
            if not 1 <= len(name) <= 32 or name != name.lower():
                raise bad_request("BOT_COMMAND_INVALID")
            if not 1 <= len(text) <= 256:
                raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        self._state.commands[p.get("language_code", "")] = commands
        self._state.tell({"type": "commands"})
        return True

    async def _getMyCommands(self, p: Mapping[str, Any]) -> Any:
        return self._state.commands.get(p.get("language_code", ""), [])

    async def _setMyDescription(self, p: Mapping[str, Any]) -> Any:
        del p
        return True

    _setMyShortDescription = _setMyDescription

    # -------------------------------------------------------------- webhook --

    async def _setWebhook(self, p: Mapping[str, Any]) -> Any:
        hook, url = self._state.webhook, p.get("url", "")
        secret = p.get("secret_token", "")
        if url:
            _check_address(url)
        if len(secret) > 256 or not all(c.isascii() and (c.isalnum() or c in "_-") for c in secret):
            raise bad_request("secret token contains unallowed characters")
        kinds = p.get("allowed_updates")
        if kinds is not None and (not isinstance(kinds, list) or set(kinds) - _UPDATE_KINDS):
            self._state.violations.append(f"setWebhook: allowed_updates {kinds!r}")
        allowed = hook.allowed if kinds is None else kinds
        connections = p.get("max_connections", 40)
        if not 1 <= connections <= 100:
            raise bad_request("max_connections must be between 1 and 100")
        if p.get("drop_pending_updates"):
            self._state.pending.clear()
        wanted = (url, secret, allowed, connections)
        if wanted == (hook.url, hook.secret, hook.allowed, hook.max_connections):
            return True, "Webhook is already set"
        now = time.monotonic()
        if now - hook.set_at < 1.0:
            raise too_many(1)
        self._state.webhook = Webhook(url, secret, allowed, connections, now)
        self._state.changed()
        return True, "Webhook was set" if url else "Webhook was deleted"

    async def _deleteWebhook(self, p: Mapping[str, Any]) -> Any:
        if p.get("drop_pending_updates"):
            self._state.pending.clear()
        if not self._state.webhook.url:
            return True, "Webhook is already deleted"
        self._state.webhook = Webhook(allowed=self._state.webhook.allowed)
        self._state.changed()
        return True, "Webhook was deleted"

    async def _getWebhookInfo(self, p: Mapping[str, Any]) -> Any:
        del p
        hook = self._state.webhook
        self._state.drop_expired()
        info: dict[str, Any] = {
            "url": hook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._state.pending),
        }
        if hook.url:
            info.update(max_connections=hook.max_connections, ip_address="127.0.0.1")
        if hook.allowed:
            info["allowed_updates"] = hook.allowed
        if hook.last_error_date is not None:
            info["last_error_date"] = hook.last_error_date
            info["last_error_message"] = hook.last_error_message
        return info

    # ---------------------------------------------------------- messages sent --

    async def _editMessageText(self, p: Mapping[str, Any]) -> Any:
        message = self._own_message(p)
        if "text" not in message:
            raise bad_request("there is no text in the message to edit")
        text, found = self._text(p["text"], p, TEXT_LIMIT, "message is too long")
        return self._change(message, text=text, entities=found, markup=p.get("reply_markup"))

    async def _editMessageCaption(self, p: Mapping[str, Any]) -> Any:
        message = self._own_message(p)
        caption, found = self._caption(p)
        return self._change(
            message, caption=caption, caption_entities=found, markup=p.get("reply_markup")
        )

    async def _editMessageReplyMarkup(self, p: Mapping[str, Any]) -> Any:
        return self._change(self._own_message(p), markup=p.get("reply_markup"))

    async def _deleteMessage(self, p: Mapping[str, Any]) -> Any:
        user = self._writable(p["chat_id"])
        if self._state.messages[user.id].pop(p["message_id"], None) is None:
            raise bad_request("message to delete not found")
        self._state.tell({"type": "delete", "chat_id": user.id, "message_id": p["message_id"]})
        return True

    async def _getFile(self, p: Mapping[str, Any]) -> Any:
        stored = self._state.files.get(p["file_id"])
        if stored is None:
            raise bad_request("invalid file_id")
        if len(stored.content) > DOWNLOAD_LIMIT:
            raise bad_request("file is too big")
        return {
            "file_id": stored.file_id,
            "file_unique_id": stored.unique_id,
            "file_size": len(stored.content),
            "file_path": self._state.new_path(stored),
        }

    async def _answerCallbackQuery(self, p: Mapping[str, Any]) -> Any:
        return self._answers.to_press(p)

    async def _answerPreCheckoutQuery(self, p: Mapping[str, Any]) -> Any:
        return self._answers.to_checkout(p)

    # ---------------------------------------------------------------- Stars --

    async def _sendInvoice(self, p: Mapping[str, Any]) -> Any:
        user = self._writable(p["chat_id"])
        invoice = invoice_of(p)
        markup = keyboards.checked(p.get("reply_markup"))
        self._limits.check(user.id)
        message = self._state.new_message(
            user.id, self._state.bot, invoice=invoice.as_api(), reply_markup=markup
        )
        self._state.invoices[user.id, message["message_id"]] = invoice
        return message

    async def _createInvoiceLink(self, p: Mapping[str, Any]) -> Any:
        link = f"https://t.me/$sandbox{len(self._state.invoices)}"
        self._state.invoices[link] = invoice_of(p)
        return link

    async def _refundStarPayment(self, p: Mapping[str, Any]) -> Any:
        payment = self._state.purse.refund(p["user_id"], p["telegram_payment_charge_id"])
        user = self._state.users[payment.user_id]
        message = self._state.new_message(
            user.id, self._state.bot, refunded_payment=payment.as_api()
        )
        self._state.announce("message", message, f"chat:{user.id}", "message")
        return True

    async def _getStarTransactions(self, p: Mapping[str, Any]) -> Any:
        first, most = p.get("offset", 0), p.get("limit", 100)
        found = self._state.purse.transactions(self._state.users)
        return {"transactions": found[first : first + max(1, min(most, 100))]}

    async def _getMyStarBalance(self, p: Mapping[str, Any]) -> Any:
        del p
        return {"amount": self._state.purse.balance()}

    # ------------------------------------------------------------- internal --

    def _own_message(self, p: Mapping[str, Any]) -> dict[str, Any]:
        user = self._writable(p["chat_id"])
        message = self._state.messages[user.id].get(p["message_id"])
        if message is None:
            raise bad_request("message to edit not found")
        if message["from"]["id"] != self._state.bot["id"]:
            raise bad_request("message can't be edited")
        return message

    def _change(self, message: dict[str, Any], *, markup: Any, **content: Any) -> Any:
        changes = {**content, "reply_markup": keyboards.checked(markup)}
        if all((message.get(name) or None) == (value or None) for name, value in changes.items()):
            raise bad_request(
                "message is not modified: specified new message content and reply markup are"
                " exactly the same as a current content and reply markup of the message"
            )
        self._limits.check(message["chat"]["id"])
        for name, value in changes.items():
            message.pop(name, None)
            if value:
                message[name] = value
        message["edit_date"] = int(time.time())
        chat_id = message["chat"]["id"]
        self._state.tell({"type": "edit", "chat_id": chat_id, "message": message})
        return message


def _check_address(url: str) -> None:
    """Where Telegram calls at all; plain HTTP is for this machine only."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise bad_request("bad webhook: invalid webhook URL specified") from None
    host = parts.hostname or ""
    if parts.scheme == "http" and host in {"127.0.0.1", "localhost"}:
        return
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if port not in WEBHOOK_PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return  # a name
    if address.version == 6:
        raise bad_request("bad webhook: IPv6-only addresses are not allowed")
    if not address.is_global:
        raise bad_request(f"bad webhook: IP address {address} is reserved")
