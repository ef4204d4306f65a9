"""What each worker has in work, in the table before it begins: what ends a process is found again.

Handling an update and counting its tries share a transaction. A handler that hangs until the
term is given up, or takes the process with it, leaves nothing of that, and the successor would
meet the same update in the same way. So

1. A worker writes down what it begins with (``begin``), in a statement that waits for no disk.
2. At its first look a dispatcher counts what other processes have left behind (``count_ended``).
3. What was left behind is handled by itself from then on, one at a time (``lanes.py``), so that
   nobody else is suspected with it. From the second time on it waits (``PAUSES``), its lane goes
   on without it, and operators are told. After ``MOST_ENDED`` it is set aside.

What cannot be written down is handled all the same.
"""

from collections.abc import Sequence
from functools import partial
from uuid import UUID, uuid4

from loguru import logger

import sql
from handlers.delivery.outbox import Outbox
from handlers.dispatch.lanes import InboxRow
from handlers.words.texts import plain
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.term import Term

#: Processes that ended with an update in work before it is set aside.
MOST_ENDED = 4
#: Seconds before it is handled again, after the first, the second, … of them. The first one is
#: mostly an accident.
PAUSES = (0.0, 30.0, 300.0)

_SQL = sql.load("dispatch")


class Begun:
    """What the workers of one process have in work. Thread-safe, blocking."""

    def __init__(self, database: Database, outbox: Outbox, bot_id: int, clock: Clock) -> None:
        self._database = database
        self._outbox = outbox
        self._bot_id = bot_id
        self._process: UUID = uuid4()
        self._telling: BatchRunner[Row] = BatchRunner(
            database, clock, "tell_ended", key=lambda row: row["seq"]
        )

    def begin(self, worker: str, rows: Sequence[InboxRow]) -> None:
        """``worker`` handles these from now on, and nothing else. Raises ``Fenced`` only."""
        named = {"worker": worker, "seqs": [row.seq for row in rows]}
        try:
            with self._database.transaction() as tx:
                tx.run(_SQL["limit_note"])
                tx.run(_SQL["note_begun"], {**self._named, **named})
        except BotError as error:
            if error.disposition is Disposition.STEP_DOWN:
                raise
            # An outage shows when the updates themselves are handled.
            logger.bind(error=str(error)).debug("begun_not_noted")

    def count_ended(self, term: Term) -> Sequence[Row]:
        """What earlier processes ended with: ``lane``, and the ``pause`` until it is due again.
        Raises what the database does."""
        with self._database.transaction(term, short=True) as tx:
            rows = tx.all(_SQL["count_ended"], {**self._named, "pauses": list(PAUSES)})
        for row in rows:
            told = logger.bind(update_id=row["update_id"], times=row["ended"])
            told.warning("process_ended_with_update")
        try:
            self._telling.run(term, [row for row in rows if row["ended"] > 1], self._tell)
        except BotError as error:
            logger.bind(error=str(error)).warning("ended_not_told")
        return rows

    # --------------------------------------------------------------- internal --

    def _tell(self, tx: Tx, rows: Sequence[Row]) -> None:
        for row in rows:
            self._outbox.notice(tx, f"ended:{row['seq']}:{row['ended']}", partial(_told, row))

    @property
    def _named(self) -> dict[str, object]:
        return {"bot_id": self._bot_id, "process": str(self._process)}


def _told(row: Row, language: str) -> str:
    return plain(language, "alert_ended", n=row["ended"], update=row["update_id"])
