"""What /health, /ready and /metrics say, kept in memory so that they answer at once.

Others report facts; nothing here asks anybody. ``status`` is derived from them:
``failing`` when this process can do nothing for its users, ``degraded`` when somebody
should look, with the reason in words.
"""

import datetime
import json
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from prometheus_client import generate_latest

from supervisor.lock.phase import Phase
from supervisor.lock.timing import Timing
from supervisor.runtime.clock import Clock
from supervisor.runtime.progress import Progress
from supervisor.telemetry.metrics import Metrics

BACKLOG_SECONDS = 60.0  #: an older unprocessed update is worth a look
VERIFIED_SECONDS = Timing().trust


@dataclass(slots=True)
class _Facts:
    phase: Phase = Phase.STARTING
    epoch: int | None = None
    active_since: str | None = None
    verified_at: float | None = None
    calls_from: float = 0.0  #: no outside call before: a predecessor may still be at work
    lock_trouble: str | None = None
    database_trouble: str | None = None
    webhook_configured: bool = False
    #: Troubles of other packages by their names, such as "kie".
    troubles: dict[str, str] = field(default_factory=dict)
    queue: dict[str, float] = field(
        default_factory=lambda: {
            "unprocessed_updates": 0,
            "oldest_update_seconds": 0.0,
            "jobs_in_flight": 0,
            "undelivered": 0,
        }
    )


class Health:
    """Thread-safe. Methods return at once and never raise."""

    def __init__(self, clock: Clock, *, mode: str, instance_id: str, version: str) -> None:
        self._clock = clock
        self._mode = mode
        self._instance_id = instance_id
        self._version = version
        self._started = clock.now()
        self._lock = Lock()
        self._facts = _Facts()
        self.progress = Progress(clock)
        self.metrics = Metrics()

    # -------------------------------------------------------------- reports --

    def phase_changed(self, phase: Phase, *, epoch: int | None, reason: str) -> None:
        """The supervisor entered ``phase``; part of the Observer protocol."""
        del reason  # the log has it
        with self._lock:
            self._facts.phase = phase
            if phase is Phase.ACTIVE:
                self._facts.epoch = epoch
                self._facts.active_since = _utc_now()
                self._facts.lock_trouble = None
                self.metrics.activations.inc()
            elif phase is not Phase.DRAINING:
                self._facts.epoch = None
                self._facts.active_since = None
                self._facts.verified_at = None
                self._facts.webhook_configured = False

    def alive(self) -> None:
        self.progress.beat("supervisor")

    def took_over(self, *, predecessor: bool, clean: bool, gap: float, grace: float) -> None:
        with self._lock:
            self._facts.calls_from = self._clock.now() + grace
        if predecessor:
            how = "signed_off" if clean else "gone"
            self.metrics.hand_overs.labels(predecessor=how).inc()
            self.metrics.without_active.inc(gap)

    def lock_verified(self, *, seconds: float) -> None:
        with self._lock:
            self._facts.verified_at = self._clock.now()
        self.metrics.heartbeats.observe(seconds)

    def lock_lost(self, *, cause: str) -> None:
        with self._lock:
            # Said at once, also while DRAINING: no term, no lock.
            self._facts.epoch = self._facts.active_since = self._facts.verified_at = None
        self.metrics.losses.labels(cause=cause).inc()

    def trouble(self, reason: str | None) -> None:
        """Why competing for the lock does not get on; None: it does again."""
        with self._lock:
            self._facts.lock_trouble = reason

    def database_answered(self, **queue: float) -> None:
        with self._lock:
            self._facts.database_trouble = None
            self._facts.queue.update(queue)

    def database_failed(self, reason: str) -> None:
        with self._lock:
            self._facts.database_trouble = reason

    def webhook(self, *, configured: bool) -> None:
        with self._lock:
            self._facts.webhook_configured = configured

    def report(self, part: str, reason: str | None) -> None:
        """``part`` has a trouble that an operator should know; None: not any more."""
        with self._lock:
            if reason is None:
                self._facts.troubles.pop(part, None)
            else:
                self._facts.troubles[part] = reason

    # -------------------------------------------------------------- answers --

    def troubles(self) -> dict[str, str]:
        """What was reported and is not over, by part. Who is not ACTIVE asks nobody, and has
        none to tell of; the next term begins with what this one knew."""
        with self._lock:
            return dict(self._facts.troubles) if _acts(self._facts) else {}

    @property
    def acts(self) -> bool:
        """Whether this instance is ACTIVE, or finishing what it began as such."""
        with self._lock:
            return _acts(self._facts)

    def summary(self) -> str:
        """One line for people who look at the service manager."""
        with self._lock:
            status, reason = self._judge(self._facts)
            state = self._facts.phase.value
            epoch = f", epoch {self._facts.epoch}" if self._facts.epoch else ""
        return f"{state}{epoch}" + (f"; {status}: {reason}" if reason else "")

    def as_json(self) -> bytes:
        """The body of /health."""
        with self._lock:
            facts = self._facts
            status, reason = self._judge(facts)
            verified = self._verified_seconds(facts)
            waits = round(facts.calls_from - self._clock.now(), 1)
            lock: dict[str, Any] = {
                # What was not proved for longer than trust lasts is not held.
                "held": facts.epoch is not None
                and verified is not None
                and verified <= VERIFIED_SECONDS,
                "since": facts.active_since,
                "last_verified_seconds": verified,
            }
            if facts.phase is Phase.ACTIVE and waits > 0:
                # After an unclean end; work in the database goes on all the while.
                lock["outside_calls_in_seconds"] = waits
            # The port closes a moment after the last drop is drained.
            state = Phase.DRAINING if facts.phase is Phase.STOPPED else facts.phase
            answer: dict[str, Any] = {
                "status": status,
                "state": state.value,
                "bot_mode": self._mode,
                "instance_id": self._instance_id,
                "epoch": facts.epoch,
                "version": self._version,
                "uptime_seconds": round(self._clock.now() - self._started, 1),
                "lock": lock,
                "webhook": {"configured": facts.webhook_configured},
                "queue": {
                    name: round(value, 1) if isinstance(value, float) else value
                    for name, value in facts.queue.items()
                },
            }
        if reason:
            answer["reason"] = reason
        return json.dumps(answer, ensure_ascii=False).encode()

    def as_metrics(self) -> bytes:
        """The body of /metrics."""
        with self._lock:
            facts = self._facts
            for phase in Phase:
                self.metrics.state.labels(state=phase.value).set(phase is facts.phase)
            self.metrics.epoch.set(facts.epoch or 0)
            self.metrics.uptime.set(self._clock.now() - self._started)
            for name, value in facts.queue.items():
                self.metrics.queue[name].set(value)
        return generate_latest(self.metrics.registry)

    def _judge(self, facts: _Facts) -> tuple[str, str | None]:
        overdue = self.progress.overdue()
        if overdue is not None:
            return "failing", overdue
        database = facts.lock_trouble or facts.database_trouble
        if database is not None:
            return ("failing" if facts.phase is Phase.STARTING else "degraded"), database
        verified = self._verified_seconds(facts)
        if facts.phase is Phase.ACTIVE and verified is not None and verified > VERIFIED_SECONDS:
            return "failing", f"the lock was last verified {verified:.1f} s ago"
        oldest = facts.queue["oldest_update_seconds"]
        if oldest > BACKLOG_SECONDS:
            return "degraded", f"the oldest unprocessed update has waited for {oldest:.0f} s"
        if facts.troubles and _acts(facts):
            return "degraded", "; ".join(facts.troubles.values())
        return "ok", None

    def _verified_seconds(self, facts: _Facts) -> float | None:
        if facts.verified_at is None:
            return None
        return round(self._clock.now() - facts.verified_at, 1)


def _acts(facts: _Facts) -> bool:
    return facts.phase in {Phase.ACTIVE, Phase.DRAINING}


def _utc_now() -> str:
    now = datetime.datetime.now(datetime.UTC)
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")
