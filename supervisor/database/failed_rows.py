"""The failed rows of a ``BatchRunner``, and when each may be tried again.

``batch.py`` says when a row counts as failed and when as at fault.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

#: Seconds before each further try of a row that is at fault; the last one repeats.
FAULT_PAUSES = (1.0, 3.0, 10.0, 30.0, 60.0)
#: Failed rows that are remembered. Beyond that the row that failed first is forgotten.
MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class _Failed:
    due: float
    failed_at: float
    tries: int = 0  #: 0: it failed, but maybe because of an outage


class FailedRows:
    """Rows by their keys. It has no clock: the caller passes the time."""

    def __init__(self) -> None:
        self._failed: dict[Hashable, _Failed] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._failed

    def waits(self, key: Hashable, now: float) -> bool:
        """Whether it is too early to try this row."""
        failed = self._failed.get(key)
        return failed is not None and failed.due > now

    def failed_at(self, key: Hashable) -> float:
        """When it last failed. Only for a row that has failed."""
        return self._failed[key].failed_at

    def is_at_fault(self, key: Hashable) -> bool:
        """Whether it has failed while other rows were committed."""
        failed = self._failed.get(key)
        return failed is not None and failed.tries > 0

    def mark_uncertain(self, key: Hashable, now: float) -> None:
        """It failed, and nothing else was committed. It may be tried again at once, alone."""
        self._remember(key, self._failed.get(key) or _Failed(now, now), now)

    def mark_at_fault(self, key: Hashable, now: float) -> tuple[int, float]:
        """It failed while others were committed. Returns its tries and the pause before the next
        one."""
        failed = self._failed.get(key) or _Failed(now, now)
        failed.tries += 1
        pause = FAULT_PAUSES[min(failed.tries, len(FAULT_PAUSES)) - 1]
        failed.due = now + pause
        self._remember(key, failed, now)
        return failed.tries, pause

    def mark_all_at_fault(self, now: float) -> None:
        """It was no outage: every uncertain row is at fault."""
        for key in [key for key, failed in self._failed.items() if not failed.tries]:
            self.mark_at_fault(key, now)

    def mark_succeeded(self, keys: Iterable[Hashable]) -> None:
        """They succeeded: forget that they had failed."""
        if self._failed:
            for key in keys:
                self._failed.pop(key, None)

    def held(self, now: float) -> list[Hashable]:
        """Those that may not be tried yet."""
        return [key for key, failed in self._failed.items() if failed.due > now]

    def due_in(self, now: float) -> float | None:
        """Seconds until the next row at fault may be tried; None: there is none."""
        due = [failed.due for failed in self._failed.values() if failed.due > now]
        return min(due) - now if due else None

    def _remember(self, key: Hashable, failed: _Failed, now: float) -> None:
        failed.failed_at = now
        self._failed.pop(key, None)
        self._failed[key] = failed
        if len(self._failed) > MOST_REMEMBERED:
            del self._failed[next(iter(self._failed))]
