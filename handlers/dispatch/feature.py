"""The declaration of a feature: one object that says what a capability answers and does.

A feature is a folder of ``handlers/features``. Its ``__init__.py`` holds one ``Feature``, and only
the list in ``handlers/features/__init__.py`` names it. Routing, unit of work, command list and
services read the declaration and nothing else.

An ``Answer`` is a rule with its ``load``. The rule is a pure function from facts to effects. What
it needs beyond the common facts, ``load`` reads inside the update's transaction. Each effect of a
feature has a function that carries it out in the same transaction and returns the deliveries.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Protocol

from handlers.bot_api.calls import Members
from handlers.bot_api.star_calls import StarReads
from handlers.delivery.outbox import Delivery, Outbox
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Compose, Effect, Effects, Screen
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
    """The bot that this process runs, as ``load`` and effects use it."""

    identity: Identity
    outbox: Outbox
    metrics: Metrics
    health: Health
    #: Removes secrets from an error, as from the log.
    clean: Callable[[str], str]

    @property
    def bot_id(self) -> int:
        return self.identity.bot_id


@dataclass(frozen=True, slots=True)
class Reading:
    """The argument of ``load``: the update's transaction and its facts."""

    tx: Tx
    installation: Installation
    facts: Facts
    press: Press | None  #: the button, if one was pressed

    @property
    def named(self) -> dict[str, Any]:
        """``bot_id`` and ``user_id`` as parameters of a statement."""
        user_id = self.facts.incoming.sender.user_id
        return {"bot_id": self.installation.bot_id, "user_id": user_id}


@dataclass(frozen=True, slots=True)
class Work:
    """The argument of the function that carries an effect out."""

    tx: Tx
    installation: Installation
    facts: Facts
    places: Places
    key: str  #: unique for this effect: its deliveries and bookings happen once
    #: The commands that Telegram lists in a language, with their descriptions.
    commands: Callable[[str], Sequence[tuple[str, str]]] = lambda _: ()

    @property
    def chat_id(self) -> int:
        return self.facts.incoming.sender.chat_id

    def count(self, feature: str, event: str, times: int = 1) -> None:
        """Count an event that the feature declares in ``counters``, after the commit."""
        counter = self.installation.metrics.events.labels(feature, event)
        self.tx.afterwards(lambda: counter.inc(times))

    def told(self, kind: str, payload: dict[str, Any], *, key: str = "", **more: Any) -> Delivery:
        """A delivery to the chat of the update; ``key`` separates several of one effect."""
        whole = f"{self.key}:{key}" if key else self.key
        thread = self.facts.incoming.sender.thread
        return Delivery(self.chat_id, kind, payload, whole, thread=thread, **more)


#: ``(facts, what it answers)``, and a third argument, what ``load`` returned, if there is one.
#: None: this rule does not answer it.
Rule = Callable[..., Effects | None]
CarryOut = Callable[[Any, Work], Sequence[Delivery]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A rule and what it needs. It gets the facts and what it answers: a command, a press, …"""

    rule: Rule
    load: Callable[[Reading], Any] | None = None
    #: The rule may cost credits: the account is locked, and the update is handled alone.
    spends: bool = False
    #: The answer to a press when the step of its button is over. None: the current step is shown.
    stale: Callable[[Facts, Press], Effects | None] | None = None


class Show(Protocol):
    def __call__(self, facts: Facts, language: str, lead: Markup | None) -> Screen:
        """The screen of the step, under the sentence ``lead``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the dialogue. Without ``text`` or ``media`` only its buttons answer it."""

    show: Show
    buttons: Mapping[str, Answer] = field(default_factory=dict)
    text: Answer | None = None
    media: Answer | None = None
    other: Answer | None = None  #: any other content, a PDF among it
    #: The answers that are kept when the dialogue returns to its first screen from here.
    kept: Callable[[Facts], Mapping[str, Any]] = lambda _: {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The argument of ``services``: what the services of a feature are made of."""

    installation: Installation
    database: Database
    clock: Clock
    wakeups: Wakeups
    shop: Callable[[], Shop]
    #: Makes the service that runs ``body(term, gate, stop)`` in a thread of its own.
    thread: Callable[[str, Callable[[Term, Gate, Event], None]], Service]
    #: The same as a task of the event loop, restarted after an error.
    task: Callable[[str, Callable[[Term, Gate, asyncio.Event], Coroutine[Any, Any, None]]], Service]
    stars: StarReads  #: Telegram's list of this bot's Star transactions
    members: Members  #: who is in which chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One capability. Each command, button, step, kind and effect belongs to one feature."""

    name: str
    words: Words | None = None
    commands: Mapping[str, Answer] = field(default_factory=dict)
    #: Commands of operators; if the rule returns None, the command of the same name answers.
    operator_commands: Mapping[str, Answer] = field(default_factory=dict)
    #: Buttons that are valid at any time.
    buttons: Mapping[str, Answer] = field(default_factory=dict)
    steps: Mapping[str, Step] = field(default_factory=dict)
    #: Other kinds of updates.
    kinds: Mapping[type[Incoming], Answer] = field(default_factory=dict)
    #: The answer to ``Compose``: an order that another feature proposes.
    compose: Callable[[Facts, Compose], Effects] | None = None
    #: Links ``t.me/<bot>?start=<name>_<argument>``, by name; the rule gets them as a press.
    links: Mapping[str, Answer] = field(default_factory=dict)
    #: Whether an update that is no press may cost credits, as ``Answer.spends`` says of a press.
    spends: Callable[[Incoming], bool] = lambda _: False
    #: What is for us in a group: a command, a mention, a press.
    group: Answer | None = None
    effects: Mapping[type[Effect], CarryOut] = field(default_factory=dict)
    #: Buttons for places: place → name → button (``dialogue/places.py``).
    places: Mapping[str, Mapping[str, Offered]] = field(default_factory=dict)
    #: Commands of the list that Telegram shows, and whether each is shown at the moment.
    listed: Mapping[str, Callable[[Shop], bool]] = field(default_factory=dict)
    #: Its services while this instance is ACTIVE.
    services: Callable[[Parts], Sequence[Service]] = lambda _: ()
    #: Events that it counts in ``trt_feature_events_total``: name → what it means.
    counters: Mapping[str, str] = field(default_factory=dict)


def always(_shop: Shop) -> bool:
    """A command that is always listed."""
    return True
