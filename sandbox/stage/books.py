"""The money and the terms of the lock, as the tables have them."""

import asyncio
import re
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extras

_NAMED = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class Books:
    """Reads on a connection of its own; empty while the database is away."""

    def __init__(self, dsn: str, bot_id: int) -> None:
        self._dsn = dsn
        self._bot_id = bot_id
        self._statements = _statements("books.sql")
        self._connection: Any = None

    async def read(self) -> dict[str, Any] | None:
        """All of it, or None: the database is away."""
        return await asyncio.to_thread(self._read)

    async def empty(self) -> None:
        """Begin with an empty database, unless another stage runs on it: that one keeps its rows,
        and ours belong to another bot."""
        await asyncio.to_thread(self._empty)

    def _empty(self) -> None:
        connection = psycopg2.connect(self._dsn, connect_timeout=5, application_name="stage")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                statements = _statements("empty.sql")
                cursor.execute(statements["others"])
                if cursor.fetchone() == (0,):
                    cursor.execute(statements["empty"])
        finally:
            connection.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _read(self) -> dict[str, Any] | None:
        try:
            if self._connection is None:
                self._connection = psycopg2.connect(
                    self._dsn, connect_timeout=2, application_name="stage"
                )
                self._connection.autocommit = True
            with self._connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
                found: dict[str, Any] = {}
                for name, statement in self._statements.items():
                    cursor.execute(statement, {"bot_id": self._bot_id})
                    found[name] = [_plain(row) for row in cursor.fetchall()]
                return found
        except psycopg2.Error:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            return None


def _statements(file: str) -> dict[str, str]:
    """The named statements of a file."""
    parts = _NAMED.split(Path(__file__).with_name(file).read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: int(value) if name != "instance_id" and float(value or 0).is_integer() else value
        for name, value in row.items()
        if value is not None
    }
