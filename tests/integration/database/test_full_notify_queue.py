"""The queue of NOTIFY is full: a session that listens, of anybody, stays in a transaction. There is
one queue for all databases of a server. Updates are stored all the same."""

from collections.abc import Iterator
from contextlib import suppress

import psycopg2
import pytest

from supervisor.database.transactions import Database
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import INBOX, Wakeups
from tests.support.postgres.own_postgres import own_postgres


@pytest.fixture
def full() -> Iterator[Secret]:
    """A server whose queue is as small as can be, and full."""
    with own_postgres() as server:
        connection = psycopg2.connect(server.dsn.reveal())
        connection.autocommit = True
        with connection.cursor() as cursor:
            try:
                cursor.execute("ALTER SYSTEM SET max_notify_queue_pages = 64")
            except psycopg2.errors.UndefinedObject:
                pytest.skip("before PostgreSQL 17 the queue has 8 GB")
        connection.close()
        server.restart("fast")
        listening = psycopg2.connect(server.dsn.reveal())
        with listening.cursor() as cursor:
            cursor.execute("LISTEN something")
            listening.commit()
            cursor.execute("SELECT 1")  # from here on it is in a transaction
        _fill(server.dsn)
        yield server.dsn
        listening.close()


def _fill(dsn: Secret) -> None:
    connection = psycopg2.connect(dsn.reveal())
    connection.autocommit = True
    with connection.cursor() as cursor, suppress(psycopg2.errors.ProgramLimitExceeded):
        while True:
            cursor.execute("SELECT pg_notify('x', repeat('x', 7900) || clock_timestamp())")
    connection.close()


def test_what_cannot_be_notified_is_stored_without(full: Secret) -> None:
    database = Database(full, size=1, bot_id=1, fence_key=1, name="trt-test", wakeups=Wakeups())

    with pytest.raises(Unavailable), database.transaction() as tx:
        tx.wake(INBOX)
    with database.transaction() as tx:  # as Telegram sends the update again
        tx.run("CREATE TABLE stored ()")
        tx.wake(INBOX)

    assert database.read("SELECT to_regclass('stored') IS NOT NULL AS kept")[0]["kept"]
    database.close()
