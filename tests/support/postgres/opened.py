"""Sessions for tests of the pool without a server."""

import socket
from threading import Event
from types import SimpleNamespace
from typing import Any

from supervisor.database.connection import NewSession
from supervisor.database.current_server import Server
from supervisor.database.pool import Pool

HERE, THERE = Server(1, 1), Server(1, 2)


class Connection:
    """As much of psycopg2's as the pool uses."""

    def __init__(self) -> None:
        self._ours, self.theirs = socket.socketpair()
        self.closed = False
        self.info = SimpleNamespace(backend_pid=1)

    def fileno(self) -> int:
        return self._ours.fileno()

    def close(self) -> None:
        self.closed = True
        self._ours.close()
        self.theirs.close()


class Opener:
    """Opens sessions as a test wants them; raises what it put into ``refusals``."""

    def __init__(self) -> None:
        self.opened: list[Connection] = []
        self.server = HERE
        self.read_only = False
        self.refusals: list[Exception] = []
        #: Raised after ``answers`` is set.
        self.failures: list[Exception] = []
        self.begun, self.answers = Event(), Event()
        self.answers.set()

    def __call__(self) -> NewSession:
        if self.refusals:
            raise self.refusals.pop(0)
        self.begun.set()
        assert self.answers.wait(10)
        if self.failures:
            raise self.failures.pop(0)
        self.opened.append(Connection())
        return NewSession(self.opened[-1], self.server, {"read_only": self.read_only, "pid": 1})


def used_once(pool: Pool) -> Any:
    pooled = pool.take()
    pool.give_back(pooled, reusable=True)
    return pooled.connection
