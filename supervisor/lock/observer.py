"""What the supervisor tells about itself, and to whom it does not care.

Implementations return at once and never raise; they are called from the supervisor's
thread.
"""

from typing import Protocol

from supervisor.lock.phase import Phase


class Observer(Protocol):
    def phase_changed(self, phase: Phase, *, epoch: int | None, reason: str) -> None:
        """The instance entered ``phase``."""
        ...

    def alive(self) -> None:
        """The supervisor's loop has come round."""
        ...

    def took_over(self, *, predecessor: bool, clean: bool, gap: float, grace: float) -> None:
        """A term begins, ``gap`` seconds after the last sign of life of the one before (if
        there was one); for ``grace`` seconds no outside call is made."""
        ...

    def lock_verified(self, *, seconds: float) -> None:
        """A heartbeat proved the lock; the round trip took ``seconds``."""
        ...

    def lock_lost(self, *, cause: str) -> None:
        """A term ended without our doing. ``cause`` is one of few fixed words."""
        ...

    def trouble(self, reason: str | None) -> None:
        """Why competing does not get on at the moment; None: it does again."""
        ...
