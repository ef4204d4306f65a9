"""Wake-ups tell a service to look at its table now.

A wake-up carries only a topic, no work. Losing one costs time, never data, because the gauge
sampler (``supervisor/health/gauge_sampler.py``) looks at every table every fifteen seconds. So none
are sent to other instances while PostgreSQL refuses to take them together with the work.
"""

from collections import defaultdict
from collections.abc import Callable
from threading import Lock

from loguru import logger

from supervisor.runtime.clock import SystemClock

REFUSED_FOR = 60.0  #: seconds for which none are sent to others, once they were refused
#: The topics. Each stands for rows of a table that wait for the ACTIVE instance.
INBOX = "inbox"
OUTBOX = "outbox"
JOBS = "jobs"
#: Checkouts in the inbox: Telegram waits for their answer for ten seconds.
CHECKOUTS = "checkouts"
#: Which models are on sale.
AVAILABILITY = "availability"
#: Switches of groups that wait for Telegram's word.
GROUPS = "groups"
#: Pictures and exports that operators have asked for.
REPORTS = "reports"
#: Users who want their data, or want it deleted.
PRIVACY = "privacy"
#: Broadcasts that operators have started or changed.
BROADCASTS = "broadcasts"
#: Messages of a broadcast in the outbox.
NEWS_QUEUED = "news"
#: Users who wait until something works again.
WAITLIST = "waitlist"
#: Rewards for invitations that nobody was told of.
REWARDS = "rewards"
#: Jobs without an end, or callbacks without a job: they are counted.
OPEN_WORK = "open_work"
#: Something that operators may have to be told of.
ALARMS = "alarms"
TOPICS = (
    *(INBOX, OUTBOX, JOBS, CHECKOUTS, AVAILABILITY, GROUPS, REPORTS, PRIVACY, BROADCASTS),
    *(NEWS_QUEUED, WAITLIST, REWARDS, OPEN_WORK, ALARMS),
)


def work_channel(bot_id: int) -> str:
    """The NOTIFY channel on which other instances wake the ACTIVE one."""
    return f"trt_work_{bot_id}"


class Wakeups:
    """The subscribers of each topic. Thread-safe; subscribers must return at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._clock = SystemClock()
        self._refused_until = 0.0
        self._subscribers: defaultdict[str, list[Callable[[], object]]] = defaultdict(list)

    def subscribe(self, topic: str, wake: Callable[[], object]) -> Callable[[], None]:
        """Call ``wake`` on each signal of ``topic``. Returns a function that ends that."""
        if topic not in TOPICS:
            raise ValueError(f"{topic!r} is not one of {TOPICS}")
        with self._lock:
            self._subscribers[topic].append(wake)
        return lambda: self._unsubscribe(topic, wake)

    def signal(self, topic: str) -> None:
        """Call the subscribers of ``topic``. An unknown topic is ignored: it may come from another
        release."""
        with self._lock:
            subscribers = tuple(self._subscribers.get(topic, ()))
        for wake in subscribers:
            try:
                wake()
            except Exception as error:  # noqa: BLE001 the other subscribers must be called
                logger.opt(exception=error).bind(topic=topic).error("wake_up_failed")

    @property
    def reach_others(self) -> bool:
        """Whether other instances may be woken; False: they find the work by themselves."""
        return self._clock.now() >= self._refused_until

    def refused(self) -> None:
        """The database takes no wake-ups for other instances."""
        if self.reach_others:
            logger.bind(seconds=REFUSED_FOR).warning("notify_queue_full")
        self._refused_until = self._clock.now() + REFUSED_FOR

    def _unsubscribe(self, topic: str, wake: Callable[[], object]) -> None:
        with self._lock:
            if wake in self._subscribers[topic]:
                self._subscribers[topic].remove(wake)
