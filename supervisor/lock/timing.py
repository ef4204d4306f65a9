"""The time spans of the lock and the rules between them, checked where they meet.

All values are seconds. Why these numbers: a successor of a killed holder acts within
``trust + margin`` = 4.5 s of its last heartbeat, and a holder that is frozen or cut
off is replaced within ``idle + 1.5 x poll`` = 9.5 s whatever TCP does.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    #: Between two proofs that the lock is ours. With the gauge sampler an idle instance stays below
    #: one statement a second.
    heartbeat: float = 1.2
    statement: float = 1.4  #: statement_timeout on the lock's session
    #: lock_timeout on the lock's session: what a winner waits for transactions of earlier
    #: terms, and what a session that was told to end has time for.
    lock_wait: float = 1.0
    #: After this long without an answer from the network a hung call returns.
    tcp_user_timeout: float = 2.0
    connect: float = 3.0  #: libpq's connect_timeout, whole seconds
    #: From the start of the last good heartbeat; then nobody here acts any more.
    trust: float = 4.0
    #: idle_session_timeout on the lock's session: the server frees the lock of a
    #: silent holder, never earlier than this.
    idle: float = 8.0
    #: For what a call that passed the gate needs to leave the machine.
    margin: float = 0.5
    poll: float = 1.0  #: between two tries while PASSIVE, ± 20 %
    drain: float = 10.0  #: what running work gets on SIGTERM
    haste: float = 1.0  #: what it gets in all when a second SIGTERM comes
    loss: float = 5.0  #: what running work gets when the lock is lost
    #: Without a good heartbeat for so long the interpreter itself is hung.
    hung: float = 20.0

    def __post_init__(self) -> None:
        rules = {
            "one failed heartbeat must be forgiven: heartbeat + 2 x statement <= trust": (
                self.heartbeat + 2 * self.statement <= self.trust
            ),
            "a cut line must be noticed before trust ends: heartbeat + tcp_user_timeout < trust": (
                self.heartbeat + self.tcp_user_timeout < self.trust
            ),
            # client-go tolerates clocks whose rates differ by 1.5; so do we.
            "trust must end well before the server frees the lock: 1.5 x trust <= idle": (
                1.5 * self.trust <= self.idle
            ),
            "the server must say that a lock is not to be had before it gives up the statement:"
            " lock_wait < statement": self.lock_wait < self.statement,
            "what holds up the fence must be ended while trust of the predecessor runs out:"
            " heartbeat + 1.5 x poll + lock_wait < trust + margin": (
                self.heartbeat + 1.5 * self.poll + self.lock_wait < self.trust + self.margin
            ),
            "a waiter must not be taken for silent: 3 x poll < idle": 3 * self.poll < self.idle,
            "the interpreter is hung only after trust is over: trust + loss < hung": (
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
                self.drain,
                self.haste,
                self.loss,
            )
            > 0,
        }
        for rule, holds in rules.items():
            if not holds:
                raise ValueError(f"{rule}; got {self}")

    def grace(self, *, clean: bool, moved: bool, heartbeat_age: float) -> float:
        """Seconds a new term waits before its first outside call.

        ``clean``: the predecessor signed off, or there was none. ``moved``: the server or its
        history changed since, so the recorded heartbeat may be older than the truth.
        """
        if clean:
            return 0.0
        if moved:
            return self.trust + self.margin
        return max(0.0, self.trust + self.margin - max(0.0, heartbeat_age))
