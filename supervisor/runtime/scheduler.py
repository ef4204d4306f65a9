"""APScheduler behind a small interface: repeated calls and single timers.

APScheduler computes due times with the wall clock: when that is set back by an hour, every job is
an hour late. So ``Scheduler`` watches the difference between the wall clock and elapsed time.
When it changes, every job becomes due at once. An additional call is harmless, because every job
only looks at a table.
"""

import datetime
from collections.abc import Callable
from threading import Event

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from loguru import logger

from supervisor.runtime.clock import Clock
from supervisor.runtime.threads import BackgroundThread

WATCH_EVERY = 5.0  #: seconds between two checks of the wall clock
JUMP = 2.0  #: seconds; NTP makes smaller corrections regularly


class Scheduler:
    """Runs jobs in a few threads of its own. Thread-safe.

    When a job raises, the error is logged and passed to ``on_failure``, and the job runs again at
    its next time.
    """

    def __init__(
        self, clock: Clock, *, on_failure: Callable[[str, BaseException], None] = lambda *_: None
    ) -> None:
        self._clock = clock
        self._on_failure = on_failure
        self._scheduler = BackgroundScheduler(
            timezone=datetime.UTC,
            executors={"default": ThreadPoolExecutor(3)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.add_listener(self._failed, EVENT_JOB_ERROR)
        self._watch = BackgroundThread("wall-clock", self._watch_wall_clock)

    def start(self) -> None:
        self._scheduler.start()
        self._watch.start()

    def stop(self) -> None:
        """Start no more jobs. Does not wait for a running one."""
        self._watch.stop()
        if self._scheduler.running:
            # A shutdown while APScheduler processes its jobs would make that fail. After pause()
            # no new round begins, and get_jobs() waits for the current one.
            self._scheduler.pause()
            self._scheduler.get_jobs()
            self._scheduler.shutdown(wait=False)

    def every(self, name: str, seconds: float, fn: Callable[[], None], jitter: float = 0.0) -> None:
        """Call ``fn`` every ``seconds``, with a random deviation of up to ``jitter`` seconds."""
        self._scheduler.add_job(
            fn,
            Every(seconds, jitter),
            id=name,
            name=name,
            replace_existing=True,
        )

    def call_later(self, name: str, seconds: float, fn: Callable[[], None]) -> None:
        """Call ``fn`` once after ``seconds``; replaces a timer of the same name."""
        due = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=max(0.0, seconds))
        self._scheduler.add_job(
            fn,
            "date",
            run_date=due,
            id=name,
            name=name,
            replace_existing=True,
            # A timer that is set again by its own call must not be skipped as "still running".
            max_instances=100,
        )

    def cancel(self, name: str) -> None:
        """Remove the job of that name, if there is one."""
        if self._scheduler.get_job(name) is not None:
            # The job may run and disappear between get_job and remove_job.
            try:
                self._scheduler.remove_job(name)
            except LookupError:
                return

    def wall_clock_jumped(self) -> None:
        """Make every job due at once."""
        now = datetime.datetime.now(datetime.UTC)
        for job in self._scheduler.get_jobs():
            try:
                job.modify(next_run_time=now)
            except LookupError:
                continue
        logger.warning("wall_clock_jumped")

    def _watch_wall_clock(self, stop: Event) -> None:
        known = _offset(self._clock)
        while not self._clock.wait(stop, WATCH_EVERY):
            offset = _offset(self._clock)
            if abs(offset - known) > JUMP:
                self.wall_clock_jumped()
            known = offset

    def _failed(self, event: JobExecutionEvent) -> None:
        error = event.exception
        logger.opt(exception=error).bind(job=event.job_id).error("scheduled_job_failed")
        if error is not None:
            self._on_failure(event.job_id, error)


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Due at equal distances. APScheduler's own trigger counts every missed time: when a machine
    that started in 1970 learns the date, that takes minutes and gigabytes."""

    def __init__(self, seconds: float, jitter: float = 0.0) -> None:
        self._every = datetime.timedelta(seconds=seconds)
        self._jitter = jitter or None

    def get_next_fire_time(
        self, previous_fire_time: datetime.datetime | None, now: datetime.datetime
    ) -> datetime.datetime:
        due = (previous_fire_time or now) + self._every
        found: datetime.datetime = self._apply_jitter(
            due if due > now else now + self._every, self._jitter, now
        )
        return found


def _offset(clock: Clock) -> float:
    """The wall clock minus elapsed time; constant unless the wall clock is changed."""
    return datetime.datetime.now(datetime.UTC).timestamp() - clock.now()
