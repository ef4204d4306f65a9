"""Being PASSIVE: whom a contender waits for, whom it ends, and when."""

import threading
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import psycopg2
import pytest

from supervisor.clock import SystemClock
from supervisor.compete import Contender, Rules
from supervisor.db import work_channel
from supervisor.identity import Identity
from supervisor.lock import Lock, LockTarget, Victory
from supervisor.phase import Phase
from supervisor.secret import Secret
from supervisor.timing import Timing
from supervisor.waker import Waker

PATIENT = Rules(stale_after=300.0, force_after=None)


class Quiet:
    """Timer and observer of a contender that needs neither."""

    def every(self, name: str, seconds: float, fn: Callable[[], None], jitter: float = 0.0) -> None:
        assert name == "lock_retry"

    def cancel(self, name: str) -> None:
        assert name == "lock_retry"

    def phase_changed(self, phase: Phase, *, epoch: int | None, reason: str) -> None: ...

    def alive(self) -> None: ...

    def lock_verified(self, *, seconds: float) -> None: ...

    def lock_lost(self, *, cause: str) -> None: ...

    def trouble(self, reason: str | None) -> None: ...


class Candidate:
    """A contender in a thread of its own."""

    def __init__(self, dsn: Secret, identity: Identity, rules: Rules, name: str) -> None:
        self.stop = Event()
        self.passive = Event()
        self.waker = Waker()
        self.won: tuple[Lock, Victory] | None = None
        target = LockTarget(
            dsn,
            identity.lock_key,
            identity.fence_key,
            identity.bot_id,
            name,
            work_channel(identity.bot_id),
        )
        contender = Contender(
            target,
            Timing(poll=0.2),
            rules,
            clock=SystemClock(),
            timer=Quiet(),
            waker=self.waker,
            observer=Quiet(),
            release_claims=(),
            on_passive=self.passive.set,
        )

        def compete() -> None:
            self.won = contender.compete(self.stop)

        self.thread = threading.Thread(target=compete)
        self.thread.start()

    def wins_within(self, seconds: float) -> bool:
        self.thread.join(seconds)
        return self.won is not None

    def close(self) -> None:
        self.stop.set()
        self.waker.wake()
        self.thread.join(5)
        if self.won is not None:
            self.won[0].close()
        self.waker.close()


@pytest.fixture
def candidate(dsn: Secret, identity: Identity) -> Iterator[Callable[..., Candidate]]:
    made: list[Candidate] = []

    def start(rules: Rules = PATIENT, name: str = "candidate") -> Candidate:
        made.append(Candidate(dsn, identity, rules, name))
        return made[-1]

    yield start
    for each in made:
        each.close()


@pytest.fixture
def old_release(dsn: Secret, identity: Identity) -> Iterator[Any]:
    """A session that took the lock and has done nothing since."""
    connection = psycopg2.connect(dsn.reveal())
    connection.autocommit = True
    connection.cursor().execute("SELECT pg_advisory_lock(%s)", (identity.lock_key,))
    yield connection
    connection.close()


def test_a_free_lock_is_won_at_once(candidate: Callable[..., Candidate]) -> None:
    assert candidate().wins_within(3)


def test_a_holder_is_waited_for_and_succeeded(
    candidate: Callable[..., Candidate], old_release: Any
) -> None:
    waiting = candidate()
    assert waiting.passive.wait(3)
    assert not waiting.wins_within(0.6)

    old_release.close()

    assert waiting.wins_within(3)


def test_a_dead_holder_is_ended_after_the_limit_and_not_before(
    candidate: Callable[..., Candidate], old_release: Any
) -> None:
    waiting = candidate(Rules(stale_after=1.5, force_after=None))

    assert not waiting.wins_within(1.0)
    assert waiting.wins_within(4)


def test_force_outwaits_an_older_holder(
    candidate: Callable[..., Candidate], old_release: Any
) -> None:
    waiting = candidate(Rules(stale_after=2.0, force_after=0.5))

    assert waiting.wins_within(4)


def test_force_leaves_a_younger_holder_alone(
    candidate: Callable[..., Candidate], old_release: Any, dsn: Secret, identity: Identity
) -> None:
    forcing = candidate(Rules(stale_after=300.0, force_after=0.5))
    assert forcing.passive.wait(3)
    # Already in the queue of the lock when the old holder is thrown out: it is next.
    younger = psycopg2.connect(dsn.reveal())
    younger.autocommit = True
    younger.cursor().execute("SELECT pg_advisory_lock(%s)", (identity.lock_key,))

    assert not forcing.wins_within(1.5)
    younger.cursor().execute("SELECT 1")
    younger.close()
    assert forcing.wins_within(3)


def test_a_contender_that_is_asked_to_stop_ends_without_the_lock(
    candidate: Callable[..., Candidate], old_release: Any
) -> None:
    waiting = candidate()
    assert waiting.passive.wait(3)

    waiting.close()

    assert waiting.won is None
    assert not waiting.thread.is_alive()
