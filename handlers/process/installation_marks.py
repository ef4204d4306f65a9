"""Remembers what was changed at Telegram once for this installation, and for which operators.

The table ``installations`` says whether lists and menu buttons of an earlier bot are cleared, and
which operators have a list of commands of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sql
from handlers.words.texts import DEFAULT, language_of
from supervisor.database.transactions import Database
from supervisor.runtime.term import Term

_SQL, _DELIVERY = sql.load("dispatch"), sql.load("delivery")


@dataclass(frozen=True, slots=True)
class Marks:
    """What is known of earlier starts."""

    cleared: bool = False
    operators: Sequence[int] = ()  #: those who got a list


class InstallationMarks:
    """Blocking: call it in a thread. Raises ``BotError``."""

    def __init__(self, database: Database, bot_id: int, admins: Sequence[int]) -> None:
        self._database = database
        self._bot_id = bot_id
        self.admins = tuple(admins)

    def read(self) -> Marks:
        with self._database.transaction() as tx:
            row = tx.one(_SQL["installation"], {"bot_id": self._bot_id})
        return Marks() if row is None else Marks(True, row["operators"])

    def languages(self) -> Mapping[int, str]:
        """What each operator speaks with the bot."""
        named = {"bot_id": self._bot_id, "user_ids": list(self.admins)}
        with self._database.transaction() as tx:
            rows = tx.all(_DELIVERY["languages"], named)
        spoken = {row["user_id"]: language_of(row["language"], row["code"]) for row in rows}
        return {admin: spoken.get(admin, DEFAULT) for admin in self.admins}

    def note(self, term: Term) -> None:
        """All is done for these operators."""
        named = {"bot_id": self._bot_id, "operators": list(self.admins)}
        with self._database.transaction(term, short=True) as tx:
            tx.run(_SQL["note_installation"], named)
