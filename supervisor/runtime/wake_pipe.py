"""A file descriptor that any thread or signal handler can make readable.

The supervisor waits on the lock's connection and on this descriptor together, so a stop request
ends the wait at once.
"""

import contextlib
import socket


class WakePipe:
    """Several wake-ups before ``clear`` count as one."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def fileno(self) -> int:
        return self._reader.fileno()

    def wake(self) -> None:
        """Never blocks and never raises, even when the pipe is closed."""
        # When the buffer is full, the descriptor is readable already.
        with contextlib.suppress(OSError):
            self._writer.send(b"\0")

    def clear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._reader.recv(4096):
                pass

    def close(self) -> None:
        self._reader.close()
        self._writer.close()
