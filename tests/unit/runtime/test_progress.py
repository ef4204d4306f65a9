"""Signs of life, and what systemd hears of them."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.health.sd_notify import ServiceManager
from supervisor.runtime.progress import EVENT_LOOP, SILENCE, Progress
from tests.support.edges.fakes import FakeClock

needs_unix_sockets = pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX"), reason="this system has no Unix sockets, and no systemd"
)


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(10)
        yield listening


def test_whoever_promised_to_speak_and_is_silent_is_named() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress.beat("dispatcher-1", 60)
    progress.beat("supervisor", 10)
    clock.time += 11

    assert progress.overdue() == "supervisor has made no progress for 11 s"


def test_a_beat_in_time_keeps_everybody_alive() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    for _ in range(5):
        progress.beat("supervisor", 10)
        clock.time += 9

    assert progress.overdue() is None


def test_who_has_nothing_to_do_any_more_may_be_silent() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress.beat("dispatcher-1", 60)
    progress.forget("dispatcher-1")
    clock.time += 3600

    assert progress.overdue() is None


def report(progress: Progress, systemd: socket.socket, heard: int) -> list[str]:
    """The first messages of a manager whose watchdog wants to be fed all the time."""

    async def run() -> list[str]:
        manager = ServiceManager(systemd.getsockname(), 0.04)
        task = asyncio.create_task(manager.report(progress, lambda: "ACTIVE, epoch 7"))
        messages = [await asyncio.to_thread(systemd.recv, 4096) for _ in range(heard)]
        task.cancel()
        return [message.decode() for message in messages]

    with systemd:
        return asyncio.run(run())


@needs_unix_sockets
def test_the_watchdog_is_fed_while_everybody_is_alive(systemd: socket.socket) -> None:
    messages = report(Progress(FakeClock()), systemd, 4)

    assert messages == ["STATUS=ACTIVE, epoch 7", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"]


@needs_unix_sockets
def test_the_watchdog_starves_while_somebody_hangs(systemd: socket.socket) -> None:
    class Hung(Progress):
        """Hangs for three looks, then comes back."""

        looks = 0

        def overdue(self) -> str | None:
            self.looks += 1
            return "dispatcher-1 has made no progress for 61 s" if self.looks <= 3 else None

    hung = Hung(FakeClock())
    messages = report(hung, systemd, 3)

    assert messages == [
        "STATUS=dispatcher-1 has made no progress for 61 s",
        "STATUS=ACTIVE, epoch 7",
        "WATCHDOG=1",
    ]
    assert hung.looks >= 4


@needs_unix_sockets
def test_ready_and_stopping_are_told_and_a_vanished_systemd_is_survived(
    systemd: socket.socket,
) -> None:
    manager = ServiceManager(systemd.getsockname(), None)
    with systemd:
        manager.ready()
        manager.stopping()
        messages = [systemd.recv(4096), systemd.recv(4096)]

    manager.ready()
    ServiceManager(None, None).ready()

    assert messages == [b"READY=1", b"STOPPING=1"]


def test_who_hangs_in_one_step_is_silent_however_long_the_whole_may_take() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    with progress.busy("the createTask of job 5", 1800):
        clock.time += SILENCE + 1

        assert progress.overdue() == "the createTask of job 5 has made no progress for 61 s"

    assert progress.overdue() is None


def test_who_gets_on_in_steps_is_silent_when_the_whole_does_not_end() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    with progress.busy("the look at the task of job 5", 180):
        for _ in range(3):
            clock.time += SILENCE - 1
            progress.step()
            assert progress.overdue() is None
        clock.time += 4
        progress.step()

        assert progress.overdue() == "the look at the task of job 5 has made no progress for 0 s"

    assert progress.overdue() is None


def test_a_step_is_one_of_the_thread_that_makes_it() -> None:
    clock = FakeClock()
    progress = Progress(clock)

    def work() -> None:
        progress.attach("somebody else")
        progress.step()

    other = threading.Thread(target=work)
    with progress.busy("the look at the task of job 5", 180):
        clock.time += SILENCE + 1
        other.start()
        other.join()

        assert progress.overdue() == "the look at the task of job 5 has made no progress for 61 s"


def test_the_steps_of_a_thread_with_one_thing_in_work_count_for_its_own_name_afterwards() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress.attach("poller")
    progress.step()
    with progress.busy("the look at the task of job 5", 180):
        pass
    clock.time += SILENCE - 1
    progress.step()
    clock.time += 2

    assert progress.overdue() is None


def test_a_silent_service_of_a_silent_event_loop_is_not_to_blame() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress.beat("sender")
    clock.time += 15
    progress.beat(EVENT_LOOP)
    clock.time += SILENCE - 10

    assert progress.overdue() == "event loop has made no progress for 50 s"


def test_a_silent_service_of_a_living_event_loop_is_named() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress.beat("sender")
    clock.time += SILENCE + 1
    progress.beat(EVENT_LOOP)

    assert progress.overdue() == "sender has made no progress for 61 s"
