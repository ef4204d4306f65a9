"""What /proc shows of threads and processes that may end while they are looked at."""

from collections.abc import Callable
from typing import TypeVar

Shown = TypeVar("Shown")


def of_the_living(read: Callable[[], Shown], nothing: Shown) -> Shown:
    """What ``read`` finds; ``nothing`` if the thread or process has just ended: then it shows
    nothing. Opening its file fails with ENOENT, reading an open one with ESRCH."""
    try:
        return read()
    except (FileNotFoundError, ProcessLookupError):
        return nothing
