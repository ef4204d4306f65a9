"""What several tests of the lock need: an old release that holds it, and the lines of the log."""

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.machine.lines import Lines, captured


@pytest.fixture
def old_release(dsn: Secret, identity: Identity) -> Iterator[Any]:
    """A session that took the lock and has done nothing since."""
    connection = psycopg2.connect(dsn.reveal())
    connection.autocommit = True
    connection.cursor().execute("SELECT pg_advisory_lock(%s)", (identity.lock_key,))
    yield connection
    connection.close()


@pytest.fixture
def lines() -> Iterator[Lines]:
    with captured() as made:
        yield made
