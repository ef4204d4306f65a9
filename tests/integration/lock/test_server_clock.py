"""The server's clock is set forward by an hour: nobody acts too early, nobody is ended."""

from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest

import sql
from supervisor.lock import session
from supervisor.lock.eviction import Rules
from supervisor.lock.protocol import Lock
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Term
from supervisor.settings.identity import Identity
from tests.support.bots.candidate import TIMING, CandidateThread, target
from tests.support.machine.lines import captured
from tests.support.machine.waiting import until, within

#: A clock that runs ahead of PostgreSQL's own as a table says.
FORWARD = """
    CREATE SCHEMA ahead;
    CREATE TABLE ahead.by (span interval NOT NULL);
    INSERT INTO ahead.by VALUES ('0 s');
    CREATE FUNCTION ahead.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS 'SELECT pg_catalog.clock_timestamp() + span FROM ahead.by';
"""


@pytest.fixture
def set_forward(connect: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Sets the server's clock forward by an hour, as the statements of the lock see it."""
    cursor = connect().cursor()
    cursor.execute(FORWARD)
    ours = {
        name: text.replace("clock_timestamp()", "ahead.clock_timestamp()")
        for name, text in sql.load("lock").items()
    }
    monkeypatch.setattr(session, "_SQL", ours)
    return lambda: cursor.execute("UPDATE ahead.by SET span = '1 hour'")


@pytest.fixture
def waiting(
    dsn: Secret, identity: Identity, set_forward: Callable[[], None]
) -> Iterator[Callable[..., CandidateThread]]:
    made: list[CandidateThread] = []

    def start(rules: Rules | None = None) -> CandidateThread:
        made.append(CandidateThread(dsn, identity, *(() if rules is None else (rules,))))
        assert within(made[-1].passive.wait, 5)
        return made[-1]

    yield start
    for each in made:
        each.close()


def active(dsn: Secret, identity: Identity) -> tuple[Lock, Term]:
    """A holder that has begun a term."""
    holder = Lock.open(target(dsn, identity, "holder"), TIMING)
    assert holder.take()
    return holder, holder.win(()).term


def tries(waiting: CandidateThread, more: int) -> None:
    goal = waiting.candidate.tries + more
    until(lambda: waiting.candidate.tries >= goal, 10, "the waiter tries again")


def test_a_successor_waits_for_its_predecessors_trust_although_its_heartbeat_looks_old(
    dsn: Secret,
    identity: Identity,
    set_forward: Callable[[], None],
    waiting: Callable[..., CandidateThread],
) -> None:
    holder, term = active(dsn, identity)
    successor = waiting()
    tries(successor, 2)
    holder.heartbeat(term)

    set_forward()
    holder.close()

    assert successor.wins()
    assert successor.won is not None
    acquisition = successor.won[1]
    assert not acquisition.clean
    assert acquisition.grace > TIMING.trust / 2
    assert acquisition.gap < 60


def test_a_healthy_holder_that_looks_idle_for_an_hour_is_left_alone(
    dsn: Secret,
    identity: Identity,
    set_forward: Callable[[], None],
    waiting: Callable[..., CandidateThread],
) -> None:
    holder, term = active(dsn, identity)
    with captured() as lines:
        other = waiting(Rules(stale_after=2.0, force_after=None))
        tries(other, 2)
        holder.heartbeat(term)

        set_forward()
        tries(other, 4)

        holder.heartbeat(term)
        assert lines.of("STALE LOCK") == []
    holder.close()


@pytest.mark.parametrize("before", ["holder", "_fence_out"])
def test_the_clock_may_be_set_forward_between_any_two_statements(
    dsn: Secret,
    identity: Identity,
    set_forward: Callable[[], None],
    waiting: Callable[..., CandidateThread],
    monkeypatch: pytest.MonkeyPatch,
    before: str,
) -> None:
    holder, term = active(dsn, identity)
    ask, armed = getattr(Lock, before), Event()

    def forward(lock: Lock) -> Any:
        if armed.is_set():
            armed.clear()
            set_forward()
        return ask(lock)

    monkeypatch.setattr(Lock, before, forward)
    with captured() as lines:
        other = waiting(Rules(stale_after=4.0, force_after=None))
        tries(other, 2)
        holder.heartbeat(term)
        armed.set()
        if before == "holder":
            tries(other, 4)
            holder.heartbeat(term)
        else:
            holder.close()
            assert other.wins()
            assert other.won is not None
            assert other.won[1].grace > TIMING.trust / 2
        assert lines.of("STALE LOCK") == []
    assert not armed.is_set()
    holder.close()
