"""The service that gives data and erases it, while this instance is ACTIVE.

It reads the table when a press or the gauges wake it, and every few seconds while somebody waits.
"""

from collections.abc import Sequence
from threading import Event

from loguru import logger

import sql
from handlers.dispatch.feature import Parts
from handlers.features.privacy.copier import give
from handlers.features.privacy.eraser import Eraser
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.stop_request import wait_for_wake_up, wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import Service
from supervisor.runtime.wakeups import PRIVACY

IDLE = 3600.0  #: seconds between two looks when nobody waits, unless somebody asks
SOON = 2.0  #: the same while somebody does
BATCH_PAUSE = 0.05  #: seconds between two batches

_SQL = sql.load("privacy")


class PrivacyService:
    """The body of a ``ServiceThread``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def run(self, term: Term, _gate: Gate, stop: Event) -> None:
        """Until ``stop``."""
        clock, woken = self._parts.clock, Event()
        wake_on_stop(stop, woken)
        forget = self._parts.wakeups.subscribe(PRIVACY, woken.set)
        eraser = Eraser(self._parts, lambda: not clock.wait(stop, BATCH_PAUSE))
        try:
            while not stop.is_set():
                woken.clear()
                waiting = self._look(term, eraser)
                wait_for_wake_up(clock, stop, woken, SOON if waiting else IDLE)
        finally:
            forget()

    def _look(self, term: Term, eraser: Eraser) -> bool:
        """True: somebody is still to be served."""
        try:
            return self.look(term, eraser)
        except BotError as error:
            if error.disposition is not Disposition.STEP_DOWN:
                logger.bind(reason=str(error)).warning("privacy_not_served")
            return True

    def look(self, term: Term, eraser: Eraser) -> bool:
        """Serve everybody who waits. True: somebody still does. One whose rows refuse it holds up
        nobody else. Raises what the database does, for the last of them."""
        failed: BotError | None = None
        waiting = False
        with self._parts.database.transaction() as tx:
            wanted = tx.all(_SQL["data_wanted"], {"bot_id": self._parts.installation.bot_id})
        for row in wanted:
            try:
                give(self._parts, term, row)
            except BotError as error:
                failed = error
        for asked in eraser.asked():
            try:
                waiting |= not eraser.go_on(term, asked)
            except BotError as error:
                failed = error
        if failed is not None:
            raise failed
        return waiting


def services(parts: Parts) -> Sequence[Service]:
    """What runs while this instance is ACTIVE."""
    return (parts.thread("privacy", PrivacyService(parts).run),)
