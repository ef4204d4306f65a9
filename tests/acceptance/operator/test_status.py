"""``run.py status`` and the checks before and while the tables are made."""

import pytest

from supervisor.database.migration import SESSION_NAME
from supervisor.runtime.secret import Secret
from tests.support.bots.commands import run_py
from tests.support.bots.world import World
from tests.support.postgres.databases import admin


def ask(world: World, *words: str, address: Secret) -> tuple[int, str]:
    """The exit code and all output of a command."""
    done = run_py(*words, env=world.env(DATABASE_URL=address.reveal()))
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("words", [(), ("--json",), ("--dead",), ("--orphans",)])
def test_a_database_without_tables_is_told_with_what_makes_them(
    world: World, empty_dsn: Secret, words: tuple[str, ...]
) -> None:
    code, output = ask(world, "status", *words, address=empty_dsn)

    assert code == 70
    assert "the database does not have the tables of this release" in output
    assert "python run.py migrate" in output


def test_tables_that_are_being_made_are_said_to_be(world: World, empty_dsn: Secret) -> None:
    with admin(empty_dsn) as cursor:
        cursor.execute("SELECT set_config('application_name', %s, false)", (SESSION_NAME,))
        code, output = ask(world, "status", address=empty_dsn)

    assert code == 70
    assert "being made or brought up to date just now; ask again in a moment" in output


def test_tables_that_are_being_changed_are_said_to_be(world: World, dsn: Secret) -> None:
    with admin(dsn) as cursor:
        cursor.execute("SELECT set_config('application_name', %s, false)", (SESSION_NAME,))
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE")
        code, output = ask(world, "status", address=dsn)
        cursor.execute("ROLLBACK")

    assert code == 70
    assert "being made or brought up to date just now; ask again in a moment" in output


def test_the_first_check_that_needs_the_tables_is_the_one_that_fails(
    world: World, empty_dsn: Secret
) -> None:
    code, output = ask(world, "happy-path", address=empty_dsn)

    assert code == 1
    assert "❌ Required tables: " in output
    assert "python run.py migrate" in output
    assert "❌ Webhook" not in output
    assert "WEBHOOK_BASE_URL" not in output
