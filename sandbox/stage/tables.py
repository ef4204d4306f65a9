"""Reads money and terms of the lock from the bot's tables."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import psycopg2.extras
import psycopg2.sql

_NAMED = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class Tables:
    """Reads on a connection of its own; empty while the database is away."""

    def __init__(self, dsn: str, bot_id: int) -> None:
        self._dsn = dsn
        self._bot_id = bot_id
        self._statements = _statements("books.sql")
        self._connection: Any = None

    async def read(self) -> dict[str, Any] | None:
        """All of it, or None: the database is away."""
        return await asyncio.to_thread(self._read, ("books", "terms", "open_work"))

    async def give(self, people: Mapping[int, str], credits: int) -> None:
        """See ``give_credits``. Raises ``psycopg2.Error`` when the database is away."""
        await asyncio.to_thread(give_credits, self._dsn, self._bot_id, people, credits)

    async def calls_in_flight(self) -> int:
        """Deliveries between their claim and their record; 0 while the database is away."""
        found = await asyncio.to_thread(self._read, ("in_flight",)) or {"in_flight": [{}]}
        return int(found["in_flight"][0].get("calls", 0))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _read(self, names: Sequence[str]) -> dict[str, Any] | None:
        try:
            if self._connection is None:
                self._connection = psycopg2.connect(
                    self._dsn, connect_timeout=2, application_name="stage"
                )
                self._connection.autocommit = True
            with self._connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
                found: dict[str, Any] = {}
                for name in names:
                    cursor.execute(self._statements[name], {"bot_id": self._bot_id})
                    found[name] = [_plain(row) for row in cursor.fetchall()]
                return found
        except psycopg2.Error:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            return None


def give_credits(dsn: str, bot_id: int, people: Mapping[int, str], credits: int) -> None:
    """So many credits for each person (first name by number), once. The tables must be there."""
    statements = _statements("fresh.sql")
    connection = psycopg2.connect(dsn, connect_timeout=5, application_name="stage")
    try:
        with connection, connection.cursor() as cursor:
            for user_id, first_name in people.items():
                values = {
                    "bot_id": bot_id,
                    "user_id": user_id,
                    "first_name": first_name,
                    "credits": credits,
                }
                cursor.execute(statements["person"], values)
                cursor.execute(statements["give"], values)
    finally:
        connection.close()


def fresh_database(dsn: str, bot_id: int) -> str:
    """Where to connect: a new, empty database on this server. Those of earlier runs go."""
    statements = _statements("fresh.sql")
    name = f"stage_{bot_id}"
    connection = psycopg2.connect(dsn, connect_timeout=5, application_name="stage")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:

            def carry_out(statement: str, database: str) -> None:
                text = psycopg2.sql.SQL(statements[statement])
                cursor.execute(text.format(name=psycopg2.sql.Identifier(database)))

            cursor.execute(statements["old"], {})
            for (old,) in cursor.fetchall():
                carry_out("drop", old)
            carry_out("create", name)
    finally:
        connection.close()
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(path=f"/{name}"))


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
