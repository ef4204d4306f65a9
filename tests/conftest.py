"""Fixtures for everybody: a clean environment, one PostgreSQL, a fresh database per test."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

import sql
from supervisor.db import Database
from supervisor.embedded import EmbeddedPostgres
from supervisor.identity import Identity
from supervisor.secret import Secret
from supervisor.settings import variables
from supervisor.wakeups import Wakeups

TOKEN = Secret("123456:TEST-TOKEN")

# Before anything reads them: what is set on one machine must not decide a test.
for _spec in variables():
    os.environ.pop(_spec.metadata["env"], None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folder says what a test needs."""
    for item in items:
        folder = Path(str(item.fspath)).parent.name
        if folder in {"integration", "acceptance", "chaos"}:
            item.add_marker(getattr(pytest.mark, folder))


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server for all tests; it keeps what it writes no longer than they need it."""
    # Not pytest's own directory: each session of pytest closes that one to other users
    # again, and as root the server runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="trt-tests-"))
    server = EmbeddedPostgres.start(folder)
    connection = psycopg2.connect(server.dsn.reveal())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET fsync = off")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("CREATE DATABASE template_trt")
    connection.close()
    with_schema = psycopg2.connect(at(server.dsn, "template_trt").reveal())
    with with_schema, with_schema.cursor() as cursor:
        cursor.execute(sql.schema())
    with_schema.close()
    yield server
    server.close()
    shutil.rmtree(folder, ignore_errors=True)


def at(dsn: Secret, database: str) -> Secret:
    """The address of another database of the same server."""
    return Secret(dsn.reveal().replace("/postgres?", f"/{database}?"))


@pytest.fixture
def dsn(postgres: EmbeddedPostgres) -> Iterator[Secret]:
    """A fresh database with the schema."""
    yield from _fresh(postgres, "template_trt")


@pytest.fixture(scope="module")
def shared_dsn(postgres: EmbeddedPostgres) -> Iterator[Secret]:
    """A database with the schema for all tests of one module, each with a bot of its own."""
    yield from _fresh(postgres, "template_trt")


@pytest.fixture
def empty_dsn(postgres: EmbeddedPostgres) -> Iterator[Secret]:
    """A fresh database without anything."""
    yield from _fresh(postgres, "template0")


def _fresh(postgres: EmbeddedPostgres, template: str) -> Iterator[Secret]:
    name = f"t_{uuid.uuid4().hex[:12]}"
    admin = psycopg2.connect(postgres.dsn.reveal())
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield at(postgres.dsn, name)
    with admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()


@pytest.fixture
def connect(dsn: Secret) -> Iterator[Any]:
    """Opens autocommit connections to the test's database and closes them afterwards."""
    opened = []

    def open_one() -> Any:
        connection = psycopg2.connect(dsn.reveal())
        connection.autocommit = True
        opened.append(connection)
        return connection

    yield open_one
    for connection in opened:
        connection.close()


@pytest.fixture
def identity() -> Identity:
    return Identity(TOKEN)


@pytest.fixture
def wakeups() -> Wakeups:
    return Wakeups()


@pytest.fixture
def database(dsn: Secret, identity: Identity, wakeups: Wakeups) -> Iterator[Database]:
    made = Database(
        dsn,
        size=4,
        bot_id=identity.bot_id,
        fence_key=identity.fence_key,
        name="test",
        wakeups=wakeups,
    )
    yield made
    made.close()
