"""Rows that another session holds, or that the database refuses to write."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def held(connect: Any, statement: str) -> Iterator[None]:
    """Another session holds the rows of ``statement`` in a transaction that it has left open."""
    connection = connect()
    connection.autocommit = False
    connection.cursor().execute(statement)
    yield
    connection.rollback()


@contextmanager
def refused(
    connect: Any, table: str, sqlstate: str, when: str, on: str = "INSERT OR UPDATE"
) -> Iterator[None]:
    """The table raises ``sqlstate`` for rows of which ``when`` is true."""
    cursor = connect().cursor()
    cursor.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {when} THEN RAISE EXCEPTION 'planted' USING ERRCODE = '{sqlstate}'; END IF;"
        " RETURN NEW; END $$"
    )
    cursor.execute(
        f"CREATE TRIGGER refuse BEFORE {on} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    yield
    cursor.execute(f"DROP TRIGGER refuse ON {table}")
