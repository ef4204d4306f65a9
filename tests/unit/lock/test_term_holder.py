"""One term with a lock that does what a test says: what is forgiven, and what ends it."""

from collections.abc import Callable, Sequence
from math import inf
from threading import Event
from uuid import uuid4

import pytest

from supervisor.lock.phase import Phase
from supervisor.lock.protocol import Acquisition, Lock, LockLost
from supervisor.lock.term_holder import Cause, TermHolder, Tools
from supervisor.lock.timing import Timing
from supervisor.lock.watchdog import Watchdog
from supervisor.runtime.errors import BotError, Unavailable
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.wake_pipe import WakePipe
from supervisor.runtime.wakeups import Wakeups
from tests.support.edges.fakes import FakeClock


class ScriptedLock:
    """A ``Lock`` whose heartbeats follow a script; the last entry repeats."""

    def __init__(self, clock: FakeClock, script: Sequence[float | Exception]) -> None:
        self.clock = clock
        self.script = list(script)
        self.calls: list[str] = []
        self.beats = 0
        self.last_beat = 0.0
        self.broken = False
        self.held = True

    def heartbeat(self, term: Term) -> None:
        self.beats += 1
        self.last_beat = self.clock.time
        assert self.clock.time < 1100.0, "the term does not end"
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        self.clock.time += step

    def wait(self, seconds: float, wake_pipe: WakePipe) -> set[str]:
        self.clock.time += max(0.0, seconds)
        return set()

    def sign_off(self, term: Term, reason: str) -> None:
        self.calls.append("sign_off")

    def free(self) -> bool:
        self.calls.append("free")
        return self.held

    def abort(self) -> None:
        self.calls.append("abort")

    def close(self) -> None:
        self.calls.append("close")


class Worker:
    """A service that stops some time after it was told, or never."""

    name = "worker"

    def __init__(self, log: list[str], clock: FakeClock, stops: bool | float) -> None:
        self.log = log
        self.clock = clock
        self.failure: BaseException | None = None
        #: Seconds after it was told; True: at once, False: never.
        self.stops_after = float(stops) if not isinstance(stops, bool) else 0.0 if stops else inf
        self.told_at = 0.0

    def start(self, term: Term, gate: Gate) -> None:
        self.log.append("start")

    def stop(self) -> None:
        self.told_at = self.clock.time
        self.log.append("stop")

    def join(self, seconds: float) -> bool:
        needs = self.told_at + self.stops_after - self.clock.time
        self.clock.time += max(0.0, min(seconds, needs))
        return self.clock.time >= self.told_at + self.stops_after


class Silent:
    """Observer and hang guard that nobody listens to; remembers what was proved."""

    def __init__(self) -> None:
        self.verified: list[float] = []

    def phase_changed(self, phase: Phase, *, epoch: int | None, reason: str) -> None: ...

    def alive(self) -> None: ...

    def took_over(self, *, predecessor: bool, clean: bool, gap: float, grace: float) -> None: ...

    def lock_verified(self, *, seconds: float) -> None:
        self.verified.append(seconds)

    def lock_lost(self, *, cause: str) -> None: ...

    def trouble(self, reason: str | None, *, kind: str = "database") -> None: ...

    def arm(self) -> None: ...

    def disarm(self) -> None: ...


class Stage:
    """A term_holder with its surroundings."""

    def __init__(
        self, *script: float | Exception, stops: bool | float = True, grace: float = 0.0
    ) -> None:
        self.clock = FakeClock()
        self.lock = ScriptedLock(self.clock, script or (0.001,))
        self.wake_pipe = WakePipe()
        self.died: list[str] = []
        self.silence: str | None = None
        self.stop = Event()
        self.hasten = Event()
        self.observer = Silent()
        worker = self.worker = Worker(self.lock.calls, self.clock, stops)
        tools = Tools(
            timing=Timing(),
            clock=self.clock,
            wake_pipe=self.wake_pipe,
            watchdog=Watchdog(self.clock),
            hang_guard=Silent(),
            observer=self.observer,
            wakeups=Wakeups(),
            services=(worker,),
            on_active=lambda *_: self.lock.calls.append("on_active"),
            end_work=lambda term: self.lock.calls.append("end_work"),
            die=self.died.append,
            silence=lambda: self.silence,
        )
        acquisition = Acquisition(
            Term(1, uuid4()), grace, None, clean=not grace, gap=0.0, orphans=0
        )
        lock: Lock = self.lock  # type: ignore[assignment]  # the fake has what is used
        self.term_holder = TermHolder(lock, acquisition, tools)

    def run(self, *, stop_after: float | None = None) -> tuple[Cause, str]:
        if stop_after is not None:
            self._stop_at(self.clock.time + stop_after)
        self.term_holder.begin()
        ending = self.term_holder.hold(self.stop, self.hasten, lambda _: None)
        self.wake_pipe.close()
        return ending.cause, ending.reason

    def _stop_at(self, moment: float) -> None:
        wait: Callable[[float, WakePipe], set[str]] = self.lock.wait

        def waiting(seconds: float, wake_pipe: WakePipe) -> set[str]:
            if self.clock.time >= moment:
                self.stop.set()
            return wait(seconds, wake_pipe)

        self.lock.wait = waiting  # type: ignore[method-assign]  # the script of this test


def test_a_clean_end_stops_signs_off_and_frees_in_this_order() -> None:
    stage = Stage()

    cause, _ = stage.run(stop_after=3.0)

    assert cause is Cause.STOPPED
    assert stage.lock.calls == ["on_active", "start", "stop", "sign_off", "free", "close"]
    assert stage.term_holder.gate.is_shut


def test_a_crash_that_comes_together_with_a_request_to_stop_is_still_a_crash() -> None:
    stage = Stage()
    stage.worker.failure = ImportError("half of the release is there")
    stage.stop.set()

    cause, reason = stage.run()

    assert cause is Cause.CRASHED
    assert reason == "service worker crashed: half of the release is there"
    assert stage.lock.calls[-3:] == ["sign_off", "free", "close"]


def test_a_term_in_which_somebody_is_silent_is_given_up_and_signed_off_if_all_others_stop() -> None:
    stage = Stage()
    stage.silence = "dispatcher-1 has made no progress for 61 s"

    assert stage.run() == (Cause.STUCK, stage.silence)
    assert stage.lock.calls == ["on_active", "start", "stop", "sign_off", "free", "close"]


def test_a_service_that_hangs_gets_the_time_of_a_lost_term_and_is_not_signed_off() -> None:
    stage = Stage(stops=False)
    stage.silence = "dispatcher-1 has made no progress for 61 s"
    began = stage.clock.time

    cause, _ = stage.run()

    assert cause is Cause.STUCK
    assert stage.lock.calls == ["on_active", "start", "stop", "close"]
    assert Timing().loss <= stage.clock.time - began < Timing().drain


def test_a_term_that_still_waits_for_its_predecessor_is_freed_without_a_sign_off() -> None:
    stage = Stage(grace=60.0)

    stage.run(stop_after=1.0)

    assert "free" in stage.lock.calls
    assert "sign_off" not in stage.lock.calls


def test_work_that_does_not_stop_in_time_is_not_signed_off() -> None:
    stage = Stage(stops=False)

    stage.run(stop_after=1.0)

    assert "sign_off" not in stage.lock.calls
    assert stage.lock.calls[-1] == "close"


@pytest.mark.parametrize(
    ("seconds", "hastened", "signed_off"),
    [(0.05, False, True), (9.0, False, True), (11.0, False, False), (0.05, True, True)],
)
def test_work_gets_its_time_to_stop_and_a_second_request_only_shortens_it(
    seconds: float, hastened: bool, signed_off: bool
) -> None:
    stage = Stage(stops=seconds)
    if hastened:
        stage.hasten.set()

    stage.run(stop_after=1.0)

    assert ("sign_off" in stage.lock.calls) is signed_off


def test_a_second_request_does_not_wait_for_work_that_takes_long() -> None:
    stage = Stage(stops=9.0)
    stage.hasten.set()
    started = stage.clock.time

    stage.run(stop_after=1.0)

    assert "sign_off" not in stage.lock.calls
    assert stage.clock.time - started < 5.0


def test_one_failed_heartbeat_is_forgiven() -> None:
    stage = Stage(0.001, Unavailable("statement timeout"), 0.001)

    cause, _ = stage.run(stop_after=5.0)

    assert cause is Cause.STOPPED


def test_a_server_that_keeps_refusing_is_asked_few_times_and_the_term_ends_with_its_trust() -> None:
    stage = Stage(0.001, Unavailable("read-only (25006)"))
    started = stage.clock.time

    cause, reason = stage.run()

    assert cause is Cause.UNVERIFIED
    assert "read-only" in reason
    assert stage.clock.time - started <= Timing().trust + 1.0
    assert stage.lock.beats < 40


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (LockLost("not the holder"), Cause.NOT_HOLDER),
        (Unavailable("terminated"), Cause.SESSION_ENDED),
    ],
)
def test_a_lost_lock_is_never_freed_and_its_services_are_stopped(
    error: Exception, cause: Cause
) -> None:
    stage = Stage(0.001, error)
    stage.lock.broken = isinstance(error, BotError)

    assert stage.run()[0] is cause
    assert stage.lock.calls == ["on_active", "start", "abort", "stop", "close"]


def test_a_holder_that_stood_still_beyond_its_trust_asks_no_more() -> None:
    stage = Stage()
    wait = stage.lock.wait

    def stands_still(seconds: float, wake_pipe: WakePipe) -> set[str]:
        if stage.clock.time > 1003.0:
            stage.clock.time += Timing().trust
        return wait(seconds, wake_pipe)

    stage.lock.wait = stands_still  # type: ignore[method-assign]  # the script of this test
    cause, _ = stage.run()

    assert cause is Cause.UNVERIFIED
    # A heartbeat after that would only make the successor wait for the trust of a dead term.
    assert stage.lock.last_beat < 1004.0


def test_a_holder_that_thaws_says_how_the_server_ended_its_session() -> None:
    stage = Stage()

    def thaws(seconds: float, wake_pipe: WakePipe) -> set[str]:
        if seconds <= 0:
            raise Unavailable("database: FATAL: terminating connection due to idle-session timeout")
        stage.clock.time += Timing().idle
        return set()

    stage.lock.wait = thaws  # type: ignore[method-assign]  # the script of this test
    cause, reason = stage.run()

    assert cause is Cause.SESSION_ENDED
    assert "idle-session timeout" in reason


def test_an_answer_after_the_deadline_ends_the_term_and_proves_nothing() -> None:
    stage = Stage(0.001, 4.5)

    assert stage.run()[0] is Cause.UNVERIFIED
    assert stage.observer.verified == [pytest.approx(0.001)]


def test_a_slow_success_does_not_stretch_trust() -> None:
    stage = Stage(1.3)
    started = stage.clock.time

    stage.term_holder.begin()

    assert stage.term_holder.gate.trust_left() == pytest.approx(
        started + Timing().trust - stage.clock.time
    )
    stage.wake_pipe.close()


def test_heartbeats_that_take_longer_than_their_interval_shorten_trust_and_starve_nobody() -> None:
    slow = Timing().heartbeat + 0.1
    stage = Stage(slow)
    seen: list[float] = []
    wait = stage.lock.wait

    def looking(seconds: float, wake_pipe: WakePipe) -> set[str]:
        seen.append(stage.term_holder.gate.trust_left())
        assert stage.clock.time < 1020.0, "the request to stop is not heard"
        return wait(seconds, wake_pipe)

    stage.lock.wait = looking  # type: ignore[method-assign]  # the script of this test
    cause, _ = stage.run(stop_after=8.0)

    assert cause is Cause.STOPPED
    assert len(seen) > 3
    assert max(seen) <= Timing().trust - slow + 1e-6


def test_a_lock_that_was_not_ours_when_it_was_to_be_freed_is_told() -> None:
    stage = Stage()
    stage.lock.held = False

    cause, _ = stage.run(stop_after=1.0)

    assert cause is Cause.NOT_HOLDER


def test_a_service_that_outlives_a_lost_term_ends_the_process() -> None:
    stage = Stage(0.001, LockLost("gone"), stops=False)

    stage.run()

    assert "worker outlived its term" in stage.died[0]


@pytest.mark.parametrize(("seconds", "freed"), [(0.0, False), (1.0, False), (2.0, True)])
def test_database_calls_of_a_lost_term_that_hang_are_freed_before_the_process_must_end(
    seconds: float, freed: bool
) -> None:
    stage = Stage(0.001, LockLost("gone"), stops=seconds)

    stage.run()

    assert ("end_work" in stage.lock.calls) is freed
    assert stage.died == []
