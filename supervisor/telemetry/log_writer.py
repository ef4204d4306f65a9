"""Writes log lines from a bounded queue, in a thread of its own.

Code that logs never waits for the output. When nobody reads the pipe, the disk is full or the
terminal is closed, lines are dropped and counted.

1. ``put`` appends the line and returns. When ``MOST_WAITING`` bytes wait, the line is dropped.
2. Lines that the system refuses to write are dropped as well.
3. When the output accepts lines again, one line reports how many were dropped.
4. ``flush`` waits for a limited time; it is called when the process ends.

A stream without a descriptor (in a test or a notebook) cannot block, so it is written to at once.
"""

import contextlib
import io
import sys
from collections import deque
from collections.abc import Callable
from threading import Condition, Event
from typing import TextIO

from loguru import logger

from supervisor.runtime.threads import BackgroundThread

MOST_WAITING = 4 * 1024 * 1024  #: bytes; about ten thousand lines
PIECE = 64 * 1024  #: bytes in one write call
BUSY_PAUSE = 0.05  #: seconds until a full, non-blocking output is tried again


class LogWriter:
    """Thread-safe. Its thread starts with the first line and ends with the process."""

    def __init__(self, stream: TextIO | None, *, most: int = MOST_WAITING) -> None:
        """``stream`` is None when standard output was closed at the start; nothing is written."""
        self._stream = stream
        self._encoding = (stream and stream.encoding) or "utf-8"
        self._raw = _raw(stream)
        self._most = most
        self._changed = Condition()
        self._lines: deque[bytes] = deque()
        self._waiting = 0  #: bytes in the queue and in the running write
        self._unreported = 0  #: dropped lines that no log line has reported yet
        self._thread: BackgroundThread | None = None
        #: Called with the number of lines that were just dropped.
        self.on_drop: Callable[[int], None] = lambda _: None

    def put(self, line: str) -> None:
        """Returns at once and never raises."""
        if self._stream is None:
            return
        encoded = f"{line}\n".encode(self._encoding, "backslashreplace")
        if self._raw is None:
            with contextlib.suppress(OSError, ValueError):
                self._stream.write(encoded.decode(self._encoding))
                self._stream.flush()
            return
        with self._changed:
            if self._waiting + len(encoded) <= self._most:
                self._lines.append(encoded)
                self._waiting += len(encoded)
                self._changed.notify_all()
                self._start()
                return
        self._dropped(1)

    def flush(self, seconds: float) -> bool:
        """Wait until everything is written; False when that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting, seconds)

    # -------------------------------------------------------- writer's thread --

    def _start(self) -> None:
        if self._thread is None:
            thread = BackgroundThread("log-writer", self._run)
            # It has all the threads that it may have, or it ends: the next line tries again.
            with contextlib.suppress(RuntimeError):
                thread.start()
                self._thread = thread

    def _run(self, _stop: Event) -> None:
        while True:
            lines = self._take()
            piece = b"".join(lines)
            written = self._write(piece)
            with self._changed:
                self._waiting -= len(piece)
                self._changed.notify_all()
                unreported = self._unreported if written else 0
                self._unreported -= unreported
            if not written:
                self._dropped(len(lines))
            elif unreported:
                logger.bind(lines=unreported).warning("log_lines_dropped")

    def _take(self) -> list[bytes]:
        """The next lines that fit into one write call."""
        with self._changed:
            self._changed.wait_for(lambda: self._lines)
            taken, size = [self._lines.popleft()], 0
            while self._lines and (size := size + len(taken[-1])) < PIECE:
                taken.append(self._lines.popleft())
        return taken

    def _write(self, piece: bytes) -> bool:
        """Write all of it; waits for the reader. False: the system refused."""
        assert self._raw is not None
        rest = memoryview(piece)
        while rest:
            try:
                count = self._raw.write(rest)
            except (OSError, ValueError):
                return False  # the reader is gone, or the disk is full
            if count is None:
                with self._changed:
                    self._changed.wait(BUSY_PAUSE)
            else:
                rest = rest[count:]
        return True

    def _dropped(self, count: int) -> None:
        with self._changed:
            self._unreported += count
        self.on_drop(count)


def _raw(stream: TextIO | None) -> io.RawIOBase | None:
    """The stream's descriptor without Python's buffers. A thread that hangs in a write would keep
    their locks, and the interpreter would wait for these at its end."""
    if stream is None or (sys.platform == "win32" and stream.isatty()):
        return None  # Windows' console takes text, not bytes
    try:
        return open(stream.fileno(), "wb", buffering=0, closefd=False)
    except (OSError, ValueError):
        return None
