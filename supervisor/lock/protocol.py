"""The lock protocol: take, win, prove, sign off, free; and ending a dead holder.

The lock is a session-level advisory lock of PostgreSQL on one dedicated session
(``supervisor/lock/session.py``), used by the supervisor's thread alone. Closing that
session frees the lock, so nothing here ever tries to repair a session in doubt.

Facts behind it (PostgreSQL documentation, chapters explicit-locking, view-pg-locks and
runtime-config-client): a session lock survives ROLLBACK and ends with its session;
locking twice needs unlocking twice; NOTIFY is delivered at commit; any statement resets
the server's idle timer, received notifications do not.
"""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString, Self

from loguru import logger

from supervisor.database.current_server import CurrentServer
from supervisor.database.transactions import Row
from supervisor.lock.session import Session
from supervisor.lock.timing import Timing
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Term
from supervisor.runtime.wake_pipe import WakePipe

_OURS = "trt:"  #: how the names of our sessions begin


def session_name(bot_id: int, instance_id: str) -> str:
    """What PostgreSQL shows of an instance; ``sql/status.sql`` looks for it."""
    return f"{_OURS}{bot_id}:{instance_id}"


_LEFT = "newer sessions of this process lead to another server"


class LockLost(Exception):
    """This session does not hold the lock, or cannot prove it. Says why."""


@dataclass(frozen=True, slots=True)
class LockTarget:
    """Which lock, where, and under which names."""

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
    """The session that holds the lock, as PostgreSQL shows it to us."""

    pid: int
    backend_start: datetime.datetime | None
    application_name: str
    idle_seconds: float | None  #: None: at work, or not ours to see
    epoch: int | None  #: None: it holds the lock without a term, as an old release does

    @property
    def visible(self) -> bool:
        """PostgreSQL shows the sessions of another role without start and state."""
        return self.backend_start is not None

    @property
    def is_instance(self) -> bool:
        """Its name is that of one process; those of an old release may share one."""
        return self.application_name.startswith(_OURS)


@dataclass(frozen=True, slots=True)
class Acquisition:
    """What the winning transaction found and made."""

    term: Term
    grace: float  #: seconds before the first outside call
    predecessor: str | None  #: its instance; None: there was none
    clean: bool  #: it signed off, or there was none
    gap: float  #: seconds since the predecessor's last sign of life; 0.0 when there was none
    orphans: int  #: claims of earlier terms that went back to their queues


class Lock:
    """The lock of one bot, seen through one session."""

    def __init__(self, session: Session, target: LockTarget, timing: Timing) -> None:
        self._session = session
        self._target = target
        self._timing = timing
        self.born = session.born
        #: What the server's clock said at the last try; seconds since 1970.
        self.server_time = 0.0
        self.warnings = session.warnings

    @classmethod
    def open(cls, target: LockTarget, timing: Timing) -> Self:
        """A fresh session for the lock; raises what ``Session.open`` raises."""
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
        """Take the lock if it is free. Only while this session does not hold it."""
        if self._target.current_server.was_left(self._session.server):
            raise LockLost(_LEFT)
        row = self._one("try_lock", {"key": self._target.key})
        self.server_time = row["server_time"]
        return bool(row["won"])

    def holder(self) -> Holder | None:
        """Who holds the lock at this moment; None when nobody does."""
        rows = self._session.all("holder", {"key": self._target.key})
        if not rows:
            return None
        row = rows[0]
        return Holder(
            pid=row["pid"],
            backend_start=row["backend_start"],
            application_name=row["application_name"] or "",
            idle_seconds=row["idle_seconds"],
            epoch=row["epoch"],
        )

    def evict_stale(self, holder: Holder, stale_seconds: float) -> bool:
        """End the holder's session if it is still the same and idle for longer than that, and
        take the lock in its place.

        False: it was left alone. Raises ``Rejected`` when our role may not do it. After any
        other error nobody knows whether the lock is ours: close this one.
        """
        return self._evict("terminate_stale_holder", holder, {"stale_seconds": stale_seconds})

    def evict(self, holder: Holder) -> bool:
        """The same whatever the holder's session does; False when it holds no more."""
        return self._evict("terminate_holder", holder, {})

    def win(self, release_claims: Sequence[LiteralString], *, doubt: float = 0.0) -> Acquisition:
        """Begin a term in one transaction, having just taken the lock.

        ``release_claims`` return what earlier terms had claimed; each gets ``token`` and
        ``bot_id``. ``doubt``: seconds by which the server's clock may exaggerate the age of
        the predecessor's heartbeat. When this raises, close the lock: that gives it back.
        """
        target, session = self._target, self._session
        server = session.server
        history = {"system_id": server.system_id, "timeline": server.timeline}
        key = {"key": target.key}
        token = uuid.uuid4()
        self._fence_out()
        found = session.all("predecessor", {**key, **history})
        before = found[0] if found else None
        if before is not None and before["open"]:
            age = f"{before['heartbeat_age']:.1f}"
            reason = f"gone without a word; {target.instance_id} won {age} s after its heartbeat"
            session.all("end_predecessor", {**key, "reason": reason})
        named = {"token": str(token), "bot_id": target.bot_id}
        begun = {**key, **history, **named, "instance_id": target.instance_id}
        row = self._one("begin_term", begun)
        orphans = sum(session.run(statement, named) for statement in release_claims)
        # Not before: whoever waits must not be woken by each update that is stored.
        session.listen(target.work_channel)
        session.run("COMMIT")
        return self._acquisition(Term(epoch=row["epoch"], token=token), before, orphans, doubt)

    # -------------------------------------------------------------- holding --

    def heartbeat(self, term: Term) -> None:
        """Prove that the lock is ours. Raises ``LockLost`` when it is not."""
        if self._target.current_server.was_left(self._session.server):
            raise LockLost(_LEFT)
        named = {"key": self._target.key, "token": str(term.token)}
        if not self._session.all("heartbeat", named):
            raise LockLost("the server does not count this session as the holder any more")

    def sign_off(self, term: Term, reason: str) -> None:
        """All work of the term has stopped; the successor need not wait."""
        self._session.all("sign_off", {"token": str(term.token), "reason": reason})

    def free(self) -> bool:
        """Free the lock and tell the waiters; False: it was not ours any more."""
        named = {"key": self._target.key, "channel": self._target.release_channel}
        return bool(self._one("unlock_and_notify", named)["unlocked"])

    def add_to_end_reason(self, term: Term, reason: str) -> None:
        """What we know about the end of a term that we lost; for people."""
        self._session.all("add_to_end_reason", {"token": str(term.token), "reason": reason})

    # -------------------------------------------------------------- waiting --

    def wait(self, seconds: float, wake_pipe: WakePipe) -> set[str]:
        """Wait for a notification, the wake_pipe, or the end of the time.

        Returns the topics for which other instances stored work; a freed lock just ends
        the wait. Raises ``Unavailable`` as soon as the server ends the session.
        """
        notes = self._session.wait(seconds, wake_pipe)
        return {payload for channel, payload in notes if channel == self._target.work_channel}

    @property
    def broken(self) -> bool:
        """Whether the session, and with it the lock, is known to be gone."""
        return self._session.broken

    def abort(self) -> None:
        """From any thread: make a call that hangs in the network return at once."""
        self._session.abort()

    def close(self) -> None:
        """End the session. The server frees the lock, if it was ours."""
        self._session.close()

    # ------------------------------------------------------------- internal --

    def _acquisition(
        self, term: Term, before: Row | None, orphans: int, doubt: float
    ) -> Acquisition:
        if before is None:
            return Acquisition(
                term, grace=0.0, predecessor=None, clean=True, gap=0.0, orphans=orphans
            )
        grace = self._timing.grace(
            clean=before["clean"],
            moved=before["moved"],
            heartbeat_age=before["heartbeat_age"] - doubt,
        )
        gap = max(0.0, before["gap"] - doubt)
        return Acquisition(term, grace, before["instance_id"], before["clean"], gap, orphans)

    def _fence_out(self) -> None:
        """Open the transaction of winning, behind all that earlier terms have under way.

        What takes longer than ``lock_wait`` belongs to somebody who is frozen or cut off: the
        server would end it after seconds in which nobody acts. It is ended here.
        """
        try:
            self._begin()
        except Unavailable:
            if self.broken:
                raise
            self._session.run("ROLLBACK")
            target, older_than = self._target, self._timing.lock_wait
            named = {"key": target.key, "fence_key": target.fence_key, "older_than": older_than}
            for row in self._session.all("end_fenced", named):
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
