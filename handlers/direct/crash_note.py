"""The note that this process handles updates directly. It stays behind when the process is killed,
crashes or hangs: then an update may have ended it that is stored nowhere.
"""

from uuid import UUID, uuid4

from loguru import logger

import sql
from supervisor.database.transactions import Database
from supervisor.runtime.errors import BotError
from supervisor.runtime.term import Term

_SQL = sql.load("direct")


class CrashNote:
    """Of one process at one bot. Blocking."""

    def __init__(self, database: Database, bot_id: int) -> None:
        self._database = database
        self._process: UUID = uuid4()
        self._named = {"bot_id": bot_id, "process": str(self._process)}

    def write(self, term: Term) -> bool:
        """Write it, and take away those of other processes. Returns whether there were any. Fenced:
        whose term is over takes away no successor's. Raises what the database does."""
        with self._database.transaction(term) as tx:
            found = tx.one(_SQL["note_direct"], self._named)
        return found is not None and bool(found["left_over"])

    def remove(self) -> None:
        """Direct handling has ended in order. Raises nothing: a note that stays only makes the next
        process wait before it handles directly."""
        try:
            with self._database.transaction() as tx:
                tx.run(_SQL["forget_direct"], self._named)
        except BotError as error:
            logger.bind(error=str(error)).debug("note_not_removed")
