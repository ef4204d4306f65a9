"""The declaration of a feature: one object that says what a capability answers and does.

A feature is a folder of ``handlers/features``. Its ``__init__.py`` holds one ``Feature``, and only
the list in ``handlers/features/__init__.py`` names it. Routing, unit of work, command list and
services read the declaration and nothing else.

An ``Answer`` is a rule with its ``load``. The rule is a pure function from facts to effects. What
it needs beyond the common facts, ``load`` reads inside the update's transaction. Each effect of a
feature has a function that carries it out in the same transaction and returns the deliveries.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Protocol

import sql
from handlers.bot_api.calls import Members
from handlers.bot_api.star_calls import StarReads
from handlers.delivery.outbox import Delivery, Outbox
from handlers.delivery.payloads import Payload
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Compose, Effect, Effects, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Incoming
from handlers.dialogue.places import Offered, Places
from handlers.dispatch.alert import Alert
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
from supervisor.values.record import record

_SQL = sql.load("dispatch")

#: Questions of one user to the operators within an hour: strangers must not fill the line in which
#: operators hear of everything else.
MOST_QUESTIONS = 5


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
    update_seq: int | None = None  #: the row of the inbox

    @property
    def named(self) -> dict[str, Any]:
        """``bot_id`` and ``user_id`` as parameters of a statement."""
        user_id = self.facts.incoming.sender.user_id
        return {"bot_id": self.installation.bot_id, "user_id": user_id}


@record
class Work:
    """The argument of the function that carries an effect out."""

    tx: Tx
    installation: Installation
    facts: Facts
    places: Places
    key: str  #: unique for this effect: its deliveries and bookings happen once
    #: The commands that Telegram lists in a language, with their descriptions.
    commands: Callable[[str], Sequence[tuple[str, str]]] = lambda _: ()
    update_seq: int | None = None  #: the row of the inbox
    #: The message with the current step of a user; None: nothing is begun.
    theirs: Callable[[int], Payload | None] = lambda _: None
    #: Whether a user can go on with something that was begun and is not the current step.
    keeps: Callable[[int], bool] = lambda _: False

    @property
    def chat_id(self) -> int:
        return self.facts.incoming.sender.chat_id

    def count(self, feature: str, event: str, times: int = 1) -> None:
        """Count an event that the feature declares in ``counters``, after the commit."""
        counter = self.installation.metrics.events.labels(feature, event)
        self.tx.afterwards(lambda: counter.inc(times))

    def acted(
        self,
        act: str,
        target: object = "",
        *,
        before: Any = None,
        after: Any = None,
        user_id: int | None = None,
        undoes: int | None = None,
    ) -> int:
        """Record the act of the operator who sent the update, in its commit. ``before`` and
        ``after`` are what it changed, as JSON; ``user_id`` is whose account it concerns. Returns
        the number of the act. Raises ``PermissionError`` for anybody else."""
        if not self.facts.admin:
            raise PermissionError(f"{act} by somebody who is no operator")
        row = self.tx.one(
            _SQL["record_act"],
            {
                "bot_id": self.installation.bot_id,
                "admin": self.facts.incoming.sender.user_id,
                "act": act,
                "target": str(target),
                "before": None if before is None else json.dumps(before),
                "after": None if after is None else json.dumps(after),
                "update_seq": self.update_seq,
                "user_id": user_id,
                "undoes": undoes,
            },
        )
        return 0 if row is None else int(row["id"])

    def ask_operators(self, asking: Callable[[str], Screen]) -> None:
        """A question of the user to each operator; ``asked_enough`` says whether it may be."""
        user_id = self.facts.incoming.sender.user_id
        key = _next_question(self.tx, self.installation, user_id, self.facts.shop)
        if key is not None:
            self.installation.outbox.ask_operators(self.tx, key, asking)

    def told_theirs(self, user_id: int) -> Sequence[Delivery]:
        """The order of a user that waits, after something was booked for them."""
        waiting = self.theirs(user_id)
        return [Delivery(user_id, "answer", waiting, f"{self.key}:step")] if waiting else []

    def told(self, kind: str, payload: dict[str, Any], *, key: str = "", **more: Any) -> Delivery:
        """A delivery to the chat of the update; ``key`` separates several of one effect."""
        whole = f"{self.key}:{key}" if key else self.key
        thread = self.facts.incoming.sender.thread
        return Delivery(self.chat_id, kind, payload, whole, thread=thread, **more)


def asked_enough(reading: Reading) -> bool:
    """Whether the user has asked the operators as often within the hour as may be."""
    user_id, shop = reading.facts.incoming.sender.user_id, reading.facts.shop
    return _next_question(reading.tx, reading.installation, user_id, shop) is None


def _next_question(tx: Tx, installation: Installation, user_id: int, shop: Shop) -> str | None:
    who = installation.identity.person(user_id).hex()[:16]  # tells nobody who that is
    named = {"bot_id": installation.bot_id, "who": who, "most": MOST_QUESTIONS}
    row = tx.one(_SQL["next_question"], {**named, "operators": sorted(shop.admins)})
    return None if row is None else str(row["key"])


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
    #: For operators: routing checks ``ADMIN_ID`` before it loads anything, at every update.
    operators: bool = False
    #: For operators: it also takes words that somebody else has written (forwarded ones).
    foreign: bool = False
    #: The answer to a press when the step of its button is over. None: the current step is shown.
    stale: Callable[[Facts, Press], Effects | None] | None = None


class AlertSource(Protocol):
    def __call__(self, tx: Tx, *, installation: Installation) -> Sequence[Alert]:
        """The states that are there now, by a bounded number of rows."""
        ...


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
    forwarded: Answer | None = None  #: a forwarded message, whatever it holds
    brief: bool = False  #: it waits for one message; a command leaves it for the step before it
    #: The answers that are kept when the dialogue returns to its first screen from here.
    kept: Callable[[Facts], Mapping[str, Any]] = lambda _: {}
    #: Whether its user can go on with something that was begun before.
    waits: Callable[[Facts], bool] = lambda _: True


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The argument of ``services``: what the services of a feature are made of."""

    installation: Installation
    database: Database
    clock: Clock
    wakeups: Wakeups
    shop: Callable[[], Shop]
    #: Makes the service that runs ``body(term, gate, stop)`` in a thread of its own; after an error
    #: it begins again.
    thread: Callable[[str, Callable[[Term, Gate, Event], None]], Service]
    #: The same as a task of the event loop.
    task: Callable[[str, Callable[[Term, Gate, asyncio.Event], Coroutine[Any, Any, None]]], Service]
    stars: StarReads  #: Telegram's list of this bot's Star transactions
    members: Members  #: who is in which chat
    places: Places = field(default_factory=Places)  #: the buttons of all features
    #: The message with the current step of a user, read in the transaction; None: nothing is begun.
    current: Callable[[Tx, int], Payload | None] = lambda _tx, _user_id: None
    #: Removes the files of these links from this machine's disk.
    remove_files: Callable[[Iterable[str]], None] = lambda _: None


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
    #: None: none does.
    spends: Callable[[Incoming], bool] | None = None
    #: Asked first about a photo or document in private; None from its rule: the step answers it.
    files: Answer | None = None
    #: What is for us in a group: a command, a mention, a press.
    group: Answer | None = None
    effects: Mapping[type[Effect], CarryOut] = field(default_factory=dict)
    #: Buttons for places: place → name → button (``dialogue/places.py``).
    places: Mapping[str, Mapping[str, Offered]] = field(default_factory=dict)
    #: What a new user gets before the first screen.
    welcome: Callable[[Facts], Effects] = lambda _: ()
    #: Commands of the list that Telegram shows, and whether each is shown at the moment.
    listed: Mapping[str, Callable[[Shop], bool]] = field(default_factory=dict)
    #: Commands of operators that stand in their list and their /help.
    operator_listed: Sequence[str] = ()
    #: Find states that operators are alerted to, every 30 s, until they end.
    alerts: Sequence[AlertSource] = ()
    #: Its services while this instance is ACTIVE.
    services: Callable[[Parts], Sequence[Service]] = lambda _: ()
    #: Events that it counts in ``trt_feature_events_total``: name → what it means.
    counters: Mapping[str, str] = field(default_factory=dict)


def always(_shop: Shop) -> bool:
    """A command that is always listed."""
    return True
