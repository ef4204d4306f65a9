"""Which models are on sale, how often each is used, how long it usually takes; maintenance.

The tables decide, for all instances. The dialogue uses a snapshot of them in memory, which is read
again when one of them changes, when a pause for maintenance is over, and every five minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Protocol

from loguru import logger

import sql
from kie.api.notice import Notice
from kie.money import packs, tariffs
from kie.money.packs import Pack
from kie.money.tariffs import Tariffs
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.stop_request import wait_for_wake_up, wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.wakeups import AVAILABILITY, Wakeups

EVERY = 300.0  #: seconds between two snapshots
AGAIN = 60.0  #: the same when the tables could not be read
LATEST = 2000  #: the latest jobs, from which use and usual time of models are measured
ENOUGH_MEASURED = 5  #: jobs of a model from which its usual time is measured
#: A model goes off the menu when kie.ai refuses it to so many users within so many seconds.
USERS, WITHIN = 2, 24 * 3600.0

_SQL = sql.load("availability")


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Nothing new is taken: no jobs, no payments."""

    until: datetime | None = None  #: None: until an operator ends it


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A copy of the tables."""

    withdrawn: Mapping[str, str] = field(default_factory=dict)  #: model → why
    uses: Mapping[str, int] = field(default_factory=dict)  #: model → latest jobs
    doubted: frozenset[str] = frozenset()  #: models that kie.ai refused a user lately
    packs: tuple[Pack, ...] = ()  #: of credits, on sale
    #: Model → median of the seconds that its latest jobs took; only where enough were measured.
    seconds: Mapping[str, float] = field(default_factory=dict)
    tariffs: Tariffs = Tariffs()  #: prices that the operator has changed
    maintenance: Maintenance | None = None


class Alerts(Protocol):
    """Where the operator is told something."""

    def alert(self, tx: Tx, key: str, notice: Notice) -> None:
        """``notice``, within the transaction; the same ``key`` once an hour at most."""
        ...


class Availability:
    """``snapshot`` is thread-safe; ``run`` is the body of a ``ServiceThread``."""

    def __init__(
        self,
        database: Database,
        alerts: Alerts,
        wakeups: Wakeups,
        clock: Clock,
        bot_id: int,
        first_packs: Sequence[Pack] = (),
    ) -> None:
        """``first_packs`` are on sale at a bot that never had any."""
        self._database = database
        self._alerts = alerts
        self._wakeups = wakeups
        self._clock = clock
        self._bot_id = bot_id
        self._first_packs = first_packs  #: empty once they are in the table
        self._snapshot = Snapshot()

    def snapshot(self) -> Snapshot:
        return self._snapshot

    def refused(self, tx: Tx, model: str, user_id: int, reason: str) -> None:
        """kie.ai has refused a user's job because it does not offer the model. After refusals to
        ``USERS`` users the model goes off the menu. The operator is told of both."""
        named = {"bot_id": self._bot_id, "model": model, "within": WITHIN}
        tx.run(_SQL["note_refusal"], {**named, "user_id": user_id})
        row = tx.one(_SQL["refused_users"], named)
        tx.wake(AVAILABILITY)
        if row is None or row["users"] < USERS:
            told = Notice("doubted", {"model": model, "reason": reason})
            self._alerts.alert(tx, f"doubted:{model}", told)
            return
        at = withdraw(tx, self._bot_id, model, reason)
        if at is not None:
            told = Notice("withdrawn", {"model": model, "reason": reason})
            self._alerts.alert(tx, f"withdrawn:{model}:{at}", told)

    def accepted(self, term: Term, model: str) -> None:
        """kie.ai has accepted a task of the model, so it is offered."""
        known = self._snapshot
        if model not in known.withdrawn and model not in known.doubted:
            return
        try:
            with self._database.transaction(term) as tx:
                tx.run(_SQL["forget_refusals"], {"bot_id": self._bot_id, "model": model})
                tx.wake(AVAILABILITY)
                seconds = offer_again(tx, self._bot_id, model)
                if seconds is not None:
                    told = Notice("offered", {"model": model, "minutes": round(seconds / 60)})
                    self._alerts.alert(tx, f"offered:{model}:{term.epoch}", told)
        except BotError as error:
            logger.bind(model=model, reason=str(error)).warning("model_not_put_back")

    def run(self, _term: Term, _gate: Gate, stop: Event) -> None:
        wake = Event()
        forget = self._wakeups.subscribe(AVAILABILITY, wake.set)
        wake_on_stop(stop, wake)
        try:
            while not stop.is_set():
                wake.clear()
                wait_for_wake_up(self._clock, stop, wake, self.look())
        finally:
            forget()

    def look(self) -> float:
        """Take a new snapshot; returns the seconds until the next one. When the tables cannot be
        read, the old one stays."""
        named = {"bot_id": self._bot_id}
        try:
            with self._database.transaction() as tx:
                withdrawn = tx.all(_SQL["withdrawn_models"], named)
                latest = {"latest": LATEST, "enough": ENOUGH_MEASURED}
                uses = tx.all(_SQL["model_uses"], {**named, **latest})
                doubted = tx.all(_SQL["doubted_models"], named)
                changed = tariffs.read(tx, self._bot_id)
                if self._first_packs:
                    packs.seed(tx, self._bot_id, self._first_packs)
                on_sale = packs.shown(tx, self._bot_id)
                pause = tx.one(_SQL["maintenance"], named)
        except BotError as error:
            if error.disposition is not Disposition.STEP_DOWN:
                logger.bind(reason=str(error)).warning("shelf_not_read")
            return AGAIN
        self._first_packs = ()
        self._snapshot = Snapshot(
            {row["model"]: row["reason"] for row in withdrawn},
            {row["model"]: row["uses"] for row in uses},
            frozenset(row["model"] for row in doubted),
            on_sale,
            {row["model"]: row["seconds"] for row in uses if row["seconds"]},
            changed,
            None if pause is None else Maintenance(pause["until"]),
        )
        left = None if pause is None else pause["left"]
        return EVERY if left is None else min(EVERY, left + 0.1)


def withdraw(tx: Tx, bot_id: int, model: str, reason: str) -> int | None:
    """Take it off the menu. Returns a number of this withdrawal; None: it was off before."""
    named = {"bot_id": bot_id, "model": model, "reason": reason[:500]}
    row = tx.one(_SQL["withdraw_model"], named)
    tx.wake(AVAILABILITY)
    return None if row is None else int(row["at"])


def offer_again(tx: Tx, bot_id: int, model: str) -> float | None:
    """Put it back; the seconds for which it was off. None: it was not."""
    tx.wake(AVAILABILITY)
    row = tx.one(_SQL["offer_model_again"], {"bot_id": bot_id, "model": model})
    return None if row is None else float(row["seconds"])
