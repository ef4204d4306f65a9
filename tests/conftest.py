"""Fixtures for everybody: a clean environment, one PostgreSQL, a fresh database per test."""

import gc
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import hypothesis
import psycopg2
import pytest

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.transactions import Database
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from supervisor.settings.reader import variables
from tests.support.postgres.databases import Databases, admin
from tests.support.postgres.installed_postgres import (
    MOST_LOG,
    has_programs,
    installed_postgres,
    new_folder,
)

TOKEN = Secret("123456:TEST-TOKEN")

# Before anything reads them: what is set on one machine must not decide a test.
for _spec in variables():
    os.environ.pop(_spec.metadata["env"], None)


# The machine may be busy: nothing that is generated or tried has to be fast.
hypothesis.settings.register_profile(
    "busy machine",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("busy machine")

#: Run the tests as if this feature were not there (``tests/architecture/test_features.py``).
WITHOUT = "TRT_TEST_WITHOUT"
if _gone := os.environ.get(WITHOUT):
    # Here: the tests of one room need not import all of them.
    from handlers import features

    features.FEATURES = tuple(each for each in features.FEATURES if each.name != _gone)

TESTS = Path(__file__).resolve().parent


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays until the end: each look for garbage among it is in vain. Together
    they cost a third of the collection, in each worker, and afterwards half a second each."""
    gc.disable()
    try:
        return (yield)
    finally:
        # From Python 3.14 on Hypothesis takes what is frozen here, its random numbers, for garbage.
        if sys.version_info < (3, 14):
            gc.freeze()
        gc.enable()


#: These take a minute or more, most of it waiting: one that begins late is waited for at the end.
LONGEST = (
    "acceptance/settings/test_certificates.py",
    "acceptance/process/test_flat_under_load.py",
    "acceptance/sandbox/test_stage.py",
    "acceptance/process/test_systemd.py",
    "chaos/test_chaos.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folder says what a test needs."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in {"integration", "acceptance", "chaos"}:
            item.add_marker(getattr(pytest.mark, folder))
    if "PYTEST_XDIST_WORKER" in os.environ:
        items[:] = mixed(items)


def mixed(items: list[pytest.Item]) -> list[pytest.Item]:
    """The order for several workers. Whole processes need the processors and tests of the database
    mostly wait, so these run beside those; the short ones of ``unit`` let all workers end at
    once."""
    folders: dict[str, list[pytest.Item]] = {}
    for item in items:
        place = item.path.relative_to(TESTS)
        folder = "longest" if place.as_posix() in LONGEST else place.parts[0]
        folders.setdefault(folder, []).append(item)
    longest, units = folders.pop("longest", []), folders.pop("unit", [])
    at = [
        (number / len(those), those[number])
        for those in folders.values()
        for number in range(len(those))
    ]
    return [*longest, *(item for _, item in sorted(at, key=lambda each: each[0])), *units]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A report that quotes half a surrogate pair cannot leave its worker: it would end the run."""
    report = yield
    if report.longrepr is not None:
        text = str(report.longrepr)
        if text != (told := encodable(text)):
            report.longrepr = told
    report.sections = [(name, encodable(text)) for name, text in report.sections]
    return report


def encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class Server(Protocol):
    @property
    def dsn(self) -> Secret: ...


@dataclass(frozen=True, slots=True)
class SharedServer:
    """Not the embedded one: other tests have started it, or it is installed."""

    dsn: Secret


SHARED = "TRT_TESTS_SERVER"
#: The folder with the programs of a PostgreSQL of another version.
INSTALLED = "TRT_TESTS_POSTGRES"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for all tests; it keeps what it writes no longer than they need it."""
    shared = os.environ.get(SHARED)
    if shared:
        yield SharedServer(Secret(shared))
        return
    installed = os.environ.get(INSTALLED)
    if installed:
        programs = Path(installed)
        if not has_programs(programs):
            pytest.skip(f"no PostgreSQL is installed in {programs}")
        with installed_postgres(programs) as address:
            yield SharedServer(address)
        return
    folder = new_folder("trt-tests-")
    server = EmbeddedPostgres.start(folder)
    with admin(server.dsn) as cursor:
        # With a hundred databases autovacuum starts a process every half second.
        cursor.execute("ALTER SYSTEM SET autovacuum = off")
        cursor.execute("ALTER SYSTEM SET fsync = off")
        cursor.execute(f"ALTER SYSTEM SET max_wal_size = '{MOST_LOG}'")
        cursor.execute("SELECT pg_reload_conf()")
    yield server
    server.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def databases(postgres: Server) -> Iterator[Databases]:
    made = Databases(postgres.dsn)
    yield made
    made.close()


@pytest.fixture
def dsn(databases: Databases) -> Iterator[Secret]:
    """A database with the schema and without rows."""
    with databases.lend() as address:
        yield address


@pytest.fixture(scope="module")
def shared_dsn(databases: Databases) -> Iterator[Secret]:
    """A database with the schema for all tests of one module, each with a bot of its own."""
    with databases.lend() as address:
        yield address


@pytest.fixture
def empty_dsn(databases: Databases) -> Iterator[Secret]:
    """A database without anything."""
    with databases.lend_empty() as address:
        yield address


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
