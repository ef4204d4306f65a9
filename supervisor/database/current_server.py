"""The server that sessions should be connected to: that of the newest session.

After a failover behind a host name, a proxy or a floating address the old server may still serve
clients that are connected to it, and what they write there is lost. So sessions whose system
identifier or timeline differs from that of the newest session are closed.
"""

from dataclasses import dataclass
from threading import Lock

from loguru import logger


@dataclass(frozen=True, slots=True)
class Server:
    """A server's identity. None: our role may not read it."""

    system_id: int | None
    timeline: int | None

    def differs(self, other: "Server") -> bool:
        """Whether it is certainly another server. Unknown values do not count."""
        pairs = ((self.system_id, other.system_id), (self.timeline, other.timeline))
        return any(
            mine is not None and theirs is not None and mine != theirs for mine, theirs in pairs
        )


class CurrentServer:
    """The server of the newest session. Thread-safe; one per process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._newest: Server | None = None

    def saw(self, server: Server) -> None:
        """A new session is connected to ``server``."""
        with self._lock:
            moved = self._newest is not None and self._newest.differs(server)
            self._newest = server
        if moved:
            logger.bind(system_id=server.system_id, timeline=server.timeline).warning(
                "[DB] ⚠️ new sessions lead to another server; older ones are closed"
            )

    def was_left(self, server: Server) -> bool:
        """Whether newer sessions are connected to another server than ``server``."""
        newest = self._newest
        return newest is not None and newest.differs(server)
