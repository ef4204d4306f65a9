"""Log lines on their way out: a bounded queue and a thread of its own that writes.

Whoever logs never waits for the reader of the output. A pipe that nobody reads, a full disk
or a closed terminal costs lines, which are counted, and nothing else.

1. ``put`` appends and returns. When ``MOST_WAITING`` bytes wait, the line is dropped.
2. What the system refuses to write is dropped, too.
3. When the output takes lines again, one line says how many were dropped.
4. ``flush`` waits for a bounded time; the end of the process calls it.

A stream without a descriptor (a test's, a notebook's) is written to at once: it cannot block.
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
PIECE = 64 * 1024  #: bytes in one call to the system
BUSY_PAUSE = 0.05  #: seconds until a non-blocking output that is full is tried again


class LogWriter:
    """Thread-safe. Its thread starts with the first line and lives as long as the process."""

    def __init__(self, stream: TextIO | None, *, most: int = MOST_WAITING) -> None:
        """Without a stream (the standard output was closed at the start) nothing is written."""
        self._stream = stream
        self._encoding = (stream and stream.encoding) or "utf-8"
        self._raw = _raw(stream)
        self._most = most
        self._changed = Condition()
        self._lines: deque[bytes] = deque()
        self._waiting = 0  #: bytes, those that are being written among them
        self._untold = 0
        self._thread: BackgroundThread | None = None
        #: Hears of each number of lines that were dropped.
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
            self._thread = BackgroundThread("log-writer", self._run)
            # At the very end of the interpreter no thread can be started any more.
            with contextlib.suppress(RuntimeError):
                self._thread.start()

    def _run(self, _stop: Event) -> None:
        while True:
            lines = self._take()
            piece = b"".join(lines)
            written = self._write(piece)
            with self._changed:
                self._waiting -= len(piece)
                self._changed.notify_all()
                untold = self._untold if written else 0
                self._untold -= untold
            if not written:
                self._dropped(len(lines))
            elif untold:
                logger.bind(lines=untold).warning("log_lines_dropped")

    def _take(self) -> list[bytes]:
        """The next lines that fit into one call."""
        with self._changed:
            self._changed.wait_for(lambda: self._lines)
            taken, size = [self._lines.popleft()], 0
            while self._lines and (size := size + len(taken[-1])) < PIECE:
                taken.append(self._lines.popleft())
        return taken

    def _write(self, piece: bytes) -> bool:
        """Whether all of it was written. May take as long as the reader likes."""
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
            self._untold += count
        self.on_drop(count)


def _raw(stream: TextIO | None) -> io.RawIOBase | None:
    """The stream's descriptor without Python's buffers: their locks would outlive a thread
    that hangs in a write, and the interpreter would wait for them at its end."""
    if stream is None or (sys.platform == "win32" and stream.isatty()):
        return None  # Windows' console takes text, not bytes
    try:
        return open(stream.fileno(), "wb", buffering=0, closefd=False)
    except (OSError, ValueError):
        return None
