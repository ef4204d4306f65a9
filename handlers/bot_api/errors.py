"""Telegram's errors, read once: what each means for the call that raised it.

PTB's class tree does not say what a sender needs to know: BadRequest *is a* NetworkError
there, a timeout may or may not have been delivered, and a refused picture, a vanished
message and an expired button press are all BadRequest. Everything that calls the Bot
API does it inside ``calling()`` and sees only children of ``BotError``.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from telegram import error as tg
from telegram.warnings import PTBDeprecationWarning

from supervisor.runtime.errors import (
    BotError,
    Fenced,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from supervisor.runtime.term import Gate

# PTB warns whenever it reads its own ``retry_after`` as a number, which we want.
warnings.filterwarnings(
    "ignore", message=".*attribute `retry_after`.*", category=PTBDeprecationWarning
)


class Flooded(Unavailable):
    """429: this chat, or everything, has to wait for ``retry_after`` seconds."""


class Unreachable(Rejected):
    """The chat is closed to us: blocked, deactivated, removed, never opened."""


class Moved(Rejected):
    """The group became a supergroup with another id."""

    def __init__(self, message: str, chat_id: int) -> None:
        super().__init__(message)
        self.chat_id = chat_id


class Unchanged(Rejected):
    """The message looks like that already, or nobody waits for the answer any more."""


class Gone(Rejected):
    """The message to be edited does not exist or cannot be edited any more."""


class BadMarkup(Rejected):
    """Telegram cannot parse the formatting of the text."""


class BadUrl(Rejected):
    """Telegram could not fetch the file; it remembers that for days."""


class BadPhoto(Rejected):
    """Telegram has the file but will not show it as a photo."""


class Conflicted(Unavailable):
    """409: somebody else reads the updates, or a webhook is set."""


TOKEN_REFUSED = (
    "TELEGRAM_BOT_TOKEN: Telegram refuses it (401);"  # noqa: S105 a sentence
    " copy the current token from BotFather"
)

#: First match wins. The order matters and is tested: in PTB, BadRequest is a
#: NetworkError, so the naive order would retry it for ever.
TRANSLATIONS: tuple[tuple[type[tg.TelegramError], type[BotError]], ...] = (
    (tg.RetryAfter, Flooded),
    (tg.ChatMigrated, Moved),
    (tg.Forbidden, Unreachable),
    (tg.InvalidToken, Misconfigured),
    (tg.EndPointNotFound, Rejected),
    (tg.Conflict, Conflicted),
    (tg.BadRequest, Rejected),
    (tg.TimedOut, OutcomeUnknown),
    (tg.NetworkError, Unavailable),
    (tg.PassportDecryptionError, Rejected),
    # Nothing of the above: an answer that is no JSON.
    (tg.TelegramError, OutcomeUnknown),
)

#: What a BadRequest is about, by a part of Telegram's text; first match wins.
REFUSALS: tuple[tuple[str, type[Rejected]], ...] = (
    ("message is not modified", Unchanged),
    ("query is too old", Unchanged),
    ("query_id_invalid", Unchanged),
    ("message to edit not found", Gone),
    ("message can't be edited", Gone),
    ("message_id_invalid", Gone),
    ("there is no text in the message to edit", Gone),
    ("message to delete not found", Unchanged),
    ("message can't be deleted", Unchanged),
    ("can't parse entities", BadMarkup),
    ("chat not found", Unreachable),
    ("user not found", Unreachable),
    ("user is deactivated", Unreachable),
    ("peer_id_invalid", Unreachable),
    ("not enough rights to send", Unreachable),
    ("failed to get http url content", BadUrl),
    ("wrong type of the web page content", BadUrl),
    ("wrong file identifier/http url", BadUrl),
    ("wrong remote file identifier", BadUrl),
    ("webpage_curl_failed", BadUrl),
    ("webpage_media_empty", BadUrl),
    ("photo_invalid_dimensions", BadPhoto),
    ("photo_save_file_invalid", BadPhoto),
    ("photo_ext_invalid", BadPhoto),
    ("image_process_failed", BadPhoto),
    ("file is too big", BadPhoto),
    ("too big for a photo", BadPhoto),
)

MOMENT = 0.05  #: seconds; the shortest wait for a heartbeat
FOR_THE_STOP = 5.0  #: seconds; ended early by the stop that a shut gate announces

#: httpx errors (PTB keeps them as the cause) that mean: the request never left us.
_NEVER_SENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"})


@contextmanager
def calling() -> Iterator[None]:
    """Calls to the Bot API go inside; only children of ``BotError`` come out."""
    try:
        yield
    except tg.TelegramError as error:
        raise translate(error) from None


def until_open(gate: Gate, need: float) -> float:
    """Seconds until an outside call may be tried; 0.0: now.

    A gate that is shut for good looks like one that opens later: the stop of the
    service is on its way, and waiting for it is all there is to do.
    """
    try:
        gate.check(need)
    except Unavailable as error:
        return max(MOMENT, error.retry_after or 0.0)
    except Fenced:
        return FOR_THE_STOP
    return 0.0


def translate(error: tg.TelegramError) -> BotError:
    """What is known about a call that raised ``error``."""
    meaning = next(ours for theirs, ours in TRANSLATIONS if isinstance(error, theirs))
    text = error.message or type(error).__name__
    match error:
        case tg.RetryAfter():
            return Flooded(text, retry_after=float(cast(int, error.retry_after)))
        case tg.ChatMigrated():
            return Moved(text, error.new_chat_id)
        case tg.InvalidToken():
            # PTB's own text may hold the token.
            return Misconfigured([TOKEN_REFUSED])
        case tg.BadRequest():
            return refusal(text)
        case tg.NetworkError():
            return _network(error, text, meaning)
        case _:
            return meaning(text)


def refusal(text: str) -> Rejected:
    """What a BadRequest with this text is about."""
    low = text.lower()
    return next((kind for part, kind in REFUSALS if part in low), Rejected)(text)


def _network(error: tg.NetworkError, text: str, meaning: type[BotError]) -> BotError:
    if isinstance(error.__cause__, BotError):
        return error.__cause__  # ours, from the last look before the first byte
    cause = type(error.__cause__).__name__ if error.__cause__ is not None else ""
    if cause in _NEVER_SENT:
        return Unavailable(f"Telegram: {text}")
    if text.startswith(("httpx.", "Unknown error")):
        # The connection broke after the request may have left.
        return OutcomeUnknown(f"Telegram: {text}")
    return meaning(f"Telegram: {text}")
