"""Whether kie.ai accepts work from our account, and if not, why.

Kept in memory only: after a restart the next refusal shows it again.
"""

from collections.abc import Callable
from threading import Lock


class AccountState:
    """Thread-safe. ``on_change`` is called with each new reason, and with None when it is over."""

    def __init__(self, on_change: Callable[[str | None], None] = lambda _: None) -> None:
        self._lock = Lock()
        self._reason: str | None = None
        self._on_change = on_change

    def reason(self) -> str | None:
        """Why kie.ai accepts no work from us now; None: it does."""
        with self._lock:
            return self._reason

    def refused(self, reason: str) -> None:
        self._set(reason)

    def accepted(self) -> None:
        self._set(None)

    def _set(self, reason: str | None) -> None:
        with self._lock:
            if reason == self._reason:
                return
            self._reason = reason
        self._on_change(reason)
