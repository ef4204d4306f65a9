"""Standard output and error as ways out that are never the reason why a command fails.

A command has done its work when it prints what it found. Who reads that may be gone (``| head
-2``), its disk full, or its encoding without the signs that we print: what cannot be written
is dropped, what cannot be encoded is escaped, and the exit code stays the command's own.
"""

import io
import os
import sys
from typing import TextIO

from supervisor.runtime.readiness import wait_writable


class _TolerantFile(io.FileIO):
    """Takes everything; after the first refusal of the system nothing is written any more."""

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
    """From now on ``sys.stdout`` and ``sys.stderr`` are there and raise nothing."""
    _occupy_descriptors()
    sys.stdout = _tolerant(sys.stdout, 1)
    sys.stderr = _tolerant(sys.stderr, 2)


def _occupy_descriptors() -> None:
    """A standard descriptor that is closed at the start would be given to the next connection,
    and whatever a library or the interpreter prints would be sent over it."""
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
        return stream  # a test or a notebook has put its own there
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
