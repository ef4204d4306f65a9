"""Records which tasks a process asks for, so that a job whose look ends its process is found.

An answer may be what ends a process, by its size or by a fault of our code. The look leaves nothing
in the table then, and the next process would end in the same way. So

1. The poller notes the jobs that it looks at before it begins (``begin``). The statement does not
   wait for the disk.
2. At its first look it counts those that other processes have left (``count_ended``). Such a job is
   looked at by itself, from the second time on after a pause (``PAUSES``). A look that ends resets
   the count.
3. After ``MOST_ENDED`` ends the job is not asked for any more: it ends as broken, with the credits
   back.

A job that cannot be noted is looked at all the same.
"""

from collections.abc import Collection, Sequence
from uuid import UUID, uuid4

from loguru import logger

import sql
from kie.api.notice import Notice
from kie.api.outcome import Failure
from kie.api.wire import Failed
from supervisor.database.transactions import Database, Row
from supervisor.runtime.errors import BotError
from supervisor.runtime.term import Term

#: Processes that may end during the looks at a job before it ends as broken.
MOST_ENDED = 4
#: Seconds before it is looked at again, after the first, the second, … of them.
PAUSES = (0.0, 30.0, 300.0)

_SQL = sql.load("jobs")


class BegunLooks:
    """The looks of one poller. Blocking; for one thread."""

    def __init__(self, database: Database, bot_id: int) -> None:
        self._database = database
        self._bot_id = bot_id
        self._process: UUID = uuid4()
        self._counted = False

    def begin(self, rows: Collection[Row]) -> None:
        """These rows of ``due_tasks`` are looked at from now on, no others. Raises nothing."""
        named = {
            "jobs": [row["id"] for row in rows],
            "seen": [row["next_action_at"] for row in rows],
        }
        self._note("note_looks", named)

    def end(self, *, forget: bool) -> None:
        """All looks have returned. With ``forget`` their note is deleted. Without it, when the
        database is away, the note stays until the next ``begin`` replaces it. Raises nothing."""
        if forget:
            self._note("forget_looks", {})
        self._counted = False  # the next term may follow one of another process

    def count_ended(self, term: Term) -> bool:
        """Count the looks during which earlier processes ended, once a term. Raises nothing; a
        failure to count (False) delays nothing."""
        if self._counted:
            return True
        try:
            with self._database.transaction(term, short=True) as tx:
                rows = tx.all(_SQL["count_ended_looks"], {**self._named, "pauses": list(PAUSES)})
        except BotError as error:
            logger.bind(error=str(error)).debug("ended_not_counted")
            return False
        self._counted = True
        for row in rows:
            told = logger.bind(job=row["id"], times=row["looks_ended"])
            told.warning("process_ended_with_job")
        return True

    def _note(self, statement: str, named: Row) -> None:
        try:
            with self._database.transaction() as tx:
                tx.run(_SQL["limit_note_of_looks"])
                tx.run(_SQL[statement], {**self._named, **named})
        except BotError as error:
            logger.bind(error=str(error)).debug("looks_not_noted")

    @property
    def _named(self) -> Row:
        return {"bot_id": self._bot_id, "process": str(self._process)}


def taken(due: Sequence[Row], busy: Collection[Row]) -> Sequence[Row]:
    """Which of the due rows are looked at now, beside those in work: one during whose look a
    process has ended comes by itself."""
    if any(row["looks_ended"] for row in busy):
        return ()
    suspects = [row for row in due if row["looks_ended"]]
    if not suspects:
        return due
    return () if busy else suspects[:1]


def verdict(row: Row) -> Failed | None:
    """How the job ends if it must not be asked for any more."""
    if row["looks_ended"] < MOST_ENDED:
        return None
    reason = f"the process ended {row['looks_ended']} times while it asked for this task"
    told = Notice("ended_looks", {"n": row["looks_ended"]})
    return Failed(Failure.BROKEN, reason, operator=told)
