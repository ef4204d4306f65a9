"""Checks whether kie.ai answers, accepts our key and has credits; also counts orphans.

It runs when a term begins, every few seconds while something is wrong, and every few minutes
while all is well. Without it the first user would notice a problem, and a bot that accepts no
orders would not notice that kie.ai works again. While a circuit is open, it sends the probes.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event

from loguru import logger

from kie.api.client import KieClient
from kie.api.notice import refusal
from kie.api.refusals import OPERATOR, TaskRefused
from kie.http.untrusted import Untrusted
from kie.jobs import job_table, orphans
from kie.jobs.account_state import AccountState
from kie.jobs.news import UNTRUSTED_KEY, News, untrusted
from kie.money import days
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Database, Row
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, Unavailable
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.wakeups import OPEN_WORK, Wakeups

EVERY = 15.0  #: seconds between two looks while kie.ai refuses us or does not answer
QUIET_EVERY = 300.0  #: seconds between two looks while all is well
#: Seconds between two counts of open jobs and orphans. Without any, none is made until the gauges
#: have found one.
WATCH_EVERY = 60.0
#: Seconds between two looks, in memory, at what other calls have found out.
NOTICED_WITHIN = 0.5


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Numbers for the metrics."""

    orphans: int  #: callbacks without a job
    jobs: Mapping[tuple[str, str], int]  #: jobs without an end, by state and model


class Checkup:
    """The body of a ``ServiceThread``."""

    def __init__(
        self,
        *,
        client: KieClient,
        account: AccountState,
        database: Database,
        news: News,
        clock: Clock,
        bot_id: int,
        measure: Callable[[OpenWork], None] = lambda _: None,
        reachable: Callable[[str | None], None] = lambda _: None,
        left: Callable[[float], None] = lambda _: None,
        wakeups: Wakeups | None = None,
    ) -> None:
        """``measure`` is called with the open work; ``reachable`` with the reason why kie.ai does
        not answer, and with None when it does; ``left`` with the credits that are left there."""
        self._client = client
        self._account = account
        self._database = database
        self._news = news
        self._clock = clock
        self._bot_id = bot_id
        self._measure = measure
        self._reachable = reachable
        self._left = left
        self._wakeups = wakeups or Wakeups()
        self._may_count = Event()  #: there may be something to count
        self._noticing: BatchRunner[Row] = BatchRunner(
            database, clock, "notice_orphans", key=lambda row: row["id"]
        )

    def run(self, term: Term, gate: Gate, stop: Event) -> None:
        """Until ``stop``."""
        self._may_count.set()
        forget = self._wakeups.subscribe(OPEN_WORK, self._may_count.set)
        try:
            self._run(term, gate, stop)
        finally:
            forget()
            # Only the ACTIVE instance reports open work and the state of kie.ai.
            self._measure(OpenWork(0, {}))
            self._reachable(None)
            self._left(math.nan)

    def _run(self, term: Term, gate: Gate, stop: Event) -> None:
        client = self._client.until(stop)
        next_look = next_watch = self._clock.now() + gate.waits()
        well = False
        while not self._clock.wait(stop, NOTICED_WITHIN):
            now = self._clock.now()
            # Other calls may have noticed a trouble since the last check.
            if now >= next_look or (well and self._account.reason() is not None):
                answered = self._guarded(lambda: self._look(term, client))
                well = answered and self._account.reason() is None
                next_look = self._clock.now() + (QUIET_EVERY if well else EVERY)
            elif now >= next_watch and self._may_count.is_set():
                self._may_count.clear()
                if not self._guarded(lambda: self._watch(term)):
                    self._may_count.set()
                next_watch = self._clock.now() + WATCH_EVERY
            self._ask_whether_back()

    def _guarded(self, look: Callable[[], None]) -> bool:
        """Run ``look``. False: the database or kie.ai did not answer."""
        try:
            look()
        except BotError as error:
            if error.disposition is not Disposition.STEP_DOWN:
                logger.bind(reason=str(error)).debug("kie_checkup_failed")
            return False
        return True

    def _watch(self, term: Term) -> None:
        with self._database.transaction() as tx:
            found = OpenWork(orphans.count(tx, self._bot_id), job_table.in_work(tx, self._bot_id))
        if found.orphans or found.jobs:
            self._may_count.set()
        self._measure(found)
        if not found.orphans:
            return
        with self._database.transaction(term, short=True) as tx:
            orphans.adopt_known(tx)
        with self._database.transaction() as tx:
            old = orphans.old(tx, self._bot_id)
        self._noticing.run(term, old, lambda tx, rows: orphans.notice(tx, rows, self._news))

    def _ask_whether_back(self) -> None:
        """Send one probe for both circuits when the pause of one is over."""
        circuits = (self._client.circuits.create, self._client.circuits.query)
        if not any(circuit.probe_due() for circuit in circuits):
            return
        good = self._client.responds()
        for circuit in circuits:
            if good or circuit.probe_due():
                circuit.probed(good=good)

    def _look(self, term: Term, client: KieClient) -> None:
        try:
            credits_left = client.credits()
        except TaskRefused as error:
            reason = error.operator or str(error)
        except Unavailable as error:
            self._unreachable(term, error)
            raise
        else:
            self._reachable(None)
            self._left(credits_left)
            with self._database.transaction(term, short=True) as tx:
                days.note_balance(tx, self._bot_id, credits_left)
            if credits_left > 0:
                self._account.accepted()
                return
            reason = OPERATOR[402]
        self._reachable(None)
        known = self._account.reason() == reason
        self._account.refused(reason)
        if not known:
            logger.error(f"[KIE] ❌ {reason}; new requests are answered with an apology")
            with self._database.transaction(term) as tx:
                self._news.alert(tx, f"kie:{reason}", refusal(reason))

    def _unreachable(self, term: Term, error: Unavailable) -> None:
        """kie.ai gave no readable answer. The operator is told of an untrusted certificate."""
        self._reachable(f"kie.ai cannot be asked ({error})")
        if isinstance(error, Untrusted):
            with self._database.transaction(term) as tx:
                self._news.alert(tx, UNTRUSTED_KEY, untrusted(error))
