"""The errors of the Bot API, by what they mean for the caller.

Status and code are not enough: a refused picture, a message that is gone and an expired button
press are all 400. Callers use ``result_of`` (``calls.py``), which raises only children of
``BotError``.
"""

from supervisor.runtime.errors import Fenced, OutcomeUnknown, Rejected, Unavailable
from supervisor.runtime.term import Gate


class TooManyRequests(Unavailable):
    """429: this chat, or everything, has to wait for ``retry_after`` seconds."""


class NotTheContent(Rejected):
    """Refused is the chat or something around the content: another form of it does not help."""


class ChatUnreachable(NotTheContent):
    """The chat is closed to us: blocked, deactivated, removed, never opened."""


class ChatMigrated(NotTheContent):
    """The group became a supergroup with another id."""

    def __init__(self, message: str, chat_id: int) -> None:
        super().__init__(message)
        self.chat_id = chat_id


class NothingToDo(Rejected):
    """Nothing is left to do: the message looks like that already, the press has expired, or the
    Stars went back before."""


class MessageGone(Rejected):
    """The message to be edited does not exist or cannot be edited any more."""


class Undeletable(Rejected):
    """The message exists and cannot be deleted any more."""


class BadMarkup(Rejected):
    """Telegram cannot parse the formatting of the text."""


class BadButtons(NotTheContent):
    """A button under the message is refused, and with it the whole message."""


class BadUrl(Rejected):
    """Telegram could not fetch the file; it remembers that for days."""


class BadPhoto(Rejected):
    """Telegram has the file but will not show it as a photo."""


class TooLarge(Rejected):
    """413: this form of the call is too large, whoever says so; a smaller one may pass."""


class TopicGone(NotTheContent):
    """The topic of the chat does not exist any more, or is closed to us."""


class ReplyGone(NotTheContent):
    """The message that is replied to does not exist any more. In a topic Telegram refuses that,
    although it is told to send the message all the same."""


class FileUnavailable(Unavailable):
    """getFile failed: the id is wrong, or the file server is temporarily unavailable."""


class Conflict(Unavailable):
    """409: another process calls getUpdates, or a webhook is set."""


class NotServed(Unavailable):
    """This Bot API server serves the bot no call now: the bot was logged out of it on its move to
    another one, or Telegram does not admit the server."""


class TokenRefused(Rejected):
    """401 or 404 from Telegram itself. ``TokenTrust`` decides whether the token is invalid."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Telegram refuses the token ({code})")
        self.code = code


class UnreadableAnswer(OutcomeUnknown):
    """A 2xx status with a body that is not an answer of the Bot API."""

    def __init__(self, message: str, body: bytes) -> None:
        super().__init__(message)
        self.body = body


#: What a 400 is about, by a part of Telegram's text; first match wins.
REFUSALS: tuple[tuple[str, type[Rejected] | type[Unavailable]], ...] = (
    ("message is not modified", NothingToDo),
    ("query is too old", NothingToDo),
    ("query_id_invalid", NothingToDo),
    ("charge_already_refunded", NothingToDo),
    ("message to be replied not found", ReplyGone),
    # Servers before Bot API 7.0, which a Bot API of one's own may be.
    ("replied message not found", ReplyGone),
    ("reply message not found", ReplyGone),
    ("reply_message_id_invalid", ReplyGone),
    ("message to edit not found", MessageGone),
    ("message can't be edited", MessageGone),
    ("message_id_invalid", MessageGone),
    ("there is no text in the message to edit", MessageGone),
    ("message to delete not found", NothingToDo),
    ("message can't be deleted", Undeletable),
    ("can't parse entities", BadMarkup),
    ("button_", BadButtons),
    ("inline keyboard button", BadButtons),
    ("reply_markup_invalid", BadButtons),
    ("message thread not found", TopicGone),
    ("topic_closed", TopicGone),
    ("topic_deleted", TopicGone),
    ("chat not found", ChatUnreachable),
    ("user not found", ChatUnreachable),
    ("user is deactivated", ChatUnreachable),
    ("peer_id_invalid", ChatUnreachable),
    ("not enough rights to send", ChatUnreachable),
    ("have no rights to send", ChatUnreachable),
    ("group chat was deactivated", ChatUnreachable),
    ("user_is_blocked", ChatUnreachable),
    ("chat_write_forbidden", ChatUnreachable),
    ("chat_restricted", ChatUnreachable),
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
    ("request entity too large", TooLarge),
    # Of getFile: the same text for an unknown file and for a file server that is away.
    ("temporarily unavailable", FileUnavailable),
)

SHORTEST_WAIT = 0.05  #: seconds; the shortest wait for a heartbeat
STOP_PAUSE = 5.0  #: seconds to wait for the stop of the service after the end of the term


def until_open(gate: Gate, need: float) -> float:
    """Seconds until an outside call may be tried; 0.0: now.

    After the end of the term it is ``STOP_PAUSE``: the service is about to be stopped.
    """
    try:
        gate.check(need)
    except Unavailable as error:
        return max(SHORTEST_WAIT, error.retry_after or 0.0)
    except Fenced:
        return STOP_PAUSE
    return 0.0


def refusal(text: str) -> Rejected | Unavailable:
    """The error for a 400 with this text."""
    low = text.lower()
    return next((kind for part, kind in REFUSALS if part in low), Rejected)(text)
