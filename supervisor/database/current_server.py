"""The server that sessions should lead to: the one that the newest session was led to.

Behind a name, a proxy or a floating address another server may take over, and the old one may
go on working for those who are still connected: what they write there is lost. Sessions of
another system identifier or timeline than the newest session's are closed.
"""

from dataclasses import dataclass
from threading import Lock

from loguru import logger


@dataclass(frozen=True, slots=True)
class Server:
    """A server and its history. None: hidden from our role."""

    system_id: int | None
    timeline: int | None

    def differs(self, other: "Server") -> bool:
        """Surely another one; what is hidden proves nothing."""
        pairs = ((self.system_id, other.system_id), (self.timeline, other.timeline))
        return any(
            mine is not None and theirs is not None and mine != theirs for mine, theirs in pairs
        )


class CurrentServer:
    """Thread-safe. One for all sessions of a process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._newest: Server | None = None

    def saw(self, server: Server) -> None:
        """A new session leads to ``server``."""
        with self._lock:
            moved = self._newest is not None and self._newest.differs(server)
            self._newest = server
        if moved:
            logger.bind(system_id=server.system_id, timeline=server.timeline).warning(
                "[DB] ⚠️ new sessions lead to another server; older ones are closed"
            )

    def was_left(self, server: Server) -> bool:
        """Whether newer sessions lead elsewhere than to ``server``."""
        newest = self._newest
        return newest is not None and newest.differs(server)
