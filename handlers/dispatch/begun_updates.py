"""Records what each worker is about to handle: so an update that ends its process is found.

Handling an update and counting its tries share a transaction. When its handler hangs until the term
ends, or ends the process, that transaction leaves nothing, and the next process would end in the
same way. So

1. A worker records its updates before it begins (``begin``). The statement does not wait for the
   disk.
2. At its first look a dispatcher counts the updates that other processes have left
   (``count_ended``).
3. Such an update is then handled by itself, one at a time (``lanes.py``), so that no other update
   is counted with it; of several the one with the fewest ends comes first. After the second end
   the operators are told. Two ends may have had another reason, so its chat keeps its order.
   After the third one it waits (``PAUSES``), and its lane goes on without it. After
   ``MOST_ENDED`` ends it is set aside.
4. When a handler has returned and some of its updates stay to be handled (a retry, an outage, the
   end of the term), their note is deleted (``end``): the process has outlived them.

An update that cannot be recorded is handled all the same.
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

#: Processes that may end during an update before it is set aside.
MOST_ENDED = 4
#: Seconds before it is handled again, after the first, the second, … of them. After two it need not
#: be at fault: a system that is out of memory ends process after process.
PAUSES = (0.0, 0.0, 300.0)

_SQL = sql.load("dispatch")


class BegunUpdates:
    """The updates that the workers of one process handle. Thread-safe, blocking."""

    def __init__(self, database: Database, outbox: Outbox, bot_id: int, clock: Clock) -> None:
        self._database = database
        self._outbox = outbox
        self._bot_id = bot_id
        self._process: UUID = uuid4()
        self._telling: BatchRunner[Row] = BatchRunner(
            database, clock, "tell_ended", key=lambda row: row["seq"]
        )

    def begin(self, worker: str, rows: Sequence[InboxRow]) -> None:
        """``worker`` handles these updates from now on, no others. Raises ``Fenced`` only."""
        named = {"worker": worker, "seqs": [row.seq for row in rows]}
        try:
            with self._database.transaction() as tx:
                tx.send(_SQL["limit_note"])
                tx.send(_SQL["note_begun"], {**self._named, **named})
        except BotError as error:
            if error.disposition is Disposition.STEP_DOWN:
                raise
            # An outage is noticed when the updates are handled.
            logger.bind(error=str(error)).debug("begun_not_noted")

    def end(self, worker: str) -> None:
        """``worker`` has returned from its updates; they will be handled once more. Raises
        nothing: if the database is away, the next ``begin`` replaces the note."""
        try:
            with self._database.transaction() as tx:
                tx.run(_SQL["limit_note"])
                tx.run(_SQL["forget_begun"], {**self._named, "worker": worker})
        except BotError as error:
            logger.bind(error=str(error)).debug("begun_not_forgotten")

    def count_ended(self, term: Term) -> Sequence[Row]:
        """Count the updates during which earlier processes ended: ``lane``, and the ``pause``
        until the update is due again. Raises what the database does."""
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
            key = f"ended:{row['seq']}:{row['ended']}"
            self._outbox.notice(tx, key, partial(_told, row), ("alarm_set_aside", 0))

    @property
    def _named(self) -> dict[str, object]:
        return {"bot_id": self._bot_id, "process": str(self._process)}


def _told(row: Row, language: str) -> str:
    return plain(language, "alert_ended", n=row["ended"], update=row["update_id"])
