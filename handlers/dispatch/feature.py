"""The declaration of a feature: one object that says what a capability answers and does.

A feature is a folder of ``handlers/features``. Its ``__init__.py`` holds one ``Feature``;
the list in ``handlers/features/__init__.py`` is the only place that knows it. Routing, unit of
work, command list and services read the declaration and nothing else.

An ``Answer`` is a rule with what it needs. The rule is a pure function from facts to effects.
What it needs beyond the common facts, ``load`` reads inside the update's transaction, so
nobody else knows that it exists. Each effect of a feature has a function that carries it out
in the same transaction and returns what is to be delivered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Protocol

from handlers.delivery.outbox import Delivery, Outbox
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effect, Effects, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Incoming
from handlers.dialogue.places import Offered, Places
from handlers.shop.shop import Shop
from handlers.words.texts import Markup, Words
from supervisor.database.transactions import Database, Tx
from supervisor.health.health import Health
from supervisor.runtime.clock import Clock
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import Service
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from supervisor.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Installation:
    """The bot that this process runs, for what a feature reads and writes."""

    identity: Identity
    outbox: Outbox
    metrics: Metrics
    health: Health
    #: Takes the secrets out of an error, as out of the log.
    clean: Callable[[str], str]

    @property
    def bot_id(self) -> int:
        return self.identity.bot_id


@dataclass(frozen=True, slots=True)
class Reading:
    """What ``load`` works with: the update's transaction, and who asks."""

    tx: Tx
    installation: Installation
    facts: Facts
    press: Press | None  #: the button, if one was pressed

    @property
    def named(self) -> dict[str, Any]:
        """Bot and user as parameters of a statement."""
        user_id = self.facts.incoming.sender.user_id
        return {"bot_id": self.installation.bot_id, "user_id": user_id}


@dataclass(frozen=True, slots=True)
class Work:
    """What an effect is carried out with."""

    tx: Tx
    installation: Installation
    facts: Facts
    places: Places
    key: str  #: of this effect: deliveries and bookings under it happen once

    @property
    def chat_id(self) -> int:
        return self.facts.incoming.sender.chat_id

    def count(self, feature: str, event: str, times: int = 1) -> None:
        """An event that the feature declares as a counter; counted after the commit."""
        counter = self.installation.metrics.events.labels(feature, event)
        self.tx.afterwards(lambda: counter.inc(times))

    def told(self, kind: str, payload: dict[str, Any], *, key: str = "", **more: Any) -> Delivery:
        """A delivery to the chat of the update; ``key`` tells several of one effect apart."""
        whole = f"{self.key}:{key}" if key else self.key
        thread = self.facts.incoming.sender.thread
        return Delivery(self.chat_id, kind, payload, whole, thread=thread, **more)


#: ``(facts, what it answers)``, and what was loaded if the answer loads anything. None: this
#: rule does not want it after all.
Rule = Callable[..., Effects | None]
CarryOut = Callable[[Any, Work], Sequence[Delivery]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A rule and what it needs. It gets the facts and what it answers: a command, a press, …"""

    rule: Rule
    load: Callable[[Reading], Any] | None = None
    #: The rule may cost credits: the account holds still, and the update is handled alone.
    spends: bool = False
    #: What a press of this button leads to when its step is over. None: the step is shown.
    stale: Callable[[Facts, Press], Effects | None] | None = None


class Show(Protocol):
    def __call__(self, facts: Facts, language: str, lead: Markup | None) -> Screen:
        """The step as it is, under the ``lead`` sentence."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A place in the dialogue. Without ``text`` or ``media`` it asks for one of its buttons."""

    show: Show
    buttons: Mapping[str, Answer] = field(default_factory=dict)
    text: Answer | None = None
    media: Answer | None = None
    #: What stays of the answers when the dialogue goes home from here.
    kept: Callable[[Facts], Mapping[str, Any]] = lambda _: {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a service of a feature is made of."""

    installation: Installation
    database: Database
    clock: Clock
    wakeups: Wakeups
    #: Makes the service that runs ``body(term, gate, stop)`` in a thread of its own.
    thread: Callable[[str, Callable[[Term, Gate, Event], None]], Service]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One capability. Names of commands, buttons, steps, kinds and effects belong to one."""

    name: str
    words: Words | None = None
    commands: Mapping[str, Answer] = field(default_factory=dict)
    #: Commands of operators; a rule that returns None leaves the command to everybody's.
    operator_commands: Mapping[str, Answer] = field(default_factory=dict)
    #: Buttons that are right at any time.
    buttons: Mapping[str, Answer] = field(default_factory=dict)
    steps: Mapping[str, Step] = field(default_factory=dict)
    #: Other kinds of updates.
    kinds: Mapping[type[Incoming], Answer] = field(default_factory=dict)
    #: A command that is addressed to us in a group.
    group: Answer | None = None
    effects: Mapping[type[Effect], CarryOut] = field(default_factory=dict)
    #: Buttons for places: place → name → button (``dialogue/places.py``).
    places: Mapping[str, Mapping[str, Offered]] = field(default_factory=dict)
    #: Commands of the list that Telegram shows, and whether each is shown at the moment.
    listed: Mapping[str, Callable[[Shop], bool]] = field(default_factory=dict)
    #: What it does on its own while this instance is ACTIVE.
    services: Callable[[Parts], Sequence[Service]] = lambda _: ()
    #: Events that it counts in ``trt_feature_events_total``: name → what it means.
    counters: Mapping[str, str] = field(default_factory=dict)


def always(_shop: Shop) -> bool:
    """A command that is always listed."""
    return True
