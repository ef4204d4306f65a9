"""What a test asks of its database beside the bot, on one session for all questions: a session of
its own costs the server more than most answers do, and a test that waits asks many times."""

import threading
from typing import Any

import psycopg2
import psycopg2.extras

from supervisor.runtime.secret import Secret


class Looks:
    """From any thread. Each question is committed before its answer is there."""

    def __init__(self, dsn: Secret) -> None:
        self._dsn = dsn
        self._session: Any = None
        self._lock = threading.Lock()

    def rows(self, statement: str, *params: Any) -> list[dict[str, Any]]:
        with self._lock:
            try:
                return self._ask(statement, params)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                # The test may have ended the session, or its server, since the last question.
                if not self._is_lost():
                    raise
        return self.rows(statement, *params)

    def close(self) -> None:
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None

    def _is_lost(self) -> bool:
        """Whether a kept session is gone; the next question opens another one."""
        lost = self._session is not None and bool(self._session.closed)
        if lost:
            self._session = None
        return lost

    def _ask(self, statement: str, params: tuple[Any, ...]) -> list[dict[str, Any]]:
        if self._session is None:
            self._session = psycopg2.connect(
                self._dsn.reveal(), cursor_factory=psycopg2.extras.RealDictCursor
            )
        with self._session, self._session.cursor() as cursor:
            cursor.execute(statement, params or None)
            return [dict(row) for row in cursor.fetchall()] if cursor.description else []
