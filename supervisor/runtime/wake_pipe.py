"""A file descriptor that any thread, or a signal handler, can make readable.

select() on the lock's connection and on this descriptor together ends a wait at
once; a plain wait would notice a stop request only when its time is over.
"""

import contextlib
import socket


class WakePipe:
    """Many wake-ups before the next look count as one."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def fileno(self) -> int:
        return self._reader.fileno()

    def wake(self) -> None:
        """Never blocks and never raises, not even when the pipe is closed."""
        # A full buffer is readable already, which is all we want.
        with contextlib.suppress(OSError):
            self._writer.send(b"\0")

    def clear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._reader.recv(4096):
                pass

    def close(self) -> None:
        self._reader.close()
        self._writer.close()
