"""Standard output and standard error that never make a command fail.

When a command prints its result, its work is done. If the reader has closed the pipe (``| head
-2``) or the disk is full, the output is dropped. Characters that the encoding lacks are escaped.
The exit code is that of the command.
"""

import io
import os
import sys
from typing import TextIO

from supervisor.runtime.readiness import wait_writable


class _TolerantFile(io.FileIO):
    """Accepts all data. After the first write error everything else is dropped."""

    _is_lost = False

    def write(self, data: "io.ReadableBuffer") -> int:  # type: ignore[name-defined]  # typeshed's own name
        size = memoryview(data).nbytes
        if self._is_lost:
            return size
        try:
            written = super().write(data)
            while written is None:  # a pipe in non-blocking mode that is full
                wait_writable([self], 1.0)
                written = super().write(data)
        except OSError:
            self._is_lost = True
            return size
        return written


def tolerate_errors() -> None:
    """Replace ``sys.stdout`` and ``sys.stderr`` with streams that exist and never raise."""
    _occupy_descriptors()
    sys.stdout = _tolerant(sys.stdout, 1)
    sys.stderr = _tolerant(sys.stderr, 2)


def _occupy_descriptors() -> None:
    """Open the standard descriptors that are closed. Otherwise the next connection would get such
    a number, and everything that is printed would be sent over it."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


def _tolerant(stream: TextIO | None, descriptor: int) -> TextIO:
    """``stream`` is None when the descriptor was closed at the start."""
    if stream is not None and _is_ours(stream, descriptor):
        stream.flush()
    elif stream is not None:
        return stream  # a test or a notebook has replaced it
    return io.TextIOWrapper(
        io.BufferedWriter(_TolerantFile(descriptor, "wb", closefd=False)),
        encoding=stream.encoding if stream is not None else "utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )


def _is_ours(stream: TextIO, descriptor: int) -> bool:
    try:
        return stream.fileno() == descriptor
    except (OSError, ValueError):
        return False
