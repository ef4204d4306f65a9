"""Which parameters each method takes: names and types, required or not.

A parameter that is not listed, a method that is not listed, and a value of another type
are refused and written down: a bot must not get used to them. Types as in the Bot API
(https://core.telegram.org/bots/api): a form carries numbers, booleans and JSON as text.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import bad_request

INT, BOOL, STR, JSON, FILE = "int", "bool", "str", "json", "file"

_CHAT = {"chat_id": INT}
_MARKUP = {"reply_markup": JSON}
_DELIVERY = {
    "message_thread_id": INT,
    "disable_notification": BOOL,
    "protect_content": BOOL,
    "reply_parameters": JSON,
    "message_effect_id": STR,
    "allow_paid_broadcast": BOOL,
}
_TEXT = {"parse_mode": STR, "entities": JSON, "link_preview_options": JSON}
_CAPTION = {"caption": STR, "parse_mode": STR, "caption_entities": JSON}
_SEND_FILE = {**_CAPTION, **_DELIVERY, **_MARKUP}
_ABOVE = {"show_caption_above_media": BOOL}
_COVERED = {**_ABOVE, "has_spoiler": BOOL}
_INVOICE = {"title": STR, "description": STR, "payload": STR, "currency": STR, "prices": JSON}


@dataclass(frozen=True, slots=True)
class Method:
    required: Mapping[str, str]
    optional: Mapping[str, str]


def _method(required: Mapping[str, str] | None = None, **optional: str) -> Method:
    return Method(required or {}, optional)


METHODS: Mapping[str, Method] = {
    "getMe": _method(),
    "logOut": _method(),
    "close": _method(),
    "getUpdates": _method(offset=INT, limit=INT, timeout=INT, allowed_updates=JSON),
    "setWebhook": _method(
        {"url": STR},
        certificate=FILE,
        ip_address=STR,
        max_connections=INT,
        allowed_updates=JSON,
        drop_pending_updates=BOOL,
        secret_token=STR,
    ),
    "deleteWebhook": _method(drop_pending_updates=BOOL),
    "getWebhookInfo": _method(),
    "sendMessage": Method({**_CHAT, "text": STR}, {**_TEXT, **_DELIVERY, **_MARKUP}),
    "sendPhoto": Method({**_CHAT, "photo": FILE}, {**_SEND_FILE, **_COVERED}),
    "sendDocument": Method(
        {**_CHAT, "document": FILE},
        {**_SEND_FILE, "thumbnail": FILE, "disable_content_type_detection": BOOL},
    ),
    "sendVideo": Method(
        {**_CHAT, "video": FILE},
        {
            **_SEND_FILE,
            **_COVERED,
            **{"duration": INT, "width": INT, "height": INT, "thumbnail": FILE, "cover": FILE},
            **{"start_timestamp": INT, "supports_streaming": BOOL},
        },
    ),
    "sendAudio": Method(
        {**_CHAT, "audio": FILE},
        {**_SEND_FILE, "duration": INT, "performer": STR, "title": STR, "thumbnail": FILE},
    ),
    "sendVoice": Method({**_CHAT, "voice": FILE}, {**_SEND_FILE, "duration": INT}),
    "sendMediaGroup": Method({**_CHAT, "media": JSON}, _DELIVERY),
    "sendInvoice": Method(
        {**_CHAT, **_INVOICE},
        {
            **_DELIVERY,
            **_MARKUP,
            **{"provider_token": STR, "start_parameter": STR, "photo_url": STR},
            **{"photo_size": INT, "photo_width": INT, "photo_height": INT},
        },
    ),
    "createInvoiceLink": Method(
        _INVOICE, {"provider_token": STR, "photo_url": STR, "subscription_period": INT}
    ),
    "refundStarPayment": _method({"user_id": INT, "telegram_payment_charge_id": STR}),
    "editUserStarSubscription": _method(
        {"user_id": INT, "telegram_payment_charge_id": STR, "is_canceled": BOOL}
    ),
    "getStarTransactions": _method(offset=INT, limit=INT),
    "getMyStarBalance": _method(),
    "sendChatAction": _method({**_CHAT, "action": STR}, message_thread_id=INT),
    "copyMessage": Method(
        {**_CHAT, "from_chat_id": INT, "message_id": INT}, {**_SEND_FILE, **_ABOVE}
    ),
    "forwardMessage": _method(
        {**_CHAT, "from_chat_id": INT, "message_id": INT},
        message_thread_id=INT,
        disable_notification=BOOL,
        protect_content=BOOL,
    ),
    "editMessageText": Method({**_CHAT, "message_id": INT, "text": STR}, {**_TEXT, **_MARKUP}),
    "editMessageCaption": Method({**_CHAT, "message_id": INT}, {**_CAPTION, **_ABOVE, **_MARKUP}),
    "editMessageReplyMarkup": _method({**_CHAT, "message_id": INT}, reply_markup=JSON),
    "editMessageMedia": Method({**_CHAT, "message_id": INT, "media": JSON}, _MARKUP),
    "deleteMessage": _method({**_CHAT, "message_id": INT}),
    "deleteMessages": _method({**_CHAT, "message_ids": JSON}),
    "answerInlineQuery": _method(
        {"inline_query_id": STR, "results": JSON},
        cache_time=INT,
        is_personal=BOOL,
        next_offset=STR,
        button=JSON,
    ),
    "getChat": _method(_CHAT),
    "getChatMember": _method({**_CHAT, "user_id": INT}),
    "getChatAdministrators": _method(_CHAT, return_bots=BOOL),
    "leaveChat": _method(_CHAT),
    "answerCallbackQuery": _method(
        {"callback_query_id": STR}, text=STR, show_alert=BOOL, url=STR, cache_time=INT
    ),
    "answerPreCheckoutQuery": _method(
        {"pre_checkout_query_id": STR, "ok": BOOL}, error_message=STR
    ),
    "getFile": _method({"file_id": STR}),
    "setMyCommands": _method({"commands": JSON}, scope=JSON, language_code=STR),
    "getMyCommands": _method(scope=JSON, language_code=STR),
    "deleteMyCommands": _method(scope=JSON, language_code=STR),
    "setMyName": _method(name=STR, language_code=STR),
    "setMyDescription": _method(description=STR, language_code=STR),
    "getMyDescription": _method(language_code=STR),
    "setMyShortDescription": _method(short_description=STR, language_code=STR),
    "getMyShortDescription": _method(language_code=STR),
    "setChatMenuButton": _method(chat_id=INT, menu_button=JSON),
    "getChatMenuButton": _method(chat_id=INT),
}


def read(method: str, given: Mapping[str, Any], violations: list[str]) -> dict[str, Any]:
    """The parameters with their right types. Raises 400; notes what is unknown."""
    spec = METHODS[method]
    known = {**spec.required, **spec.optional}
    values: dict[str, Any] = {}
    for name, raw in given.items():
        if name not in known:
            # Telegram ignores it; a caller of ours never means to send it.
            violations.append(f"{method}: unknown parameter {name}")
            continue
        try:
            values[name] = _value(raw, known[name])
        except (TypeError, ValueError):
            violations.append(f"{method}: {name} has the value {raw!r}")
            raise bad_request(f"wrong type of parameter {name}") from None
    for name in spec.required:
        if values.get(name) in (None, ""):
            if name == "text":
                raise bad_request("message text is empty")
            if name == "url":
                continue  # an empty url removes the webhook
            violations.append(f"{method}: {name} is missing")
            raise bad_request(f"parameter {name} is required")
    return values


def _value(raw: Any, kind: str) -> Any:
    if kind == FILE:
        return raw
    if kind == STR:
        if not isinstance(raw, str):
            raise TypeError
        return raw
    if kind == BOOL:
        if isinstance(raw, bool):
            return raw
        words = {"true": True, "false": False, "1": True, "0": False}
        if str(raw).lower() not in words:
            raise ValueError
        return words[str(raw).lower()]
    if kind == INT:
        if isinstance(raw, bool):
            raise TypeError
        return int(raw)
    return json.loads(raw) if isinstance(raw, str) else raw
