"""Waits until descriptors can be read or written.

poll() is used, because select() refuses descriptors from 1024 on, which a process with many HTTP
connections reaches. Windows has no poll().
"""

import math
import select
import sys
from collections.abc import Sequence
from typing import Protocol


class Descriptor(Protocol):
    def fileno(self) -> int: ...


def wait_readable(those: Sequence[Descriptor], seconds: float) -> list[Descriptor]:
    """Those that can be read without waiting; [] when the time is over."""
    if sys.platform == "win32":
        return select.select(those, [], [], max(0.0, seconds))[0]
    return _poll(those, select.POLLIN, seconds)


def wait_writable(those: Sequence[Descriptor], seconds: float) -> list[Descriptor]:
    """Those that can be written without waiting; [] when the time is over."""
    if sys.platform == "win32":
        return select.select([], those, [], max(0.0, seconds))[1]
    return _poll(those, select.POLLOUT, seconds)


def _poll(those: Sequence[Descriptor], event: int, seconds: float) -> list[Descriptor]:
    known = {each.fileno(): each for each in those}
    poller = select.poll()
    for number in known:
        poller.register(number, event)
    return [known[number] for number, _ in poller.poll(math.ceil(max(0.0, seconds) * 1000))]
