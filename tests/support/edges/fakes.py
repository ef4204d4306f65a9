"""Fakes of outside edges. Each does only what a test asked for and fails loudly else."""

from threading import Event
from typing import Any


class FakeClock:
    """Time moves only when a test says so, or when the code under test waits."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.time

    def wait(self, event: Event, seconds: float) -> bool:
        self.waits.append(seconds)
        if not event.is_set():
            self.time += seconds
        return event.is_set()

    def jitter(self, seconds: float) -> float:
        return seconds


class OneByOne:
    """Updates that are to be handled together, for a handler that a test wrote for one."""

    handle: Any

    def handle_all(self, term: Any, rows: Any) -> None:
        for row in rows:
            self.handle(term, row)
