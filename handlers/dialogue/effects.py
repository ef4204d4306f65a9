"""The effects that a rule may return. ``dispatch`` carries them out, in order, in one commit.

The effects here are those that every feature uses. A feature adds its own by a subclass of
``Effect`` and says in its declaration how it is carried out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.dialogue.incoming import Media, Other
from handlers.words.texts import Markup
from supervisor.values.record import record


@record
class Button:
    """One button: with callback data (``press``), with a link, one that opens a chat of the
    user's choice with the inline query ``share``, or one that copies ``copy``."""

    text: str
    press: str = ""
    url: str = ""
    share: str = ""
    copy: str = ""  #: at most 256 characters


Keyboard = tuple[tuple[Button, ...], ...]


@record
class Screen:
    """A text with its buttons."""

    text: Markup
    keyboard: Keyboard = ()


class Effect:
    """The base class of all effects; it carries nothing."""

    __slots__ = ()


Effects = tuple[Effect, ...]


@record
class Say(Effect):
    """A new message. With buttons it becomes the card of the chat, and the card before it is
    removed."""

    screen: Screen
    stays: bool = False  #: it is not the card: it stays in the chat, and the card does, too
    #: A name: the message waits a second for more of the same (an album) and replaces a message
    #: that waits under the same name.
    settles: str = ""


@record
class Show(Effect):
    """The message becomes this; if it cannot be edited any more, a new one is sent. With buttons
    it is the card of the chat."""

    message_id: int
    screen: Screen
    stays: bool = False  #: it is not the card: it changes where it is, and the card stays


@dataclass(frozen=True, slots=True)
class Toast(Effect):
    """The answer to a press: a text that Telegram shows. Without it the answer is empty."""

    text: str = ""
    alert: bool = False  #: as a window that the user has to close


@dataclass(frozen=True, slots=True)
class Again(Effect):
    """Show the current step once more; nothing changes."""

    lead: Markup | None = None  #: stands above the step and says why
    at: int | None = None  #: the message that becomes the step; None: a new one
    language: str | None = None  #: None: the user's
    credited: int = 0  #: credits that an effect before it books for the user
    move: "Move | None" = None  #: the dialogue takes this step first


@dataclass(frozen=True, slots=True)
class Home(Effect):
    """Return to the first screen. Answers that the current step keeps (``Step.kept``) stay."""

    lead: Markup | None = None  #: stands in place of the greeting
    at: int | None = None  #: the message that becomes the screen; None: a new one
    language: str | None = None  #: None: the user's
    forget: bool = False  #: no answers stay


@dataclass(frozen=True, slots=True)
class Place:
    """Another chat than the one in which it was asked, and its topic."""

    chat_id: int
    thread: int | None = None


@dataclass(frozen=True, slots=True)
class Compose(Effect):
    """An order with these inputs: the feature that takes orders shows a card or makes the job."""

    model: str
    inputs: Mapping[str, Any]
    change: str = ""  #: the input that its user wants to give anew
    other: bool = False  #: its user wants to choose another model
    source: int | None = None  #: the user's message that it answers
    #: The job that it repeats; with a price, the one on the pressed button, it is ordered at once.
    repeats: int | None = None
    price: int | None = None
    place: Place | None = None  #: where progress and result go; None: here
    key: str = ""  #: two orders with the same key are one; empty: each press is an order


@record
class Move(Effect):
    """The dialogue takes this step; its version grows by one.

    A ``quiet`` move keeps the version: it adds answers, and the buttons shown stay valid.
    """

    step: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Hear(Effect):
    """The step of this move answers the file as if it came there."""

    move: Move
    incoming: Media | Other


@record
class SetReachable(Effect):
    """Whether the user can be reached: has not blocked the bot."""

    reachable: bool


def present(screen: Screen, at: int | None) -> Effect:
    """In place of the pressed message where there is one, else as a new message."""
    return Say(screen) if at is None else Show(at, screen)
