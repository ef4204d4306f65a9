"""Ends a call that hangs in the network, from another thread.

On a cut connection ``close()`` and ``cancel()`` of psycopg2 hang as well, and they must not be
called while another thread uses the connection. A shutdown of the socket makes the hanging call
return with an error at once.
"""

import contextlib
import socket
from collections.abc import Iterator
from threading import Event

from supervisor.runtime.errors import Unavailable
from supervisor.runtime.threads import BackgroundThread


class AbortableSocket:
    """A second descriptor for the socket of a connection. It must be closed."""

    def __init__(self, descriptor: int) -> None:
        # The family does not matter for a shutdown.
        self._socket = socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM)
        self.is_aborted = False

    def abort(self) -> None:
        """Shut the socket down; the connection is unusable afterwards. From any thread."""
        self.is_aborted = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close this descriptor. The connection itself is closed by its owner."""
        self._socket.close()

    @contextlib.contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Abort the connection if the block takes longer than ``seconds``. Raises ``Unavailable``
        when there is no thread to be had that could."""

        def watch(stop: Event) -> None:
            if not stop.wait(seconds):
                self.abort()

        thread = BackgroundThread("time-limit", watch)
        try:
            thread.start()
        except RuntimeError:
            raise Unavailable("no thread for the time limit of a call") from None
        try:
            yield
        finally:
            thread.stop()
            thread.join(1.0)
