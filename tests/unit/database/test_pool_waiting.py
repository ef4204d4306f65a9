"""How long callers of the pool wait, for a free session and for a new one."""

from collections.abc import Callable
from threading import Thread
from uuid import uuid4

import pytest

from supervisor.database import pool as pool_module
from supervisor.database.connection import OPENING
from supervisor.database.pool import Pool
from supervisor.runtime.errors import BotError, Fenced, Unavailable
from supervisor.runtime.term import Term
from supervisor.telemetry.metrics import PoolMetrics
from tests.support.edges.fakes import FakeClock
from tests.support.postgres.opened import Opener, used_once

Patience = Callable[[float], None]


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Patience:
    return lambda seconds: monkeypatch.setattr(pool_module, "OPENING", seconds)


def test_an_opening_that_hangs_keeps_its_caller_for_a_limited_time_and_serves_the_next_one(
    opener: Opener, patience: Patience
) -> None:
    pool = Pool(opener, 1, PoolMetrics(), clock=FakeClock())
    opener.answers.clear()
    patience(0.05)
    with pytest.raises(Unavailable, match="no connection within"):
        pool.take()

    opener.answers.set()
    patience(10.0)

    assert used_once(pool) is opener.opened[0]
    assert len(opener.opened) == 1
    pool.close()


def test_openings_that_hang_keep_their_places(
    opener: Opener, pool: Pool, patience: Patience
) -> None:
    opener.answers.clear()
    patience(0.05)
    for _ in range(5):
        with pytest.raises(Unavailable):
            pool.take()

    opener.answers.set()
    patience(10.0)
    three = [pool.take() for _ in range(3)]

    assert len(opener.opened) == 3
    for pooled in three:
        pool.give_back(pooled, reusable=True)


def test_openings_that_hang_and_fail_give_their_places_back(
    opener: Opener, patience: Patience
) -> None:
    pool = Pool(opener, 1, PoolMetrics(), clock=FakeClock())
    opener.answers.clear()
    opener.failures = [Unavailable("a cut connection")]
    patience(0.05)
    with pytest.raises(Unavailable, match="no connection within"):
        pool.take()

    opener.answers.set()
    patience(10.0)

    assert used_once(pool)
    pool.close()


@pytest.mark.parametrize("waits_for", ["a free one", "a new one"])
def test_the_end_of_a_term_ends_the_waiting_of_its_callers_and_of_nobody_else(
    opener: Opener, patience: Patience, waits_for: str
) -> None:
    patience(60.0)
    pool, term = Pool(opener, 2, PoolMetrics(), clock=FakeClock()), Term(1, uuid4())
    held = [pool.take()]
    if waits_for == "a free one":
        held.append(pool.take())
    else:
        opener.answers.clear()
        opener.begun.clear()
    told: list[BaseException] = []

    def take() -> None:
        try:
            pool.take(term)
        except BotError as error:
            told.append(error)

    waiter = Thread(target=take)
    waiter.start()
    if waits_for == "a new one":
        assert opener.begun.wait(10)
    pool.end(term)
    waiter.join(5)

    assert not waiter.is_alive()
    assert isinstance(told[0], Fenced if waits_for == "a free one" else BotError)
    with pytest.raises(Fenced):
        pool.take(term)
    opener.answers.set()
    pool.give_back(held[0], reusable=True)
    assert used_once(pool)
    for pooled in held[1:]:
        pool.give_back(pooled, reusable=True)
    pool.close()


def test_a_caller_whose_time_is_over_waits_for_no_session(opener: Opener) -> None:
    """As one that has waited for a place: both waits together have one limit."""

    class Hasty(FakeClock):
        def now(self) -> float:
            self.time += OPENING
            return self.time

    pool = Pool(opener, 1, PoolMetrics(), clock=Hasty())
    opener.answers.clear()

    with pytest.raises(Unavailable, match="no connection within"):
        pool.take()

    opener.answers.set()
    pool.close()
