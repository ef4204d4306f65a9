"""The time limits of the lock, and the rules between them, which the constructor checks.

All values are seconds. The numbers follow from two aims: the successor of a killed holder acts
within ``trust + margin`` = 4.5 s of the last heartbeat, and a holder that is frozen or cut off is
replaced within ``idle + 1.5 x poll`` = 9.95 s whatever TCP does.
"""

from dataclasses import dataclass

LATEST = 1.5  #: a waiting instance's own time limit, as a multiple of ``Timing.poll``


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    #: Between two heartbeats.
    heartbeat: float = 1.2
    statement: float = 1.4  #: statement_timeout on the lock's session
    #: lock_timeout on the lock's session: how long a winner waits for transactions of earlier
    #: terms, and how long an evicted session may take to end.
    lock_wait: float = 1.0
    #: A call returns with an error when the network has not answered for this long.
    tcp_user_timeout: float = 2.0
    connect: float = 3.0  #: libpq's connect_timeout, whole seconds
    #: From the start of the last successful heartbeat; then this instance stops acting.
    trust: float = 4.0
    #: idle_session_timeout on the lock's session: the server frees the lock of a
    #: silent holder, never earlier than this.
    idle: float = 8.0
    #: For a call that has passed the gate to leave the machine.
    margin: float = 0.5
    #: Between two tries while PASSIVE, ± 20 %, unless a heartbeat is fresh. A release is notified;
    #: this is for terms that end without it.
    poll: float = 1.3
    #: While heartbeats come a try follows every second one, so long after it was due.
    behind: float = 0.12
    drain: float = 10.0  #: for running work after SIGTERM
    haste: float = 1.0  #: the same after a second SIGTERM, counted from the first one
    loss: float = 5.0  #: for running work when the lock is lost
    #: Without a successful heartbeat for so long the interpreter itself hangs.
    hung: float = 20.0

    def __post_init__(self) -> None:
        rules = {
            "one failed heartbeat must not end trust: heartbeat + 2 x statement <= trust": (
                self.heartbeat + 2 * self.statement <= self.trust
            ),
            "a cut connection must be noticed before trust ends:"
            " heartbeat + tcp_user_timeout < trust": (
                self.heartbeat + self.tcp_user_timeout < self.trust
            ),
            # client-go tolerates clocks whose rates differ by 1.5; so do we.
            "trust must end well before the server frees the lock: 1.5 x trust <= idle": (
                1.5 * self.trust <= self.idle
            ),
            "lock_timeout must end before statement_timeout: lock_wait < statement": (
                self.lock_wait < self.statement
            ),
            "what blocks the fence must be ended before the predecessor's trust is over:"
            " heartbeat + 1.5 x poll + lock_wait < trust + margin": (
                self.heartbeat + LATEST * self.poll + self.lock_wait < self.trust + self.margin
            ),
            "so must it when every second heartbeat is awaited:"
            " 2 x heartbeat + behind + lock_wait < trust + margin": (
                2 * self.heartbeat + self.behind + self.lock_wait < self.trust + self.margin
            ),
            "a candidate must not exceed the idle limit: 3 x poll < idle": (
                3 * self.poll < self.idle
            ),
            "a hang may be assumed only after trust is over: trust + loss < hung": (
                self.trust + self.loss < self.hung
            ),
            "all spans must be positive": min(
                self.heartbeat,
                self.statement,
                self.lock_wait,
                self.tcp_user_timeout,
                self.connect,
                self.margin,
                self.poll,
                self.behind,
                self.drain,
                self.haste,
                self.loss,
            )
            > 0,
        }
        for rule, holds in rules.items():
            if not holds:
                raise ValueError(f"{rule}; got {self}")

    def next_try(self, heartbeat_age: float | None) -> tuple[float, float]:
        """Seconds until a waiting instance tries again, and until it must have done so at the
        latest, by the age of the holder's last heartbeat (None: there was none).

        The holder has sent that heartbeat or a later one. So when it ends without a sign-off, its
        successor makes no outside call until ``trust + margin`` after it, and a try ``lock_wait``
        before that is in time.
        """
        # An age below zero tells of a clock that was set back, not of a heartbeat.
        if heartbeat_age is not None and heartbeat_age >= 0.0:
            wait = 2 * self.heartbeat + self.behind - heartbeat_age
            if wait > self.poll:
                return wait, self.trust + self.margin - self.lock_wait - heartbeat_age
        return self.poll, LATEST * self.poll

    def grace(self, *, clean: bool, moved: bool, heartbeat_age: float) -> float:
        """Seconds that a new term waits before its first outside call.

        ``clean``: the predecessor signed off, or there was none. ``moved``: the server or its
        timeline has changed since, so the latest heartbeat may not have been recorded there.
        """
        if clean:
            return 0.0
        if moved:
            return self.trust + self.margin
        return max(0.0, self.trust + self.margin - max(0.0, heartbeat_age))
