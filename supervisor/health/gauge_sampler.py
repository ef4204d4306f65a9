"""One statement every fifteen seconds: the numbers of /health, and rows whose wake-up was lost.

It wakes the services whose tables have due rows. So idle services need not poll their tables. It
also finds out whether somebody uses the bot, whichever instance stores the updates. An instance
that only waits has no services to wake: it reads every second time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from loguru import logger

import sql
from supervisor.database.transactions import Database, Row
from supervisor.health.health import Health
from supervisor.health.status import LATE
from supervisor.runtime.errors import BotError
from supervisor.runtime.progress import ROUND
from supervisor.runtime.wakeups import (
    ALARMS,
    BROADCASTS,
    CHECKOUTS,
    GROUPS,
    INBOX,
    JOBS,
    OPEN_WORK,
    OUTBOX,
    PRIVACY,
    REPORTS,
    REWARDS,
    WAITLIST,
    Wakeups,
)

SAMPLE_EVERY = ROUND  #: seconds: each look is also the scheduler's beat

#: The topic that each of these columns wakes.
_WAKES = (
    ("inbox_due", INBOX),
    ("inbox_due", CHECKOUTS),
    ("outbox_due", OUTBOX),
    ("jobs_due", JOBS),
    ("groups_due", GROUPS),
    ("reports_due", REPORTS),
    ("privacy_due", PRIVACY),
    ("broadcasts_due", BROADCASTS),
    ("waitlist_due", WAITLIST),
    ("rewards_due", REWARDS),
    ("work_is_open", OPEN_WORK),
    ("alarms_due", ALARMS),
)
#: Woken when the gauges cannot be read: these services leave all but rare looks to them.
_UNREAD = (OUTBOX, OPEN_WORK, ALARMS)
_SQL = sql.load("gauges")


@dataclass(slots=True)
class GaugeSampler:
    """Reads the gauges. The scheduler calls it; it catches database errors."""

    database: Database
    wakeups: Wakeups
    health: Health
    bot_id: int
    on_traffic: Callable[[], None]  #: called at each look while the newest update is recent
    _rests: bool = field(default=False, init=False)  #: it leaves out its next turn

    def turn(self) -> None:
        """Look, but every second time where nothing waits to be woken."""
        # Proves that the scheduler still runs jobs; nothing else would notice its dead thread.
        self.health.progress.beat("scheduler")
        self._rests = not (self._rests and not self.health.acts)
        if self._rests:
            self.look()

    def look(self) -> None:
        """Read the gauges now."""
        try:
            with self.database.transaction() as tx:
                named = {"bot_id": self.bot_id, "acts": self.health.acts}
                row = tx.one(_SQL["gauges"], named)
        except BotError as error:
            self._rests = False
            self.health.database_failed(str(error))
            logger.bind(reason=str(error)).debug("gauges_missed")
            for topic in _UNREAD:
                self.wakeups.signal(topic)
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
        for column, topic in _WAKES:
            if row[column]:
                self.wakeups.signal(topic)
