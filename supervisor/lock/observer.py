"""The interface through which the supervisor reports what happens.

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
        """The supervisor's loop has completed a round."""
        ...

    def took_over(self, *, predecessor: bool, clean: bool, gap: float, grace: float) -> None:
        """A term begins, ``gap`` seconds after the last heartbeat or the sign-off of the previous
        term, if there was one. For ``grace`` seconds no outside call is made."""
        ...

    def lock_verified(self, *, seconds: float) -> None:
        """A heartbeat proved the lock; the round trip took ``seconds``."""
        ...

    def lock_lost(self, *, cause: str) -> None:
        """A term ended without a stop request. ``cause`` is a value of ``Cause``."""
        ...

    def trouble(self, reason: str | None, *, kind: str = "database") -> None:
        """Why competing for the lock fails now; None: it works again. ``kind`` is ``lock`` when
        the database answers and its holder stands in the way."""
        ...
