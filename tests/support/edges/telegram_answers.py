"""What calls of the Bot API end with, as the bot's own errors."""

import json
from typing import Any

from handlers.bot_api.answer import result
from supervisor.runtime.errors import BotError, Misconfigured, OutcomeUnknown, Unavailable


def refusal_body(code: int, description: Any, **parameters: Any) -> bytes:
    """As Telegram writes it."""
    answer = {"ok": False, "error_code": code, "description": description}
    return json.dumps(answer | ({"parameters": parameters} if parameters else {})).encode()


def refused(code: int, description: Any, **parameters: Any) -> BotError:
    """Telegram's own word."""
    return answered(code, refusal_body(code, description, **parameters))


def answered(status: int, body: bytes) -> BotError:
    """What an answer of anybody means."""
    try:
        result(status, body)
    except BotError as error:
        return error
    raise AssertionError("it says that the call has happened")


def flooded(seconds: int) -> BotError:
    return refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def unanswered() -> BotError:
    return OutcomeUnknown("Telegram: no answer")


def not_reached() -> BotError:
    return Unavailable("Telegram: not reached")


def dead_token() -> BotError:
    return Misconfigured(["TELEGRAM_BOT_TOKEN: Telegram refuses it (401)"])
