"""Does kie.ai take our key, and are there credits? Asked when a term begins, and again every few
seconds while the answer is no; a bot that works does not ask.

Without this the first user would find out, and a bot that had closed its shop would
never learn that it may open again.
"""

from threading import Event

from loguru import logger

from kie.client import KieClient
from kie.news import News
from kie.standing import Standing
from kie.wire import TaskRefused
from supervisor.clock import Clock
from supervisor.db import Database
from supervisor.errors import BotError, Disposition
from supervisor.term import Gate, Term

EVERY = 15.0  #: seconds between two looks while kie.ai refuses us
STEP = 0.2  #: seconds within which a stop request is noticed
NO_CREDITS = "kie.ai has no credits left"


class Checkup:
    """The body of a ``ServiceThread``."""

    def __init__(
        self,
        *,
        client: KieClient,
        standing: Standing,
        database: Database,
        news: News,
        clock: Clock,
    ) -> None:
        self._client = client
        self._standing = standing
        self._database = database
        self._news = news
        self._clock = clock

    def run(self, term: Term, gate: Gate, stop: Event) -> None:
        """Until ``stop``."""
        next_look = self._clock.now() + gate.waits()
        while not self._clock.wait(stop, STEP):
            if self._clock.now() < next_look:
                continue
            try:
                self._look(term)
            except BotError as error:
                if error.disposition is Disposition.STEP_DOWN:
                    continue
                logger.bind(reason=str(error)).debug("kie_checkup_failed")
            next_look = self._clock.now() + EVERY
            if self._standing.reason() is None:
                # Trouble is noticed by the calls themselves from now on.
                next_look = self._wait_for_trouble(stop)

    def _look(self, term: Term) -> None:
        try:
            credits_left = self._client.credits()
        except TaskRefused as error:
            reason = error.operator or str(error)
        else:
            if credits_left > 0:
                self._standing.accepted()
                return
            reason = NO_CREDITS
        known = self._standing.reason() == reason
        self._standing.refused(reason)
        if not known:
            logger.error(f"[KIE] ❌ {reason}; new requests are answered with an apology")
            with self._database.transaction(term) as tx:
                self._news.alert(tx, f"kie:{reason}", reason)

    def _wait_for_trouble(self, stop: Event) -> float:
        while self._standing.reason() is None and not self._clock.wait(stop, STEP):
            pass
        return self._clock.now() + EVERY
