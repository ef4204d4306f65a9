"""The lock protocol: take the lock, begin a term, send heartbeats, sign off, free the lock.

The lock is a session-level advisory lock of PostgreSQL on one dedicated session
(``supervisor/lock/session.py``), which only the supervisor's thread uses. Closing the session
frees the lock. So a session whose state is uncertain is closed and never repaired.

Facts from PostgreSQL's documentation (chapters explicit-locking, view-pg-locks and
runtime-config-client): a session-level lock survives ROLLBACK and ends with its session; a lock
that was taken twice must be unlocked twice; NOTIFY is delivered at commit; every statement
resets the server's idle timer, but received notifications do not.
"""

import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString, Self

from loguru import logger

from supervisor.database.current_server import CurrentServer
from supervisor.database.transactions import Row
from supervisor.lock.server_clock import Doubt
from supervisor.lock.session import Session
from supervisor.lock.timing import Timing
from supervisor.runtime.errors import Rejected, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Term
from supervisor.runtime.wake_pipe import WakePipe

_OURS = "trt:"  #: prefix of ``application_name`` of our sessions


def session_name(bot_id: int, instance_id: str) -> str:
    """``application_name`` of an instance's session; ``sql/status.sql`` searches for it."""
    return f"{_OURS}{bot_id}:{instance_id}"


_LEFT = "newer sessions of this process lead to another server"


class LockLost(Exception):
    """This session does not hold the lock, or cannot prove it. The message says why."""


@dataclass(frozen=True, slots=True)
class LockTarget:
    """Which lock, on which server, and under which names."""

    dsn: Secret
    key: int
    fence_key: int
    bot_id: int
    instance_id: str
    work_channel: str
    #: Where new sessions of this process lead.
    current_server: CurrentServer = field(default_factory=CurrentServer)

    @property
    def release_channel(self) -> str:
        return f"trt_free_{self.key:016x}"


@dataclass(frozen=True, slots=True)
class Holder:
    """The session that holds the lock, as ``pg_stat_activity`` shows it to us."""

    pid: int
    backend_start: datetime.datetime | None
    application_name: str
    idle_seconds: float | None  #: None: not idle, or hidden from our role
    epoch: int | None  #: None: it holds the lock without a term, as an old release does

    @property
    def visible(self) -> bool:
        """Whether we may see its start and state; those of another role are hidden."""
        return self.backend_start is not None

    @property
    def is_instance(self) -> bool:
        """Whether its name identifies one process; instances of an old release share names."""
        return self.application_name.startswith(_OURS)


@dataclass(frozen=True, slots=True)
class Acquisition:
    """The result of winning the lock: the new term, and what is known of the one before."""

    term: Term
    grace: float  #: seconds before the first outside call
    predecessor: str | None  #: the instance of the previous term; None: there was none
    clean: bool  #: the predecessor signed off, or there was none
    gap: float  #: seconds since its last heartbeat or its sign-off; 0.0 without a predecessor
    orphans: int  #: claims of earlier terms that were returned to their queues


class Lock:
    """The lock of one bot, used through one session."""

    def __init__(self, session: Session, target: LockTarget, timing: Timing) -> None:
        self._session = session
        self._target = target
        self._timing = timing
        self.born = session.born
        self.server_time = 0.0  #: at the last try or look; seconds since 1970
        self.heartbeat_age: float | None = None  #: of the holder, at the last try; None: no term
        self.warnings = session.warnings

    @classmethod
    def open(cls, target: LockTarget, timing: Timing) -> Self:
        """Open a session for the lock. Raises what ``Session.open`` raises."""
        session = Session.open(
            target.dsn,
            timing,
            name=session_name(target.bot_id, target.instance_id),
            channels=(target.release_channel,),
        )
        target.current_server.saw(session.server)
        return cls(session, target, timing)

    # ------------------------------------------------------------ competing --

    def take(self) -> bool:
        """Take the lock if it is free. Call it only while this session does not hold the lock."""
        if self._target.current_server.was_left(self._session.server):
            raise LockLost(_LEFT)
        row = self._one("try_lock", {"key": self._target.key})
        self.server_time = row["server_time"]
        self.heartbeat_age = row["heartbeat_age"]
        return bool(row["won"])

    def holder(self) -> Holder | None:
        """The holder of the lock; None: the lock is free."""
        rows = self._session.all("holder", {"key": self._target.key})
        if not rows:
            return None
        row = rows[0]
        self.server_time = row["server_time"]
        return Holder(
            pid=row["pid"],
            backend_start=row["backend_start"],
            application_name=row["application_name"] or "",
            idle_seconds=row["idle_seconds"],
            epoch=row["epoch"],
        )

    def evict_stale(self, holder: Holder, stale_seconds: float) -> bool:
        """Terminate the holder's session if it is still the same one and has been idle for longer
        than ``stale_seconds``; then take the lock.

        False: the conditions do not hold, and nothing was terminated. Raises ``Rejected`` when
        our role may not terminate it. After any other error it is unknown whether the lock is
        ours: close this object.
        """
        return self._evict("terminate_stale_holder", holder, {"stale_seconds": stale_seconds})

    def evict(self, holder: Holder) -> bool:
        """As ``evict_stale``, without the idle condition. False: it does not hold the lock now."""
        return self._evict("terminate_holder", holder, {})

    def win(
        self,
        release_claims: Sequence[LiteralString],
        *,
        doubt: Callable[[], Doubt] = lambda: lambda _: 0.0,
    ) -> Acquisition:
        """Begin a term in one transaction. The lock must have been taken just before.

        The statements ``release_claims`` release the claims of earlier terms; their parameters
        are ``token`` and ``bot_id``. ``doubt`` is called before the server is asked for the age of
        the predecessor's heartbeat. When this raises, close the lock, which frees it.
        """
        target, session = self._target, self._session
        server = session.server
        history = {"system_id": server.system_id, "timeline": server.timeline}
        key, token = {"key": target.key}, uuid.uuid4()
        self._fence_out()
        judge = doubt()
        found = session.all("predecessor", {**key, **history})
        before = found[0] if found else None
        if before is not None and before["open"]:
            age = f"{before['heartbeat_age']:.1f}"
            reason = f"gone without sign-off; {target.instance_id} won {age} s after its heartbeat"
            session.all("end_predecessor", {**key, "reason": reason})
        named = {"token": str(token), "bot_id": target.bot_id}
        begun = {**key, **history, **named, "instance_id": target.instance_id}
        row = self._one("begin_term", begun)
        orphans = sum(session.run(statement, named) for statement in release_claims)
        # Only now: a candidate must not be woken by each stored update.
        session.listen(target.work_channel)
        session.run("COMMIT")
        overstated = judge(before["server_time"]) if before is not None else 0.0
        return self._acquisition(Term(epoch=row["epoch"], token=token), before, orphans, overstated)

    # -------------------------------------------------------------- holding --

    def heartbeat(self, term: Term) -> None:
        """Prove that this session holds the lock. Raises ``LockLost`` when it does not."""
        if self._target.current_server.was_left(self._session.server):
            raise LockLost(_LEFT)
        named = {"key": self._target.key, "token": str(term.token)}
        if not self._session.all("heartbeat", named):
            raise LockLost("the server does not count this session as the holder any more")

    def sign_off(self, term: Term, reason: str) -> None:
        """Record that all work of the term has stopped, so that the successor need not wait."""
        self._session.all("sign_off", {"token": str(term.token), "reason": reason})

    def free(self) -> bool:
        """Free the lock and notify the candidates. False: it was not ours any more."""
        named = {"key": self._target.key, "channel": self._target.release_channel}
        return bool(self._one("unlock_and_notify", named)["unlocked"])

    def add_to_end_reason(self, term: Term, reason: str) -> None:
        """Append what this instance knows about the end of a term that it lost; for people."""
        self._session.all("add_to_end_reason", {"token": str(term.token), "reason": reason})

    # -------------------------------------------------------------- waiting --

    def wait(self, seconds: float, wake_pipe: WakePipe) -> set[str]:
        """Wait for a notification or the wake pipe, for at most ``seconds``.

        Returns the topics for which other instances stored work. The notification of a freed
        lock only ends the wait. Raises ``Unavailable`` as soon as the server ends the session.
        """
        notes = self._session.wait(seconds, wake_pipe)
        return {payload for channel, payload in notes if channel == self._target.work_channel}

    @property
    def broken(self) -> bool:
        """Whether the session is known to have ended, and with it the lock."""
        return self._session.broken

    def abort(self) -> None:
        """Make a hanging network call return at once. May be called from any thread."""
        self._session.abort()

    def close(self) -> None:
        """Close the session. If it holds the lock, the server frees it."""
        self._session.close()

    # ------------------------------------------------------------- internal --

    def _acquisition(
        self, term: Term, before: Row | None, orphans: int, overstated: float
    ) -> Acquisition:
        if before is None:
            return Acquisition(
                term, grace=0.0, predecessor=None, clean=True, gap=0.0, orphans=orphans
            )
        grace = self._timing.grace(
            clean=before["clean"],
            moved=before["moved"],
            heartbeat_age=before["heartbeat_age"] - overstated,
        )
        gap = max(0.0, before["gap"] - overstated)
        return Acquisition(term, grace, before["instance_id"], before["clean"], gap, orphans)

    def _fence_out(self) -> None:
        """Open the transaction that begins the term, after all fenced transactions have ended.

        A fenced transaction that lasts longer than ``lock_wait`` belongs to an instance that is
        frozen or cut off. The server would end it some seconds later, and until then no instance
        could act. So we terminate its session.
        """
        try:
            self._begin()
        except Unavailable:
            if self.broken:
                raise
            self._session.run("ROLLBACK")
            target, older_than = self._target, self._timing.lock_wait
            named = {"key": target.key, "fence_key": target.fence_key, "older_than": older_than}
            try:
                ended = self._session.all("end_fenced", named)
            except Rejected as error:
                raise Unavailable(
                    "a transaction of the former holder is still open, which no new term may"
                    f" overtake, and cannot be ended by us: {error}"
                ) from None
            for row in ended:
                logger.bind(pid=row["pid"]).warning("lock_fence_cleared")
            self._begin()

    def _begin(self) -> None:
        self._session.run("BEGIN ISOLATION LEVEL READ COMMITTED")
        self._session.all("fence_out", {"fence_key": self._target.fence_key})

    def _evict(self, name: str, holder: Holder, params: Mapping[str, Any]) -> bool:
        named = {"key": self._target.key, "pid": holder.pid, "backend_start": holder.backend_start}
        rows = self._session.all(name, {**named, **params})
        if rows:
            self.server_time = rows[0]["server_time"]
        return bool(rows)

    def _one(self, name: str, params: Mapping[str, Any]) -> Row:
        rows = self._session.all(name, params)
        if not rows:
            raise LockLost(f"the statement {name} returned no row")
        return rows[0]
