"""The updates as rules see them: one type for each thing that a user can do.

``update_reader.py`` makes these from Telegram's JSON.
"""

from dataclasses import dataclass, field
from typing import Any

from kie.catalogue.user_file import UserFile
from supervisor.values.record import record

#: Contents of a message that a user may send where a text is expected → kind in our texts.
KINDS = {
    "photo": "photo",
    "live_photo": "photo",
    "sticker": "sticker",
    "voice": "voice",
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "audio": "audio",
    "document": "document",
    "gift": "gift",
    "unique_gift": "gift",
}
#: Every other kind of content.
OTHER = "other"


@record
class Sender:
    """The user, and the chat for the answer."""

    chat_id: int
    user_id: int
    private: bool
    username: str | None
    first_name: str | None
    language_code: str | None
    thread: int | None = None  #: the topic of the chat
    #: In the name of a group or a channel: Telegram does not say who it is.
    anonymous: bool = False
    #: Who wrote the message that the sender has forwarded; 0: Telegram hides it.
    forwarded: int | None = None


@dataclass(frozen=True, slots=True)
class Command:
    sender: Sender
    name: str  #: lower case, without slash
    bot: str | None  #: the name after ``@``
    arguments: str = ""  #: what follows the command
    own: bool = True  #: written by the sender: not forwarded, not sent through another bot
    message_id: int = 0
    date: int = 0  #: seconds since 1970, by Telegram's clock
    known: bool = False  #: a feature answers it; set where it was sent to a group
    #: The one under which it stands in a group, else the picture of the message that it answers.
    file: UserFile | None = None


@record
class Text:
    sender: Sender
    text: str
    message_id: int = 0
    date: int = 0  #: seconds since 1970, by Telegram's clock
    #: The picture, recording or clip of the message that this one replies to.
    replied: UserFile | None = None
    marks: tuple[Any, ...] = ()  #: its formatting, as Telegram's ``entities``
    own: bool = True  #: written by the sender: not forwarded, not sent through another bot


@dataclass(frozen=True, slots=True)
class Mention:
    """A message in a group that names a bot or replies to one of its messages."""

    sender: Sender
    words: str
    message_id: int
    names: frozenset[str] = frozenset()  #: who is named, in lower case, without ``@``
    answers: str = ""  #: the bot whose message it answers, in lower case
    #: Its file, else the file of the message that it answers.
    file: UserFile | None = None
    own: bool = False  #: the file is its own


@dataclass(frozen=True, slots=True)
class Attachment:
    """A photo or a document of any type, by its file_id."""

    kind: str  #: photo or document
    file_id: str
    unique_id: str  #: the same for the same file, whoever sends it
    mime: str = ""  #: as the sender's app says; empty: it does not


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, a recording or a clip."""

    sender: Sender
    file: UserFile
    album: str | None  #: the same for all files that were sent together
    caption: str
    kind: str  #: one of the values of ``KINDS``, or ``OTHER``
    message_id: int = 0
    #: More pictures of the same message, if it is a text with pictures.
    more: tuple[UserFile, ...] = field(default=())
    attachment: Attachment | None = None
    date: int = 0  #: seconds since 1970, by Telegram's clock
    marks: tuple[Any, ...] = ()  #: the formatting of the caption, as Telegram's entities
    command: str = ""  #: before the caption: lower case, without slash


@dataclass(frozen=True, slots=True)
class Edited:
    """The user has edited a message: its text, or the file or the words under it."""

    sender: Sender
    message_id: int
    text: str
    command: str = ""  #: lower case, without slash; ``text`` is what follows it
    media: Media | None = None  #: its file, which may be unchanged
    answered: UserFile | None = None  #: the picture of the message that it answers
    attachment: Attachment | None = None  #: its photo or document, of any type
    album: str | None = None  #: the same for all files that were sent together


@dataclass(frozen=True, slots=True)
class Pressed:
    sender: Sender
    query_id: str
    data: str
    message_id: int | None  #: the message with the button, if its text can be edited
    under: int | None = None  #: the message with the button, whatever it holds


@dataclass(frozen=True, slots=True)
class Other:
    sender: Sender
    kind: str  #: one of the values of ``KINDS``, or ``OTHER``
    attribute: str = ""  #: what Telegram calls it
    hint: str = ""  #: the key of a sentence that says what would help
    attachment: Attachment | None = None
    album: str | None = None  #: the same for all files that were sent together
    message_id: int = 0


@dataclass(frozen=True, slots=True)
class Membership:
    sender: Sender
    reachable: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A group has become a supergroup. Telegram says so in both."""

    sender: Sender
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class InlineQuery:
    """An inline query: the user types the bot's name in any chat and gets a list of results."""

    sender: Sender
    query_id: str
    text: str
    offset: str = ""  #: where the page begins; empty: the first one


@dataclass(frozen=True, slots=True)
class Checkout:
    """A pre-checkout query: Telegram asks whether the payment may go on."""

    sender: Sender
    query_id: str
    currency: str = ""
    amount: int = 0
    payload: str = ""


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment has arrived, or was refunded."""

    sender: Sender
    charge_id: str  #: Telegram's id of the payment; empty: missing in the update
    currency: str
    amount: int
    payload: str
    refunded: bool = False
    paid_until: int | None = None  #: seconds since 1970: the end of a subscription's month
    recurring: bool = False  #: for a month of a subscription
    first: bool = False  #: that begins with it


@dataclass(frozen=True, slots=True)
class SubscriptionNews:
    """A subscription changed at Telegram: its user ended it or took it up again, or there were
    too few Stars for the next month."""

    sender: Sender
    payload: str  #: of the invoice that began it
    state: str  #: canceled, active or failed; another one is not known yet


Incoming = (
    Command
    | Text
    | Mention
    | Edited
    | Media
    | Pressed
    | Other
    | Membership
    | Moved
    | InlineQuery
    | Checkout
    | Paid
    | SubscriptionNews
)
