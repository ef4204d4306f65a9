"""Being PASSIVE: what wakes a waiting instance, what it says, what it survives."""

import datetime
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from apscheduler.schedulers import base as apscheduler_base
from apscheduler.triggers import interval as apscheduler_interval

from supervisor.lock import candidate as candidate_module
from supervisor.lock import timing as timing_module
from supervisor.lock.candidate import Candidate
from supervisor.lock.protocol import Lock
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.scheduler import Scheduler
from supervisor.runtime.secret import Secret
from supervisor.runtime.wake_pipe import WakePipe
from supervisor.settings.identity import Identity
from tests.support.bots.candidate import PATIENT, TIMING, CandidateThread, Quiet, target
from tests.support.edges.fakes import FakeClock
from tests.support.machine.lines import Lines
from tests.support.machine.waiting import until, within
from tests.support.postgres.databases import admin, end_sessions

Start = Callable[..., CandidateThread]


@pytest.fixture
def candidate(dsn: Secret, identity: Identity) -> Iterator[Start]:
    made: list[CandidateThread] = []

    def start(**options: Any) -> CandidateThread:
        made.append(CandidateThread(dsn, identity, **options))
        return made[-1]

    yield start
    for each in made:
        each.close()


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    made = Scheduler(SystemClock())
    made.start()
    yield made
    made.stop()


def test_a_free_lock_is_won_at_once(candidate: Start) -> None:
    assert candidate().wins()


def test_a_holder_is_waited_for_and_succeeded(candidate: Start, old_release: Any) -> None:
    waiting = candidate()
    assert within(waiting.passive.wait, 5)
    assert waiting.still_waits()

    old_release.close()

    assert waiting.wins()


def test_a_contender_that_is_asked_to_stop_ends_without_the_lock(
    candidate: Start, old_release: Any
) -> None:
    waiting = candidate()
    assert within(waiting.passive.wait, 5)

    waiting.close()

    assert waiting.won is None


def test_the_schedulers_job_alone_wakes_the_loop(
    candidate: Start, old_release: Any, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old release notifies nobody, and the loop's own bound is made an hour."""
    monkeypatch.setattr(timing_module, "LATEST", 3600 / TIMING.poll)
    waiting = candidate(timer=scheduler)
    assert within(waiting.passive.wait, 5)

    old_release.close()

    assert waiting.wins()


def test_a_wall_clock_that_jumps_back_stalls_nobody(
    candidate: Start, old_release: Any, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """APScheduler's job is due in an hour then; the loop's own bound goes on."""
    shift = [datetime.timedelta()]

    class Wall(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
            return datetime.datetime.now(tz) - shift[0]

    monkeypatch.setattr(apscheduler_base, "datetime", Wall)
    monkeypatch.setattr(apscheduler_interval, "datetime", Wall)
    waiting = candidate(timer=scheduler)
    assert within(waiting.passive.wait, 5)
    shift[0] = datetime.timedelta(hours=1)
    time.sleep(2 * TIMING.poll)  # the job that was due already has run
    tries = waiting.candidate.tries

    old_release.close()

    assert waiting.wins()
    assert waiting.candidate.tries > tries


@pytest.mark.usefixtures("idle_sessions_end")
def test_waiting_is_one_line_and_then_one_every_ten_seconds_at_debug_level(
    candidate: Start,
    dsn: Secret,
    identity: Identity,
    lines: Lines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With both spans a tenth as long: a look each 0.1 s, a line each second."""
    holder = Lock.open(target(dsn, identity, "holder"), TIMING)
    assert holder.take()
    epoch = holder.win(()).term.epoch
    monkeypatch.setattr(candidate_module, "TELL_EVERY", 1.0)
    monkeypatch.setattr("supervisor.lock.eviction.LOOK_EVERY", 0.1)

    waiting = candidate()
    lines.wait_for("lock_passive", 3)
    holder.close()

    assert waiting.wins()
    told = lines.of("lock_passive")
    assert all(line["level"].name == "DEBUG" for line in told)
    assert told[1]["extra"]["epoch"] == epoch
    assert told[1]["extra"]["holder"] == "trt:123456:holder"
    assert told[1]["extra"]["idle_seconds"] >= 0.5
    assert told[1]["elapsed"] - told[0]["elapsed"] >= datetime.timedelta(seconds=0.9)
    others = [line for line in lines.seen if line["level"].name != "DEBUG"]
    assert [line["message"] for line in others] == ["[LOCK] Background retry task started"]


def test_a_holder_is_left_alone_while_its_heartbeats_come_and_looked_at_soon_after_the_last(
    dsn: Secret, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a clock that the test moves, and a heartbeat whose age it says."""
    now, age, looks = 0.0, 0.5, []
    holder = Lock.open(target(dsn, identity, "holder"), TIMING)
    assert holder.take()
    holder.win(())
    lock = Lock.open(target(dsn, identity, "candidate"), TIMING)
    pipe = WakePipe()
    waiting = Candidate(
        target(dsn, identity, "candidate"),
        TIMING,
        PATIENT,
        clock=FakeClock(),
        timer=Quiet(),
        wake_pipe=pipe,
        observer=Quiet(),
        release_claims=(),
        on_passive=lambda: None,
    )
    look = lock.holder

    def looking() -> Any:
        looks.append(now)
        return look()

    monkeypatch.setattr(lock, "holder", looking)
    for second in range(400):
        now = waiting._clock.time = 1000.0 + second  # type: ignore[attr-defined]
        age = 0.5 if second < 350 else 0.5 + second - 350
        lock.heartbeat_age = age
        assert not waiting._passive(lock)

    for each in (holder, lock, pipe):
        each.close()
    assert looks == [1000.0, 1300.0, 1352.0, 1362.0, 1372.0, 1382.0, 1392.0]


def test_a_session_that_ends_while_waiting_is_replaced_and_says_so_once(
    candidate: Start, old_release: Any, dsn: Secret, lines: Lines
) -> None:
    waiting = candidate()
    assert within(waiting.passive.wait, 5)

    def end_its_session() -> None:
        tries = waiting.candidate.tries
        with admin(dsn) as cursor:
            end_sessions(cursor, "application_name = 'trt:123456:candidate'")
        until(lambda: waiting.candidate.tries >= tries + 2, 10, "two more tries")

    end_its_session()
    end_its_session()
    old_release.close()

    assert waiting.wins()
    assert len(lines.of("[LOCK] ⚠️ no session for the lock")) == 2


def test_a_term_that_cannot_begin_is_tried_with_growing_pauses_and_told_once(
    candidate: Start, dsn: Secret, lines: Lines
) -> None:
    """Somebody who works on the table keeps the term from beginning."""
    stuck = psycopg2.connect(dsn.reveal())
    stuck.cursor().execute("LOCK TABLE lock_epochs IN EXCLUSIVE MODE")

    waiting = candidate()
    lines.wait_for("lock_session_failed", 1, seconds=20)
    stuck.close()

    assert waiting.wins()
    assert len(lines.of("[LOCK] ⚠️ no session for the lock")) == 1
    assert any("timeout" in str(trouble) for trouble in waiting.quiet.troubles)


def test_many_candidates_win_one_after_the_other(candidate: Start) -> None:
    """Each wins once the one before closed; never two at a time."""
    candidates = [candidate(name=f"c{number}") for number in range(4)]
    winners: list[CandidateThread] = []

    def new_ones() -> list[CandidateThread]:
        return [each for each in candidates if each.won is not None and each not in winners]

    while len(winners) < len(candidates):
        new = until(new_ones, 10, "one more has won")
        assert len(new) == 1
        winners += new
        new[0].close()

    epochs = [c.won[1].term.epoch for c in winners if c.won is not None]
    assert epochs == [1, 2, 3, 4]
    assert threading.active_count() < 20
