"""Wake-ups: "look at your table now", within this process and to the ACTIVE one.

A wake-up carries no work, only a topic; losing one costs time, never data, because
the gauge sampler (``supervisor/health/gauge_sampler.py``) looks at every table every
fifteen seconds anyway.
"""

from collections import defaultdict
from collections.abc import Callable
from threading import Lock

from loguru import logger

#: The topics. Each is a table with rows that wait for the ACTIVE instance.
INBOX = "inbox"
OUTBOX = "outbox"
JOBS = "jobs"
#: A part of the inbox that has seconds, not minutes.
CHECKOUTS = "checkouts"
#: Which models are on sale.
AVAILABILITY = "availability"
TOPICS = (INBOX, OUTBOX, JOBS, CHECKOUTS, AVAILABILITY)


class Wakeups:
    """Topic → who wants to know. Thread-safe; subscribers must return at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._subscribers: defaultdict[str, list[Callable[[], None]]] = defaultdict(list)

    def subscribe(self, topic: str, wake: Callable[[], None]) -> Callable[[], None]:
        """Call ``wake`` on each signal of ``topic``; returns the way to stop that."""
        if topic not in TOPICS:
            raise ValueError(f"{topic!r} is not one of {TOPICS}")
        with self._lock:
            self._subscribers[topic].append(wake)
        return lambda: self._unsubscribe(topic, wake)

    def signal(self, topic: str) -> None:
        """Wake everyone who waits for ``topic``; unknown topics are ignored, since
        another release may know more of them."""
        with self._lock:
            subscribers = tuple(self._subscribers.get(topic, ()))
        for wake in subscribers:
            try:
                wake()
            except Exception as error:  # noqa: BLE001 the others, and who has committed, go on
                logger.opt(exception=error).bind(topic=topic).error("wake_up_failed")

    def _unsubscribe(self, topic: str, wake: Callable[[], None]) -> None:
        with self._lock:
            if wake in self._subscribers[topic]:
                self._subscribers[topic].remove(wake)
