"""What a decision may ask for. The dispatcher carries it out, in order, in one commit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.dialogue.texts import Markup
from kie.jobs.job import NewJob


@dataclass(frozen=True, slots=True)
class Button:
    """One button: a press that comes back with ``press``, or a link."""

    text: str
    press: str = ""
    url: str = ""


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """A text with its buttons."""

    text: Markup
    keyboard: Keyboard = ()


@dataclass(frozen=True, slots=True)
class Say:
    """A new message."""

    screen: Screen


@dataclass(frozen=True, slots=True)
class Show:
    """The message becomes this; if it cannot be edited any more, a new one is sent."""

    message_id: int
    screen: Screen


@dataclass(frozen=True, slots=True)
class Toast:
    """The answer to a button press; every press gets exactly one."""

    query_id: str
    text: str = ""
    alert: bool = False  #: a window that the user has to close


@dataclass(frozen=True, slots=True)
class RefuseCheckout:
    """The answer to a payment that is about to be made: it is not taken."""

    query_id: str
    text: str


@dataclass(frozen=True, slots=True)
class StartJob:
    """A job, and the screen that shows its progress from now on."""

    job: NewJob
    progress: Screen


@dataclass(frozen=True, slots=True)
class CancelJob:
    """A queued job ends before it began; the press is answered with how that went."""

    query_id: str
    job_id: int
    message_id: int | None  #: the message that shows the job's progress


@dataclass(frozen=True, slots=True)
class Book:
    """The operator moves credits; operator and user are told how that went."""

    kind: str  #: ``topup``, ``grant`` or ``refund``
    target: int  #: the user, or for a refund the job
    amount: int = 0  #: not for a refund, which gives back what was paid
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SwitchModel:
    """The operator takes a model off the menu, or puts it back."""

    model: str
    on: bool


@dataclass(frozen=True, slots=True)
class ShowHistory:
    """The user's latest results are sent once more."""


@dataclass(frozen=True, slots=True)
class Move:
    """The dialogue takes this step; its version grows by one.

    A ``quiet`` move keeps the version: more is known, and the buttons shown stay right.
    """

    step: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """The user's own choice."""

    language: str


@dataclass(frozen=True, slots=True)
class SetReachable:
    """Whether the user lets us write."""

    reachable: bool


Speech = Say | Show | Toast | RefuseCheckout
Change = Move | SetLanguage | SetReachable
Effect = Speech | StartJob | CancelJob | Book | SwitchModel | ShowHistory | Change
