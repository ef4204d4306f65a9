"""Calls of a term that was lost: those that hang come back, later ones ask the server nothing."""

import threading
import uuid
from typing import Any

import pytest

from supervisor.database.transactions import Database
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import (
    BotError,
    Fenced,
    Unavailable,
)
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import ServiceThread
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.support.machine.waiting import until


def test_a_lost_term_frees_its_calls_that_hang_and_refuses_later_ones(
    database: Database, connect: Any
) -> None:
    lost, other = Term(epoch=1, token=uuid.uuid4()), Term(epoch=2, token=uuid.uuid4())
    with connect().cursor() as cursor:
        cursor.execute(
            "INSERT INTO lock_epochs (lock_key, epoch, token, bot_id, instance_id, backend_pid)"
            " VALUES (1, 1, %s, 1, 'a', 0), (2, 1, %s, 1, 'b', 0)",
            (str(lost.token), str(other.token)),
        )
    failures: list[BaseException] = []
    refused: list[Term] = []
    database._on_refusal = lambda: refused.append(lost)

    def hang() -> None:
        try:
            with database.transaction(lost) as tx:
                tx.one("SELECT pg_sleep(60)")
        except BotError as error:
            failures.append(error)

    hanging = threading.Thread(target=hang)
    with database.transaction() as bystander:
        hanging.start()
        with connect().cursor() as cursor:
            until(lambda: asleep(cursor), 10, "the call hangs")

        database.end_term(lost)
        hanging.join(10)

        assert not hanging.is_alive()
        assert isinstance(failures[0], Unavailable)
        assert bystander.one("SELECT 1 AS one") == {"one": 1}
    with pytest.raises(Fenced), database.transaction(lost):
        raise AssertionError("the fence let a lost term through")
    assert refused == [lost]
    with database.transaction(other) as tx:
        assert tx.one("SELECT 1 AS one") == {"one": 1}


def asleep(cursor: Any) -> bool:
    cursor.execute(
        "SELECT 1 FROM pg_stat_activity"
        " WHERE wait_event = 'PgSleep' AND datname = current_database()"
    )
    return bool(cursor.fetchall())


def test_a_call_that_gets_its_connection_after_its_term_was_lost_asks_the_server_nothing(
    dsn: Secret, identity: Identity, wakeups: Wakeups, connect: Any
) -> None:
    """On a cut connection it would hang, and nobody would abort it any more."""
    term = Term(epoch=1, token=uuid.uuid4())
    with connect().cursor() as cursor:
        cursor.execute(
            "INSERT INTO lock_epochs (lock_key, epoch, token, bot_id, instance_id, backend_pid)"
            " VALUES (%s, 1, %s, 1, 'a', 0)",
            (identity.fence_key, str(term.token)),
        )
    database = Database(
        dsn,
        size=1,
        bot_id=identity.bot_id,
        fence_key=identity.fence_key,
        name="test",
        wakeups=wakeups,
        step=lambda: database.end_term(term),  # just before the connection is taken
    )

    with pytest.raises(Fenced), database.transaction(term):
        raise AssertionError("the term is over")

    database.ping()
    database.close()


def test_a_service_whose_term_is_lost_asks_nothing_more_even_without_naming_its_term(
    database: Database, gate: Gate
) -> None:
    lost, other = Term(epoch=1, token=uuid.uuid4()), Term(epoch=2, token=uuid.uuid4())
    told: list[str] = []

    def body(term: Term, gate: Gate, stop: threading.Event) -> None:
        for ask in (database.ping, lambda: store(database)):
            try:
                ask()
                told.append("answered")
            except Fenced:
                told.append("fenced")
        stop.wait()

    database.end_term(lost)
    service = ServiceThread("service", body)
    for term in (lost, other):
        service.start(term, gate)
        until(lambda: len(told) in {2, 4}, 10, "both were asked")
        service.stop()
        assert service.join(10)

    assert told == ["fenced", "fenced", "answered", "answered"]
    database.ping()  # whoever acts for no term is not concerned


def store(database: Database) -> None:
    with database.transaction() as tx:
        tx.run("SELECT ensure_user(7, NULL, NULL)")


@pytest.fixture
def gate() -> Gate:
    return Gate(SystemClock())
