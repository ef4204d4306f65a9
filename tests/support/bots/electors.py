"""Electors of one lock whose time stands still until a test moves it.

The server's clock cannot be stopped; ``Ground.age`` gives the record of the newest term the
age that it has by the electors' clock, before anybody looks at it.
"""

from threading import Event
from typing import Any

import psycopg2

from supervisor.database.transactions import Database
from supervisor.lock.protocol import Acquisition, Lock, LockLost
from supervisor.lock.term_holder import Ending, TermHolder, Tools, _Lost
from supervisor.lock.timing import Timing
from supervisor.lock.watchdog import Watchdog
from supervisor.runtime.errors import BotError
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.wake_pipe import WakePipe
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.support.bots.candidate import Quiet, target
from tests.support.machine.waiting import until

TIMING = Timing()


class StoppedClock:
    """Stands still until a test moves ``time``."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def wait(self, event: Event, seconds: float) -> bool:
        raise AssertionError(f"an elector waited {seconds} s")

    def jitter(self, seconds: float) -> float:
        return seconds


class NoGuard:
    def arm(self) -> None: ...

    def disarm(self) -> None: ...


class Elector:
    """One instance: its session, and its term while it believes to have one."""

    def __init__(self, dsn: Secret, identity: Identity, name: str, clock: StoppedClock) -> None:
        self._target = target(dsn, identity, name)
        self._clock = clock
        self._lock: Lock | None = None
        self._tenure: TermHolder | None = None
        self.term: Term | None = None
        self.wake_pipe = WakePipe()

    @property
    def pid(self) -> int | None:
        """The server process of its session; None: it has none."""
        return None if self._lock is None else int(self._lock._session._connection.info.backend_pid)

    @property
    def gate(self) -> Gate | None:
        return None if self._tenure is None else self._tenure.gate

    def take(self) -> Acquisition | None:
        """Try for the lock on a living session; None: somebody else has it."""
        for _ in range(2):
            try:
                self._lock = self._lock or Lock.open(self._target, TIMING)
                won = self._lock.take()
            except BotError:
                self.crash()
                continue
            if not won:
                return None
            acquisition = self._lock.win(())
            self._tenure = TermHolder(self._lock, acquisition, self._tools())
            self.term = acquisition.term
            self.beat()
            return acquisition
        raise AssertionError("two sessions in a row are dead")

    def beat(self) -> bool:
        """One heartbeat as ``TermHolder`` does it; False: the term is over and was left."""
        assert self._tenure is not None
        try:
            self._tenure.begin()
        except (BotError, LockLost, _Lost):
            self.crash()
            return False
        return True

    def leave(self) -> Ending:
        """SIGTERM: a clean end, all of it."""
        assert self._tenure is not None
        stop, endings = Event(), list[Ending]()
        stop.set()
        ending = self._tenure.hold(stop, Event(), endings.append)
        self._lock = self._tenure = self.term = None
        return ending

    def crash(self) -> None:
        """The process is gone, or has noticed that its session is."""
        if self._tenure is not None:
            self._tenure.gate.shut()
        if self._lock is not None:
            self._lock.close()
        self._lock = self._tenure = self.term = None

    def cut(self) -> None:
        """The line is dead; the instance does not know yet."""
        assert self._lock is not None
        self._lock.abort()

    def close(self) -> None:
        self.crash()
        self.wake_pipe.close()

    def _tools(self) -> Tools:
        return Tools(
            timing=TIMING,
            clock=self._clock,
            wake_pipe=self.wake_pipe,
            watchdog=Watchdog(self._clock),
            hang_guard=NoGuard(),
            observer=Quiet(),
            wakeups=Wakeups(),
            services=(),
            on_active=lambda *_: None,
            end_work=lambda term: None,
            die=lambda reason: None,
        )


class Ground:
    """The database as the test sees it, beside the electors."""

    def __init__(self, dsn: Secret, identity: Identity) -> None:
        self._key = identity.lock_key
        self._connection = psycopg2.connect(dsn.reveal())
        self._connection.autocommit = True
        self.database = Database(
            dsn,
            size=1,
            bot_id=identity.bot_id,
            fence_key=identity.fence_key,
            name="electors",
            wakeups=Wakeups(),
        )
        self._ask("CREATE TABLE IF NOT EXISTS acts (id serial, lock_key bigint, epoch bigint)")

    def age(self, seconds: float) -> None:
        """The newest heartbeat was so long ago."""
        self._ask(
            "UPDATE lock_epochs SET heartbeat_at = clock_timestamp() - %s * interval '1 s'"
            " WHERE lock_key = %s",
            seconds,
            self._key,
        )

    def end(self, pid: int) -> None:
        """The server ends that session, as it does with a silent one; it is gone on return."""
        self._ask("SELECT pg_terminate_backend(%s)", pid)
        self.await_end(pid)

    def await_end(self, pid: int) -> None:
        here = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
        until(lambda: not self._ask(here, pid), 10, f"session {pid} is gone", pause=0.001)

    def holders(self) -> list[int]:
        rows = self._ask(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
            " AND ((classid::bigint << 32) | objid::bigint) = %s",
            self._key,
        )
        return [pid for (pid,) in rows]

    def epochs(self) -> list[tuple[int, bool]]:
        """Every term in order: its number, and whether it is open."""
        return self._ask(
            "SELECT epoch, ended_at IS NULL FROM lock_epochs WHERE lock_key = %s ORDER BY epoch",
            self._key,
        )

    def act(self, term: Term) -> None:
        """A fenced write; raises ``Fenced``."""
        with self.database.transaction(term) as tx:
            tx.run(
                "INSERT INTO acts (lock_key, epoch) VALUES (%(key)s, %(epoch)s)",
                {"key": self._key, "epoch": term.epoch},
            )

    def acts(self) -> list[int]:
        rows = self._ask("SELECT epoch FROM acts WHERE lock_key = %s ORDER BY id", self._key)
        return [epoch for (epoch,) in rows]

    def close(self) -> None:
        self.database.close()
        self._connection.close()

    def _ask(self, statement: str, *params: Any) -> list[Any]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall() if cursor.description else []
