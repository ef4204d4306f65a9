"""Claims of earlier terms that could not be released when the term began.

The transaction that begins a term releases the claims of earlier terms. It skips locked rows: if
it waited for them, one open transaction of an operator would keep every instance from becoming
ACTIVE. This service releases the skipped claims as soon as the rows are free.
"""

from collections.abc import Sequence
from threading import Event
from typing import LiteralString

from loguru import logger

from supervisor.database.transactions import Database
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.term import Gate, Term

EVERY = 10.0  #: seconds between two looks while some are left
#: The same when none is. The fence lets no earlier term make another one.
RARELY = 600.0


class LeftoverClaims:
    """The body of a ``ServiceThread``."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        bot_id: int,
        release_claims: Sequence[LiteralString],
        are_left: LiteralString,
    ) -> None:
        """``release_claims`` are those of ``Lock.win``: they skip locked rows. ``are_left`` tells
        whether there are claims of earlier terms; both take ``token`` and ``bot_id``."""
        self._database = database
        self._clock = clock
        self._bot_id = bot_id
        self._release_claims = release_claims
        self._are_left = are_left

    def run(self, term: Term, _gate: Gate, stop: Event) -> None:
        pause = EVERY
        while not self._clock.wait(stop, pause):
            pause = EVERY
            try:
                if not self.are_left(term):
                    pause = RARELY
                    continue
                released = self.release(term)
            except BotError as error:
                if error.disposition is Disposition.STEP_DOWN:
                    stop.wait()  # the term is over; the stop request follows
                    return
                logger.bind(reason=str(error)).debug("leftover_claims_failed")
                continue
            if released:
                logger.bind(claims=released, epoch=term.epoch).info("leftover_claims_released")

    def are_left(self, term: Term) -> bool:
        """Whether there are any, locked or not. Raises what ``Database`` raises."""
        named = {"token": str(term.token), "bot_id": self._bot_id}
        return bool(self._database.read(self._are_left, named)[0]["are_left"])

    def release(self, term: Term) -> int:
        """Release them; returns how many there were. Raises what ``Database`` raises."""
        named = {"token": str(term.token), "bot_id": self._bot_id}
        with self._database.transaction(term, short=True) as tx:
            return sum(tx.run(statement, named) for statement in self._release_claims)
