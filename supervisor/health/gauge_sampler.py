"""One statement every fifteen seconds: the numbers of /health, and rows whose wake-up was lost.

It wakes the services whose tables have due rows. So idle services need not poll their tables, and
an idle instance sends less than one statement a second. It also finds out whether somebody uses the
bot, whichever instance stores the updates.
"""

from collections.abc import Callable
from dataclasses import dataclass

from loguru import logger

import sql
from supervisor.database.transactions import Database, Row
from supervisor.health.health import Health
from supervisor.health.status import LATE
from supervisor.runtime.errors import BotError
from supervisor.runtime.progress import ROUND
from supervisor.runtime.wakeups import CHECKOUTS, INBOX, JOBS, OUTBOX, Wakeups

SAMPLE_EVERY = ROUND  #: seconds: each look is also the scheduler's beat

_SQL = sql.load("gauges")


@dataclass(frozen=True, slots=True)
class GaugeSampler:
    """Reads the gauges. The scheduler calls it; it catches database errors."""

    database: Database
    wakeups: Wakeups
    health: Health
    bot_id: int
    on_traffic: Callable[[], None]  #: called at each look while the newest update is recent

    def look(self) -> None:
        # Proves that the scheduler still runs jobs; nothing else would notice its dead thread.
        self.health.progress.beat("scheduler")
        try:
            with self.database.transaction() as tx:
                row = tx.one(_SQL["gauges"], {"bot_id": self.bot_id})
        except BotError as error:
            self.health.database_failed(str(error))
            logger.bind(reason=str(error)).debug("gauges_missed")
            return
        if row is not None:
            self.tell(row)

    def tell(self, row: Row) -> None:
        """Report the row to ``Health`` and wake the services that have due rows."""
        self.health.database_answered(
            queue={
                name: row[name]
                for name in (
                    "unprocessed_updates",
                    "oldest_update_seconds",
                    "jobs_in_flight",
                    "undelivered",
                )
            },
            late={what: row[f"late_{what}"] for what in LATE},
            trouble=None if row["writable"] else "database: this session can only read",
        )
        if row["has_traffic"]:
            self.on_traffic()
        for topic, due in (
            (INBOX, row["inbox_due"]),
            (CHECKOUTS, row["inbox_due"]),
            (OUTBOX, row["outbox_due"]),
            (JOBS, row["jobs_due"]),
        ):
            if due:
                self.wakeups.signal(topic)
