"""What was logged while a test ran."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from loguru import logger


class Lines:
    """Loguru's records, oldest first."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def of(self, part: str) -> list[Any]:
        return [record for record in list(self.seen) if part in record["message"]]

    def wait_for(self, part: str, count: int, *, seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while len(self.of(part)) < count:
            if time.monotonic() > deadline:
                said = [record["message"] for record in self.seen]
                raise AssertionError(f"not {count} x {part!r} within {seconds:g} s; said: {said}")
            time.sleep(0.02)


@contextmanager
def captured() -> Iterator[Lines]:
    lines = Lines()
    number = logger.add(lambda message: lines.seen.append(message.record), level="TRACE")
    try:
        yield lines
    finally:
        logger.remove(number)
