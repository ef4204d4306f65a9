"""What operators are told without asking: facts of the database and of this process.

The statement ``alert_facts`` (``sql/alerts.sql``) and the troubles of /health are the facts. The
pure function ``alerts`` says which of them are worth a message. ``Outbox.notice`` limits how many
are sent. Single events (an update set aside, a model withdrawn, a ledger that does not add up) are
told where they happen. ``alert_occasions.py`` says when the database is asked.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from threading import Event
from types import MappingProxyType
from typing import Any

from loguru import logger

import sql
from handlers.delivery.outbox import Outbox
from handlers.dialogue.effects import Keyboard
from handlers.dispatch.alert import Alert
from handlers.operator.alert_occasions import BACKLOG, LATE, AlertOccasions
from handlers.words import troubles as words
from handlers.words.texts import measured, plain
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Database, Row, Tx
from supervisor.health.health import Health
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity

#: Seconds between two looks. They run in a thread of their own: that the scheduler hangs is told.
EVERY = 30.0
QUIET = 2.5 * EVERY  #: seconds without an alert after which its state is over: two looks
LOOKS = 6  #: looks in a row at which a backlog must have grown, over 2.5 minutes
MOST_TERMS = 4  #: in ten minutes; a deploy makes one or two
FAILURES = 5  #: deliveries in ten minutes …
FAILURE_SHARE = 0.2  #: … and of all that ended
MOST_LEFT = 3  #: results of a day that were made and never fetched, since their users block the bot
#: Parts whose trouble may come from the token.
TOKEN_PARTS = {"telegram", "polling"}
#: Late rows that no other alert tells of.
STUCK = {"answers", "results", "jobs"}
#: The place whose buttons are of use when the state of a place is over; else the same place.
#: Neither credits nor a token are needed any more; a maintenance that was begun for it can end.
AFTERWARDS = {"alarm_kie": "alarm_pause", "alarm_token": "alarm"}

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
    alarms_last: bool = True  #: there is one whose end nobody was told of
    unfetched: int = 0  #: results of a day whose users had blocked the bot


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
    tell = partial(_tell, found)

    if seen.lost_epoch is not None:
        tell(
            f"lock-lost:{seen.lost_epoch}",
            "lock_lost",
            epoch=seen.lost_epoch,
            instance=seen.lost_instance,
            seconds=round(seen.lost_seconds or 0.0),
            reason=seen.lost_reason or None,
        )
    if seen.terms >= MOST_TERMS:
        tell("hand-overs", "hand_overs", over="hand_overs", n=seen.terms)
    if overdue is not None:
        tell("progress", "progress", over="progress", reason=overdue)
    if seen.oldest_seconds > LATE:
        oldest = round(seen.oldest_seconds / 60)
        tell("backlog", "backlog_old", over="backlog", n=seen.unprocessed, minutes=oldest)
    elif _grows(backlogs):
        first = backlogs[-LOOKS]
        tell("backlog", "backlog_grows", over="backlog", first=first, n=backlogs[-1])
    for what in sorted(STUCK & late.keys()):
        minutes = round(late[what] / 60)
        # Without maintenance, more would be ordered of what does not end.
        where = "alarm_pause" if what == "jobs" else "alarm"
        over = f"stuck_{what}"
        tell(f"stuck-{what}", over, over=over, place=where, minutes=minutes)
    if seen.unfetched >= MOST_LEFT:
        tell("unfetched", "unfetched", over="unfetched", n=seen.unfetched)
    if seen.unreadable:
        where = "alarm_set_aside"
        tell("unreadable", "unreadable", over="unreadable", place=where, n=seen.unreadable)
    if _many_fail(seen):
        failed, reason = seen.failed, seen.failed_with or "—"
        over = "deliveries"
        tell("deliveries", over, over=over, reason=reason, n=failed, ended=seen.ended)
    return [*found, *(_trouble(part, trouble) for part, trouble in (troubles or {}).items())]


def _tell(
    found: list[Alert],
    key: str,
    name: str,
    *,
    over: str = "",
    place: str = "alarm",
    reason: str | None = "",
    **fields: Any,
) -> None:
    def told(language: str) -> str:
        why = "" if reason == "" else words.explained(reason, language)
        return plain(language, f"alert_{name}", reason=why, **fields)

    found.append(Alert(key, told, f"over_{over}" if over else "", place))


def _trouble(part: str, trouble: str) -> Alert:
    """A part does not work. The part that gets kie.ai's refusal first tells it under the same
    key."""
    told = partial(words.of_part, part, trouble)
    if part == "kie":
        return Alert(f"kie:{trouble}", told, "over_kie", "alarm_kie")
    return Alert(part, told, f"over_part_{words.known(part)}", _place(part))


def _place(part: str) -> str:
    """The place whose buttons help while a part does not work."""
    if part.startswith("kie"):
        return "alarm_kie"
    if part in TOKEN_PARTS:
        return "alarm_token"
    # No new orders while results cannot be kept.
    return "alarm_pause" if part == "data" else "alarm"


def _many_fail(seen: AlertFacts) -> bool:
    return seen.failed >= FAILURES and seen.failed >= FAILURE_SHARE * seen.ended


def _grows(backlogs: Sequence[int]) -> bool:
    last = backlogs[-LOOKS:]
    return (
        len(last) == LOOKS
        and last[-1] >= BACKLOG
        and all(before < after for before, after in pairwise(last))
    )


#: Finds states that operators are alerted to.
Source = Callable[[Tx], Sequence[Alert]]


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
        remedy: Callable[[str, str], Keyboard] = lambda _place, _language: (),
        sources: Sequence[Source] = (),
        wakeups: Wakeups | None = None,
    ) -> None:
        """``remedy``: the buttons of a place in a language. ``sources`` find more alerts in the
        database."""
        self._occasions = AlertOccasions(health, clock, wakeups or Wakeups())
        self._remedy = remedy
        self._sources = sources
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
        forget = self._occasions.follow()
        try:
            while not self._clock.wait(stop, self._clock.jitter(EVERY)):
                self.turn(term)
        finally:
            forget()

    def turn(self, term: Term) -> None:
        """Look, if there may be something to tell."""
        if not self._occasions.take():
            self._backlogs.append(self._occasions.waiting)
            return
        try:
            self._occasions.looked(lasts=self.look(term))
        except BotError as error:
            self._occasions.failed()
            if error.disposition is not Disposition.STEP_DOWN:
                logger.bind(reason=str(error)).warning("alerts_missed")

    def look(self, term: Term) -> bool:
        """Look once, and tell the operators what needs them. Returns whether a state is there or
        lasts, so that it is to be looked for again soon. Raises what the database does."""
        params = {
            "bot_id": self._identity.bot_id,
            "key": self._identity.lock_key,
            "epoch": term.epoch,
        }
        with self._database.transaction() as tx:
            row = tx.one(_SQL["alert_facts"], params)
        # Each by itself: one that fails must not keep the others from the operators.
        sources = [self._of(source) for source in self._sources]
        more = [alert for known in sources for alert in known or ()]
        seen = AlertFacts(**row) if row is not None else AlertFacts()
        self._backlogs.append(seen.unprocessed)
        found = [
            *more,
            *alerts(
                seen,
                backlogs=list(self._backlogs),
                overdue=self._health.progress.overdue(),
                troubles=self._health.troubles(),
                late=self._health.late(),
            ),
        ]
        if found:
            self._telling.run(term, found, self._tell)
        if None in sources:
            return True  # what a source did not tell is not over
        if not (found or seen.alarms_last):
            return False
        with self._database.transaction(term, short=True) as tx:
            self._tell_ends(tx)
        return True

    def _of(self, source: Source) -> Sequence[Alert] | None:
        """What the source finds; None: it has failed."""
        try:
            with self._database.transaction() as tx:
                return source(tx)
        except BotError as error:
            if error.disposition is Disposition.STEP_DOWN:
                raise
            logger.bind(reason=str(error)).warning("alerts_missed")
        except Exception as error:  # noqa: BLE001 an alarm of one feature must not end the others
            logger.opt(exception=error).error("alerts_broken")
        return None

    def _tell(self, tx: Tx, found: Sequence[Alert]) -> None:
        for alert in found:
            if alert.over:
                named = {"bot_id": self._identity.bot_id, "over": alert.over}
                tx.run(_SQL["alarm_lasts"], {**named, "key": alert.key, "place": alert.place})
            remedy = partial(self._remedy, alert.place)
            if self._outbox.notice(tx, alert.key, alert.told, remedy):
                told = logger.bind(key=alert.key)
                tx.afterwards(partial(told.warning, "operator_alerted"))

    def _tell_ends(self, tx: Tx) -> None:
        """Tell of states that were not found any more for a while, with their duration."""
        named = {"bot_id": self._identity.bot_id, "quiet": QUIET}
        for row in tx.all(_SQL["ended_alarms"], named):
            place: str = row["place"]
            remedy = partial(self._remedy, AFTERWARDS.get(place, place))
            self._outbox.notice(
                tx, f"over:{row['key']}:{row['began']}", partial(_over, row), remedy
            )


def _over(row: Row, language: str) -> str:
    what = plain(language, row["over"])
    return plain(language, "alert_over", what=what, time=measured(language, row["seconds"]))
