"""Fixtures for everybody: a clean environment, one PostgreSQL, a fresh database per test."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg2
import pytest

import sql
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.transactions import Database
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from supervisor.settings.reader import variables
from tests.support.installed_postgres import has_programs, installed_postgres

TOKEN = Secret("123456:TEST-TOKEN")

# Before anything reads them: what is set on one machine must not decide a test.
for _spec in variables():
    os.environ.pop(_spec.metadata["env"], None)


TESTS = Path(__file__).resolve().parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folder says what a test needs."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in {"integration", "acceptance", "chaos"}:
            item.add_marker(getattr(pytest.mark, folder))


class Server(Protocol):
    @property
    def dsn(self) -> Secret: ...


@dataclass(frozen=True, slots=True)
class SharedServer:
    """Not the embedded one: other tests have started it, or it is installed."""

    dsn: Secret


#: The database with the schema, of which each test gets a copy. Servers may be shared.
TEMPLATE = f"template_{uuid.uuid4().hex[:12]}"
SHARED = "TRT_TESTS_SERVER"
#: The folder with the programs of a PostgreSQL of another version.
INSTALLED = "TRT_TESTS_POSTGRES"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for all tests; it keeps what it writes no longer than they need it."""
    shared = os.environ.get(SHARED)
    if shared:
        with _template(Secret(shared)):
            yield SharedServer(Secret(shared))
        return
    installed = os.environ.get(INSTALLED)
    if installed:
        programs = Path(installed)
        if not has_programs(programs):
            pytest.skip(f"no PostgreSQL is installed in {programs}")
        with installed_postgres(programs) as address, _template(address):
            yield SharedServer(address)
        return
    # Not pytest's own directory: each session of pytest closes that one to other users
    # again, and as root the server runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="trt-tests-"))
    server = EmbeddedPostgres.start(folder)
    with _admin(server.dsn) as cursor:
        cursor.execute("ALTER SYSTEM SET fsync = off")
        cursor.execute("SELECT pg_reload_conf()")
    with _template(server.dsn):
        yield server
    server.close()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _template(server: Secret) -> Iterator[None]:
    with _admin(server) as cursor:
        cursor.execute(f"CREATE DATABASE {TEMPLATE}")
        with _admin(at(server, TEMPLATE)) as inside:
            inside.execute(sql.schema())
        yield
        cursor.execute(f"DROP DATABASE {TEMPLATE} WITH (FORCE)")


@contextmanager
def _admin(dsn: Secret) -> Iterator[Any]:
    connection = psycopg2.connect(dsn.reveal())
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        yield cursor


def at(dsn: Secret, database: str) -> Secret:
    """The address of another database of the same server."""
    return Secret(dsn.reveal().replace("/postgres?", f"/{database}?"))


@pytest.fixture
def dsn(postgres: Server) -> Iterator[Secret]:
    """A fresh database with the schema."""
    yield from _fresh(postgres, TEMPLATE)


@pytest.fixture(scope="module")
def shared_dsn(postgres: Server) -> Iterator[Secret]:
    """A database with the schema for all tests of one module, each with a bot of its own."""
    yield from _fresh(postgres, TEMPLATE)


@pytest.fixture
def empty_dsn(postgres: Server) -> Iterator[Secret]:
    """A fresh database without anything."""
    yield from _fresh(postgres, "template0")


def _fresh(postgres: Server, template: str) -> Iterator[Secret]:
    name = f"t_{uuid.uuid4().hex[:12]}"
    with _admin(postgres.dsn) as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield at(postgres.dsn, name)
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


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
