"""What was logged while a test ran."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from loguru import logger

from tests.support.machine.waiting import until


class Lines:
    """Loguru's records, oldest first."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def of(self, part: str) -> list[Any]:
        return [record for record in list(self.seen) if part in record["message"]]

    def wait_for(self, part: str, count: int, *, seconds: float = 10.0) -> None:
        try:
            until(lambda: len(self.of(part)) >= count, seconds, f"{count} x {part!r}")
        except AssertionError as error:
            said = [record["message"] for record in self.seen]
            raise AssertionError(f"{error}; said: {said}") from None


@contextmanager
def captured() -> Iterator[Lines]:
    lines = Lines()
    number = logger.add(lambda message: lines.seen.append(message.record), level="TRACE")
    try:
        yield lines
    finally:
        logger.remove(number)
