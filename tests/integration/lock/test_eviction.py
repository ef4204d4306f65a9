"""Whom a waiting instance throws out: the dead, with wait_then_force the older, nobody else."""

import datetime
import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, cast

import psycopg2
import pytest

from supervisor.lock.eviction import Eviction, Rules
from supervisor.lock.protocol import Holder, Lock
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.bots.candidate import TIMING, CandidateThread, Quiet, target
from tests.support.machine.lines import Lines
from tests.support.machine.waiting import until, within
from tests.support.postgres.databases import end_sessions

Start = Callable[..., CandidateThread]

#: Rules that find an idle holder dead within the time of a test; in production 300 s.
HASTY = Rules(stale_after=0.3, force_after=None)


@pytest.fixture
def candidate(identity: Identity) -> Iterator[Start]:
    made: list[CandidateThread] = []

    def start(dsn: Secret, rules: Rules, name: str = "candidate") -> CandidateThread:
        made.append(CandidateThread(dsn, identity, rules, name))
        return made[-1]

    yield start
    for each in made:
        each.close()


@pytest.fixture
def other_role(dsn: Secret, connect: Callable[[], Any]) -> Iterator[Callable[[str], Secret]]:
    """Addresses of the database as other roles than the holder's, with further rights."""
    admin, made = connect(), []

    def make(rights: str = "") -> Secret:
        name = f"r_{uuid.uuid4().hex[:12]}"
        made.append(name)
        with admin.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {name} LOGIN")
            cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}")
            if rights:
                cursor.execute(f"GRANT {rights} TO {name}")
        return Secret(dsn.reveal().replace("//postgres:@", f"//{name}:@"))

    yield make
    with admin.cursor() as cursor:
        for name in made:
            end_sessions(cursor, "usename = %s", name)
            cursor.execute(f"DROP OWNED BY {name}")
            cursor.execute(f"DROP ROLE {name}")


def test_a_dead_holder_is_ended_after_the_limit_and_not_before(
    candidate: Start, dsn: Secret, old_release: Any, lines: Lines
) -> None:
    """An old release that holds the same key without heartbeats (limit: 1.5 s for 300 s)."""
    idle_since = time.monotonic()
    old_release.cursor().execute("SELECT 1")

    waiting = candidate(dsn, Rules(stale_after=1.5, force_after=None))

    assert waiting.wins()
    assert time.monotonic() - idle_since >= 1.5
    pid = old_release.info.backend_pid
    assert len(lines.of(f"[LOCK] ⚠️ STALE LOCK: pid={pid} idle=")) == 1
    assert len(lines.of(f"[LOCK] ✅ Terminated stale holder pid={pid}")) == 1


def test_an_old_release_that_works_is_never_ended(
    candidate: Start, dsn: Secret, old_release: Any
) -> None:
    waiting = candidate(dsn, Rules(stale_after=2.0, force_after=None))

    for _ in range(8):
        assert waiting.still_waits(tries=2)
        old_release.cursor().execute("SELECT 1")


def test_a_role_that_may_not_look_says_so_once_and_ends_nobody(
    candidate: Start, old_release: Any, other_role: Callable[..., Secret], lines: Lines
) -> None:
    waiting = candidate(other_role(), HASTY)

    assert waiting.still_waits(tries=10)
    old_release.cursor().execute("SELECT 1")
    assert len(lines.of("under another database role")) == 1
    assert waiting.quiet.troubles[-1] is not None
    assert "give all instances the same role" in waiting.quiet.troubles[-1]


def test_what_stands_in_the_way_is_still_told_after_another_session(
    candidate: Start, old_release: Any, other_role: Callable[..., Secret], lines: Lines
) -> None:
    waiting = candidate(other_role(), HASTY)
    lines.wait_for("under another database role", 1)

    with old_release.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'trt:123456:candidate'"
        )

    def told() -> bool:
        before, now = waiting.quiet.troubles[-2:]
        return "administrator command" in str(before) and "the same role" in str(now)

    until(told, 10, "the hindrance is told behind the lost session")
    assert len(lines.of("under another database role")) == 1


def test_a_role_that_may_look_but_not_end_says_so_once_and_tries_once(
    candidate: Start, old_release: Any, other_role: Callable[..., Secret], lines: Lines
) -> None:
    waiting = candidate(other_role("pg_read_all_stats"), HASTY)

    assert waiting.still_waits(tries=10)
    old_release.cursor().execute("SELECT 1")
    assert len(lines.of("STALE LOCK")) == 1
    assert len(lines.of("cannot be ended by us")) == 1
    assert not lines.of("✅")


def test_a_hindered_instance_takes_the_lock_as_soon_as_it_is_free(
    candidate: Start, old_release: Any, other_role: Callable[..., Secret], lines: Lines
) -> None:
    waiting = candidate(other_role(), HASTY)
    lines.wait_for("under another database role", 1)

    old_release.close()

    assert waiting.wins()


def test_force_outwaits_an_older_holder(
    candidate: Start, dsn: Secret, old_release: Any, lines: Lines
) -> None:
    waiting = candidate(dsn, Rules(stale_after=300.0, force_after=0.5))

    assert waiting.wins()
    assert len(lines.of("[LOCK] ⚠️ FORCE ACTIVE MODE (risky!)")) == 1
    assert not lines.of("STALE")


def test_force_leaves_a_younger_holder_alone(
    candidate: Start, old_release: Any, dsn: Secret, identity: Identity
) -> None:
    forcing = candidate(dsn, Rules(stale_after=300.0, force_after=0.5))
    assert within(forcing.passive.wait, 5)
    # Already in the queue of the lock when the old holder is thrown out: it is next.
    younger = psycopg2.connect(dsn.reveal())
    younger.autocommit = True
    younger.cursor().execute("SELECT pg_advisory_lock(%s)", (identity.lock_key,))

    assert forcing.still_waits(tries=8)
    younger.cursor().execute("SELECT 1")
    younger.close()
    assert forcing.wins()


class Stubborn:
    """A lock that is not to be had, however often its holder is thrown out."""

    broken = False

    def __init__(self) -> None:
        self.evicted = 0

    def evict(self, holder: Holder) -> bool:
        self.evicted += 1
        return False


def test_the_same_instance_is_thrown_out_three_times_at_most(identity: Identity) -> None:
    """Where sessions do not tell who is older two that force would go on for ever."""
    born = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    old = born - datetime.timedelta(hours=1)
    rules = Rules(stale_after=300.0, force_after=60.0)
    eviction = Eviction(rules, clock=SystemClock(), observer=Quiet())
    lock = Stubborn()

    for number in range(10):
        holder = Holder(number, old, "trt:123456:old", idle_seconds=None, epoch=number)
        eviction.consider(cast(Lock, lock), holder, waited=61.0, born=born, doubt=0.0)

    assert lock.evicted == 3


def test_whoever_throws_the_holder_out_has_the_lock_in_the_same_breath(
    dsn: Secret, identity: Identity, old_release: Any
) -> None:
    """Between the two the loser, or anybody else, might come in."""
    lock = Lock.open(target(dsn, identity, "forcing"), TIMING)
    holder = lock.holder()
    assert holder is not None
    assert holder.pid == old_release.info.backend_pid

    assert lock.evict(holder)

    found = lock.holder()
    assert found is not None
    assert found.pid != holder.pid
    assert lock.free()
    assert not lock.free()
    lock.close()


def test_a_holder_that_does_not_end_although_told_to_is_said_once_and_waited_for(
    candidate: Start, dsn: Secret, old_release: Any, lines: Lines
) -> None:
    """Its server process is stuck; here it is stopped."""
    stuck = old_release.info.backend_pid
    os.kill(stuck, signal.SIGSTOP)
    try:
        waiting = candidate(dsn, Rules(stale_after=300.0, force_after=0.3))
        lines.wait_for(f"pid={stuck} was told to end, but the lock was not to be had", 1)
        until(lambda: "was told to end" in str(waiting.quiet.troubles[-1]), 10, "still told")
        assert waiting.still_waits(tries=2)
    finally:
        os.kill(stuck, signal.SIGCONT)

    assert waiting.wins()
    assert len(lines.of("FORCE ACTIVE MODE")) == 1
    assert len(lines.of("was told to end")) == 1


def test_who_was_thrown_out_and_comes_back_is_not_younger_for_that(
    candidate: Start, dsn: Secret, identity: Identity, lines: Lines
) -> None:
    """The one that forces cannot begin its term, and the loser takes the lock back."""
    first = Lock.open(target(dsn, identity, "old"), TIMING)
    assert first.take()
    admin = psycopg2.connect(dsn.reveal())
    admin.cursor().execute("LOCK TABLE lock_epochs IN EXCLUSIVE MODE")
    forcing = candidate(dsn, Rules(stale_after=300.0, force_after=0.3))
    lines.wait_for("FORCE ACTIVE MODE", 1)
    again = Lock.open(target(dsn, identity, "old"), TIMING)
    until(again.take, 10, "the loser is back")
    admin.rollback()

    assert forcing.wins()
    assert len(lines.of("FORCE ACTIVE MODE")) == 2
    for each in (first, again):
        each.close()
    admin.close()


def test_force_without_the_right_is_said_once(
    candidate: Start, old_release: Any, other_role: Callable[..., Secret], lines: Lines
) -> None:
    rules = Rules(stale_after=300.0, force_after=0.3)
    waiting = candidate(other_role("pg_read_all_stats"), rules)

    assert waiting.still_waits(tries=10)
    old_release.cursor().execute("SELECT 1")
    assert len(lines.of("FORCE ACTIVE MODE")) == 1
    assert len(lines.of("cannot be ended by us")) == 1
