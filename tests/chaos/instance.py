"""A slim instance: the real supervisor with two tiny services instead of a bot.

``callers`` make outside actions through the gate and write them down, outside every fence, in
a file of their own; ``writers`` make fenced rows. Both obey a stop as services must. Beside
them a *stubborn* thread does the same with the newest term that it was given and obeys nobody:
only the gate and the fence can stop it.

Run as ``python -m tests.chaos.instance`` with its configuration as JSON in the environment.
"""

import dataclasses
import json
import os
import random
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from loguru import logger

from supervisor.database.transactions import Database
from supervisor.health.health import Health
from supervisor.lock.candidate import Candidate
from supervisor.lock.eviction import Rules
from supervisor.lock.protocol import LockTarget
from supervisor.lock.supervisor import Supervisor
from supervisor.lock.term_holder import Tools
from supervisor.lock.timing import Timing
from supervisor.lock.watchdog import HangGuard, Watchdog
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import BotError, Exit
from supervisor.runtime.scheduler import Scheduler
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import BackgroundThread, ServiceThread
from supervisor.runtime.wake_pipe import WakePipe
from supervisor.runtime.wakeups import Wakeups, work_channel
from supervisor.settings.identity import Identity

TOKEN = Secret("123456:TEST-TOKEN-of-the-chaos-tests-000000000")
#: Seconds that an outside action says it takes at most; it takes a few milliseconds.
LIMIT = 0.2
PAUSE = 0.01


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What the driver tells an instance."""

    name: str
    dsn: str
    folder: str
    timing: dict[str, float]

    @classmethod
    def read(cls) -> "Config":
        return cls(**json.loads(os.environ["CHAOS_INSTANCE"]))

    def as_env(self) -> dict[str, str]:
        return {"CHAOS_INSTANCE": json.dumps(dataclasses.asdict(self))}


class JudgingClock(SystemClock):
    """Remembers for each thread what it was told last: the moment at which a gate judged."""

    def __init__(self) -> None:
        self._told = threading.local()

    def now(self) -> float:
        moment = super().now()
        self._told.moment = moment
        return moment

    @property
    def judged(self) -> float:
        return float(self._told.moment)


class Sink:
    """Where outside actions are written down: one line when one is judged, one at its end."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._numbers = iter(range(10**9))

    def judged(self, epoch: int, moment: float) -> int:
        number = next(self._numbers)
        self._write(f"J {number} {epoch} {moment:.6f}")
        return number

    def ended(self, number: int, moment: float) -> None:
        self._write(f"E {number} {moment:.6f}")

    def _write(self, line: str) -> None:
        os.write(self._file, f"{line}\n".encode())


class Work:
    """The two kinds of acting, for whoever has a term and a gate."""

    def __init__(self, name: str, clock: JudgingClock, sink: Sink, database: Database) -> None:
        self._name = name
        self._clock = clock
        self._sink = sink
        self._database = database
        self.newest: tuple[Term, Gate] | None = None

    def call(self, term: Term, gate: Gate, *, seconds: float) -> None:
        """One outside action. Raises what the gate raises."""
        gate.check(LIMIT)
        number = self._sink.judged(term.epoch, self._clock.judged)
        # The action itself; a real one would be on its way through the network here.
        if seconds:
            Event().wait(seconds)
        self._sink.ended(number, self._clock.now())

    def write(self, term: Term, *, seconds: float) -> None:
        """One fenced row, ``seconds`` after the fence was passed. Raises ``BotError``."""
        with self._database.transaction(term) as tx:
            Event().wait(seconds)
            tx.run(
                "INSERT INTO chaos_rows (epoch, instance) VALUES (%(epoch)s, %(name)s)",
                {"epoch": term.epoch, "name": self._name},
            )

    def callers(self, term: Term, gate: Gate, stop: Event) -> None:
        self.newest = (term, gate)
        self._repeat(stop, lambda: self.call(term, gate, seconds=random.uniform(0.001, 0.005)))

    def writers(self, term: Term, gate: Gate, stop: Event) -> None:
        self._repeat(stop, lambda: self.write(term, seconds=random.choice((0.0, 0.0, 0.02))))

    def stubborn(self, stop: Event) -> None:
        """Deaf to the end of a term. Its actions take no time: nobody waits for them."""

        def act() -> None:
            if self.newest is not None:
                term, gate = self.newest
                try:
                    self.call(term, gate, seconds=0.0)
                finally:
                    self.write(term, seconds=0.0)

        self._repeat(stop, act)

    def _repeat(self, stop: Event, act: Callable[[], None]) -> None:
        while not stop.wait(PAUSE):
            try:
                act()
            except BotError:  # the gate, the fence, or the database
                stop.wait(2 * PAUSE)


def build(config: Config) -> tuple[Supervisor, Callable[[], None]]:
    """The supervisor as ``handlers/process/composition.py`` makes it, and what starts the rest."""
    clock, timing, identity = JudgingClock(), Timing(**config.timing), Identity(TOKEN)
    health = Health(clock, mode="webhook", instance_id=config.name, version="chaos")
    wake_pipe, wakeups, scheduler = WakePipe(), Wakeups(), Scheduler(clock)
    names: dict[str, Any] = {"bot_id": identity.bot_id, "fence_key": identity.fence_key}
    database = Database(
        Secret(config.dsn), size=4, name=f"work:{config.name}", wakeups=wakeups, **names
    )
    sink = Sink(Path(config.folder) / f"{config.name}.actions")
    work = Work(config.name, clock, sink, database)
    target = LockTarget(
        Secret(config.dsn),
        identity.lock_key,
        identity.fence_key,
        identity.bot_id,
        config.name,
        work_channel(identity.bot_id),
    )
    tools = Tools(
        timing=timing,
        clock=clock,
        wake_pipe=wake_pipe,
        watchdog=Watchdog(clock),
        hang_guard=HangGuard(timing.hung),
        observer=health,
        wakeups=wakeups,
        services=(
            ServiceThread("callers", work.callers, on_failure=wake_pipe.wake),
            ServiceThread("writers", work.writers, on_failure=wake_pipe.wake),
        ),
        on_active=lambda *_: None,
        end_work=database.end_term,
        die=_die,
    )
    supervisor = Supervisor(
        candidate=lambda on_passive: Candidate(
            target,
            timing,
            Rules(stale_after=300.0, force_after=None),
            clock=clock,
            timer=scheduler,
            wake_pipe=wake_pipe,
            observer=health,
            release_claims=(),
            on_passive=on_passive,
        ),
        tools=tools,
        database=database,
        prepare=lambda _: None,
    )

    def start() -> None:
        scheduler.start()
        BackgroundThread("stubborn", work.stubborn).start()

    return supervisor, start


def _die(reason: str) -> None:
    logger.critical(f"died: {reason}")
    os._exit(Exit.STUCK)


def main() -> None:
    supervisor, start = build(Config.read())
    asked: deque[int] = deque()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Not ``request_stop`` itself: a second signal would run it inside of the first run, where
        # the lock of its event is taken.
        signal.signal(number, lambda number, _: asked.append(number))
    ended, code = Event(), [Exit.FAILED]

    def supervise(_: Event) -> None:
        try:
            code[0] = supervisor.run()
        finally:
            ended.set()

    start()
    BackgroundThread("supervisor", supervise).start()
    # In small steps: a signal may be delivered to a thread that is just being made, and its
    # handler runs when this one comes round.
    while not ended.wait(0.02):
        while asked:
            asked.popleft()
            supervisor.request_stop()
    sys.stderr.flush()
    os._exit(code[0])


if __name__ == "__main__":
    main()
