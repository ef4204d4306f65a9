"""What is known of the hosts of results: which of them fail, and until when each one rests.

These hosts are foreign. One that fails is asked again after a pause that grows with each failure
in a row. Everything here may be thrown away; for a bounded number of hosts it is remembered.
"""

from collections.abc import Callable
from dataclasses import dataclass

MOST_HOSTS = 1000  #: that are remembered; those that work are forgotten first

#: The seconds of rest after the first, second … failure in a row; 0.0: it may be asked at once.
Rest = Callable[[int], float]


@dataclass(slots=True)
class ForeignHost:
    """One host. ``under_way``: requests to it that have begun and not ended."""

    rest: Rest
    under_way: int = 0
    failures: int = 0  #: in a row
    rests_until: float = float("-inf")

    def worked(self) -> None:
        self.failures = 0

    def failed(self, now: float) -> None:
        self.failures += 1
        rest = self.rest(self.failures)
        if rest:
            self.rests_until = now + rest


class ForeignHosts:
    """The hosts that are remembered. Not thread-safe."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._known: dict[str, ForeignHost] = {}

    def of(self, name: str) -> ForeignHost:
        """The host of that name; from now on it is remembered."""
        if name not in self._known and len(self._known) >= MOST_HOSTS:
            self._known = {
                known: host
                for known, host in self._known.items()
                if host.failures or host.under_way
            }
        return self._known.setdefault(name, ForeignHost(self._rest))

    def look(self, name: str) -> ForeignHost:
        """The same without remembering it."""
        return self._known.get(name) or ForeignHost(self._rest)

    def forget_all(self) -> None:
        self._known.clear()
