"""What operators are told without asking: facts of the database and of this process.

The statement ``alert_facts`` (``sql/alerts.sql``) and the troubles of /health are the facts. The
pure function ``alerts`` says which of them are worth a message. ``Outbox.notice`` limits how many
are sent. Single events (an update set aside, a model withdrawn, a ledger that does not add up) are
told where they happen.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from threading import Event
from types import MappingProxyType

from loguru import logger

import sql
from handlers.delivery.outbox import Outbox, Told
from handlers.words.texts import plain, shorten
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Database, Tx
from supervisor.health.health import Health
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.term import Gate, Term
from supervisor.settings.identity import Identity

#: Seconds between two looks. They run in a thread of their own, not in the scheduler: that the
#: scheduler hangs is one of the alerts.
EVERY = 30.0
LATE = 120.0  #: seconds that a due update may wait
LOOKS = 6  #: looks in a row at which a backlog must have grown, over 2.5 minutes
BACKLOG = 100  #: updates; a smaller backlog is no alert
MOST_TERMS = 4  #: in ten minutes; a deploy makes one or two
FAILURES = 5  #: deliveries in ten minutes …
FAILURE_SHARE = 0.2  #: … and of all that ended
MOST_LEFT = 3  #: results of a day that were made and never fetched, since their users block the bot
#: Late rows that no other alert tells of.
STUCK = {"answers", "results", "jobs"}
QUOTED = 160  #: UTF-16 units of an error

_SQL = sql.load("alerts")


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """The row of ``alert_facts``; counts are of the last ten minutes, the backlog is of now."""

    unprocessed: int = 0
    oldest_seconds: float = 0.0
    unreadable: int = 0
    failed: int = 0
    failed_with: str | None = None
    ended: int = 0  #: deliveries, the failed ones among them
    terms: int = 0
    lost_epoch: int | None = None  #: of the previous term, if it has not recorded its end
    lost_instance: str | None = None
    lost_reason: str | None = None
    lost_seconds: float | None = None
    unfetched: int = 0  #: results of a day whose users had blocked the bot


@dataclass(frozen=True, slots=True)
class Alert:
    """The same ``key`` is told once an hour."""

    key: str
    told: Told


def alerts(
    seen: AlertFacts,
    *,
    backlogs: Sequence[int] = (),
    overdue: str | None = None,
    troubles: Mapping[str, str] | None = None,
    late: Mapping[str, float] = MappingProxyType({}),
) -> Sequence[Alert]:
    """The facts that need an operator. ``backlogs`` are the numbers of waiting updates at the last
    looks, the oldest first; ``overdue``, ``troubles`` and ``late`` come from /health."""
    found: list[Alert] = []

    def tell(key: str, name: str, **fields: object) -> None:
        found.append(Alert(key, lambda language: plain(language, f"alert_{name}", **fields)))

    if seen.lost_epoch is not None:
        tell(
            f"lock-lost:{seen.lost_epoch}",
            "lock_lost",
            epoch=seen.lost_epoch,
            instance=seen.lost_instance,
            seconds=round(seen.lost_seconds or 0.0),
            reason=_quoted(seen.lost_reason),
        )
    if seen.terms >= MOST_TERMS:
        tell("hand-overs", "hand_overs", n=seen.terms)
    if overdue is not None:
        tell("progress", "progress", reason=overdue)
    if seen.oldest_seconds > LATE:
        oldest = round(seen.oldest_seconds / 60)
        tell("backlog", "backlog_old", n=seen.unprocessed, minutes=oldest)
    elif _grows(backlogs):
        tell("backlog", "backlog_grows", first=backlogs[-LOOKS], n=backlogs[-1])
    for what in sorted(STUCK & late.keys()):
        tell(f"stuck-{what}", f"stuck_{what}", minutes=round(late[what] / 60))
    if seen.unfetched >= MOST_LEFT:
        tell("unfetched", "unfetched", n=seen.unfetched)
    if seen.unreadable:
        tell("unreadable", "unreadable", n=seen.unreadable)
    if _many_fail(seen):
        reason = _quoted(seen.failed_with)
        tell("deliveries", "deliveries", n=seen.failed, ended=seen.ended, reason=reason)
    for part, trouble in (troubles or {}).items():
        # The part that gets kie.ai's refusal first tells it under the same key.
        found.append(Alert(f"kie:{trouble}" if part == "kie" else part, trouble))
    return found


def _many_fail(seen: AlertFacts) -> bool:
    return seen.failed >= FAILURES and seen.failed >= FAILURE_SHARE * seen.ended


def _grows(backlogs: Sequence[int]) -> bool:
    last = backlogs[-LOOKS:]
    return (
        len(last) == LOOKS
        and last[-1] >= BACKLOG
        and all(before < after for before, after in pairwise(last))
    )


def _quoted(error: str | None) -> str:
    return shorten(error or "—", QUOTED)


class Alerts:
    """The body of a ``ServiceThread``: ``run`` until the term's stop."""

    def __init__(
        self,
        *,
        database: Database,
        identity: Identity,
        outbox: Outbox,
        health: Health,
        clock: Clock,
    ) -> None:
        self._database = database
        self._identity = identity
        self._outbox = outbox
        self._health = health
        self._clock = clock
        self._telling: BatchRunner[Alert] = BatchRunner(
            database, clock, "alerts", key=lambda alert: alert.key
        )
        self._backlogs: deque[int] = deque(maxlen=LOOKS)

    def run(self, term: Term, _gate: Gate, stop: Event) -> None:
        self._backlogs.clear()
        while not self._clock.wait(stop, self._clock.jitter(EVERY)):
            try:
                self.look(term)
            except BotError as error:
                if error.disposition is not Disposition.STEP_DOWN:
                    logger.bind(reason=str(error)).warning("alerts_missed")

    def look(self, term: Term) -> None:
        """Look once, and tell the operators what needs them. Raises what the database does."""
        params = {
            "bot_id": self._identity.bot_id,
            "key": self._identity.lock_key,
            "epoch": term.epoch,
        }
        with self._database.transaction() as tx:
            row = tx.one(_SQL["alert_facts"], params)
        seen = AlertFacts(**row) if row is not None else AlertFacts()
        self._backlogs.append(seen.unprocessed)
        found = alerts(
            seen,
            backlogs=list(self._backlogs),
            overdue=self._health.progress.overdue(),
            troubles=self._health.troubles(),
            late=self._health.late(),
        )
        if not found:
            return
        self._telling.run(term, found, self._tell)

    def _tell(self, tx: Tx, found: Sequence[Alert]) -> None:
        for alert in found:
            if self._outbox.notice(tx, alert.key, alert.told):
                told = logger.bind(key=alert.key)
                tx.afterwards(partial(told.warning, "operator_alerted"))
