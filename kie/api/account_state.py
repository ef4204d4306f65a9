"""How this bot stands with kie.ai: may work be sent there, and if not, why.

Kept in memory: the next refusal after a restart tells it again.
"""

from collections.abc import Callable
from threading import Lock


class AccountState:
    """Thread-safe. ``on_change`` hears every new reason, and None when it is over."""

    def __init__(self, on_change: Callable[[str | None], None] = lambda _: None) -> None:
        self._lock = Lock()
        self._reason: str | None = None
        self._on_change = on_change

    def reason(self) -> str | None:
        """Why kie.ai takes no work from us at the moment; None: it does."""
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
