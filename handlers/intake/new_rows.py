"""Stores updates as rows of the inbox, all that wait in one statement.

When PostgreSQL refuses one of them, each is stored by itself, and the refused one is set aside.
"""

from collections.abc import Callable, Sequence

from loguru import logger

import sql
from handlers.intake.envelope import Envelope, unreadable
from handlers.intake.store_request import StoreRequest
from supervisor.database.transactions import Database
from supervisor.runtime.errors import BotError, Rejected, Unavailable
from supervisor.runtime.wakeups import CHECKOUTS, INBOX
from supervisor.telemetry.log_throttle import LogThrottle
from supervisor.telemetry.metrics import Metrics

#: Seconds for which an ``update_id`` counts as a repetition. Telegram repeats an update for 24
#: hours at most, and may use a number again after a week without updates.
REMEMBERED = 72 * 3600.0

_SQL = sql.load("intake")


class NewRows:
    """Of one bot. Blocking; called by the inbox's writer."""

    def __init__(
        self, database: Database, bot_id: int, metrics: Metrics, on_stored: Callable[[], None]
    ) -> None:
        """``on_stored`` is called after each commit that has stored an update."""
        self._database = database
        self._bot_id = bot_id
        self._metrics = metrics
        self._on_stored = on_stored
        self._outage = LogThrottle()

    def commit(self, batch: Sequence[StoreRequest]) -> None:
        """Store their updates in one transaction, or note in each request why not."""
        try:
            self._insert([each for waiting in batch for each in waiting.envelopes])
        except BotError as error:
            if isinstance(error, Rejected):
                # PostgreSQL refuses one of these rows: store each by itself.
                self._commit_singly(batch)
                return
            level, more = self._outage.level()
            told = logger.bind(updates=len(batch), error=str(error), more=more)
            told.log(level, "inbox_not_committed")
            for waiting in batch:
                waiting.error = Unavailable(str(error), retry_after=1)

    def _commit_singly(self, batch: Sequence[StoreRequest]) -> None:
        for waiting in batch:
            try:
                if not waiting.envelopes:  # a proof
                    self._insert([])
                for envelope in waiting.envelopes:
                    self._insert_or_set_aside(envelope)
            except BotError as error:
                waiting.error = Unavailable(str(error), retry_after=1)

    def _insert_or_set_aside(self, envelope: Envelope) -> None:
        try:
            self._insert([envelope])
        except BotError as error:
            if not isinstance(error, Rejected):
                raise
            logger.bind(update_id=envelope.update_id, error=str(error)).error("update_refused")
            self._insert([unreadable(repr(envelope.body).encode(), f"not storable: {error}")])

    def _insert(self, envelopes: list[Envelope]) -> None:
        with self._database.transaction() as tx:
            stored = tx.run(
                _SQL["store_updates"],
                {
                    "bot_id": self._bot_id,
                    "update_ids": [each.update_id for each in envelopes],
                    "lanes": [each.lane for each in envelopes],
                    "kinds": [each.kind for each in envelopes],
                    "bodies": [each.body for each in envelopes],
                    "states": [each.state for each in envelopes],
                    "errors": [each.error for each in envelopes],
                    "remembered": REMEMBERED,
                },
            )
            tx.wake(INBOX)
            if any(each.is_checkout for each in envelopes):
                tx.wake(CHECKOUTS)
        if stored:
            self._on_stored()
        self._count_stored(envelopes, stored)

    def _count_stored(self, envelopes: list[Envelope], stored: int) -> None:
        unreadable = sum(each.error is not None for each in envelopes)
        self._received("unreadable", unreadable)
        self._received("stored", stored - unreadable)
        self._received("repeated", len(envelopes) - stored)

    def _received(self, outcome: str, count: int) -> None:
        self._metrics.updates_received.labels(outcome=outcome).inc(count)
