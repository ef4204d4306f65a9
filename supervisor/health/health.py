"""The answers of /health and /metrics, kept in memory so that they never wait.

Other parts report facts, and ``status.py`` derives the status. Nothing here makes a call.
"""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from prometheus_client import generate_latest

from supervisor.health.status import LATE, VERIFIED_SECONDS, Facts, HealthStatus, Trouble, assess
from supervisor.lock.phase import Phase
from supervisor.runtime.clock import Clock
from supervisor.runtime.progress import Progress
from supervisor.telemetry.metrics import Metrics


@dataclass(slots=True)
class _Known:
    phase: Phase = Phase.STARTING
    epoch: int | None = None
    active_since: str | None = None
    verified_at: float | None = None
    calls_from: float = 0.0  #: no outside call before this time: a predecessor may still act
    lock_trouble: Trouble | None = None
    database_trouble: str | None = None
    refused: tuple[float, str] | None = None  #: when the intake refused an update, and why
    silenced_at: float | None = None  #: since then nothing was delivered, as Telegram wants it
    webhook_configured: bool = False
    troubles: dict[str, str] = field(default_factory=dict)
    #: Services that begin again and again: why, and until when that is told.
    broken: dict[str, tuple[str, float]] = field(default_factory=dict)
    late: dict[str, float] = field(default_factory=lambda: dict.fromkeys(LATE, 0.0))
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
        self._known = _Known()
        self.progress = Progress(clock)
        self.metrics = Metrics()

    # -------------------------------------------------------------- reports --

    def phase_changed(self, phase: Phase, *, epoch: int | None, reason: str) -> None:
        """The supervisor entered ``phase``; part of the Observer protocol."""
        del reason  # the log has it
        with self._lock:
            self._known.phase = phase
            if phase is Phase.ACTIVE:
                self._known.epoch = epoch
                self._known.active_since = _utc_now()
                self._known.lock_trouble = None
                self.metrics.activations.inc()
            elif phase is not Phase.DRAINING:
                self._known.epoch = None
                self._known.active_since = None
                self._known.verified_at = None
                self._known.webhook_configured = False

    def alive(self) -> None:
        self.progress.beat("supervisor")

    def took_over(self, *, predecessor: bool, clean: bool, gap: float, grace: float) -> None:
        with self._lock:
            self._known.calls_from = self._clock.now() + grace
        if predecessor:
            how = "signed_off" if clean else "gone"
            self.metrics.hand_overs.labels(predecessor=how).inc()
            self.metrics.without_active.inc(gap)

    def lock_verified(self, *, seconds: float) -> None:
        with self._lock:
            self._known.verified_at = self._clock.now()
        self.metrics.heartbeats.observe(seconds)

    def lock_lost(self, *, cause: str) -> None:
        with self._lock:
            # At once, also while DRAINING: without the lock there is no term.
            self._known.epoch = self._known.active_since = self._known.verified_at = None
        self.metrics.losses.labels(cause=cause).inc()

    def trouble(self, reason: str | None, *, kind: str = "database") -> None:
        """Why competing for the lock fails; None: it works again. ``kind``: its class."""
        with self._lock:
            self._known.lock_trouble = None if reason is None else Trouble(kind, reason)

    def database_answered(
        self, *, queue: Mapping[str, float], late: Mapping[str, float], trouble: str | None
    ) -> None:
        """The queues, and how late the oldest due rows are. ``trouble``: why the database, though
        it answers, cannot be used."""
        with self._lock:
            self._known.database_trouble = trouble
            self._known.queue.update(queue)
            self._known.late.update(late)

    def database_failed(self, reason: str) -> None:
        with self._lock:
            self._known.database_trouble = reason

    def intake(self, refused: str | None) -> None:
        """``refused``: why an update was not stored; None: an update was stored."""
        with self._lock:
            self._known.refused = None if refused is None else (self._clock.now(), refused)

    def silenced(self, silent: bool) -> None:
        """Telegram makes every chat wait (429); False: something was delivered again."""
        with self._lock:
            if not silent:
                self._known.silenced_at = None
            elif self._known.silenced_at is None:
                self._known.silenced_at = self._clock.now()

    def webhook(self, *, configured: bool) -> None:
        with self._lock:
            self._known.webhook_configured = configured

    def report(self, part: str, reason: str | None) -> None:
        """``part`` has a trouble that operators should know; None: it is over."""
        with self._lock:
            if reason is None:
                self._known.troubles.pop(part, None)
            else:
                self._known.troubles[part] = reason

    def begins_again(self, service: str, reason: str, seconds: float) -> None:
        """A service breaks again and again. Told for ``seconds``: then it has worked long enough,
        or it has been reported anew."""
        with self._lock:
            self._known.broken[service] = (reason, self._clock.now() + seconds)

    # -------------------------------------------------------------- answers --

    def troubles(self) -> dict[str, str]:
        """The reported troubles that are not over, by part. Empty while not ACTIVE, since then
        nothing is known of Telegram and kie.ai; the reports are kept for the next term."""
        with self._lock:
            facts = self._facts()
            return dict(facts.reported) if facts.acts else {}

    def late(self) -> dict[str, float]:
        """How long the oldest due row of each kind has waited, where that is too long."""
        with self._lock:
            return {what: age for what, age in self._known.late.items() if age > LATE[what]}

    def queue(self) -> dict[str, float]:
        """The queues, as the gauges have found them last."""
        with self._lock:
            return dict(self._known.queue)

    @property
    def acts(self) -> bool:
        """Whether this instance is ACTIVE or drains."""
        with self._lock:
            return self._facts().acts

    def status(self) -> HealthStatus:
        """The status with its details, which are not for strangers."""
        with self._lock:
            return assess(self._facts())

    def summary(self) -> str:
        """One line for ``systemctl status``."""
        status = self.status()
        with self._lock:
            state = self._known.phase.value
            epoch = f", epoch {self._known.epoch}" if self._known.epoch else ""
        trouble = f"; {status.level}: {status.details}" if status.troubles else ""
        return f"{state}{epoch}{trouble}"

    def as_json(self) -> bytes:
        """The body of /health. It contains only the classes of troubles."""
        with self._lock:
            known, status = self._known, assess(self._facts())
            verified = self._verified_seconds()
            waits = round(known.calls_from - self._clock.now(), 1)
            lock: dict[str, Any] = {
                # Not held when it was not proved for longer than trust lasts.
                "held": known.epoch is not None
                and verified is not None
                and verified <= VERIFIED_SECONDS,
                "since": known.active_since,
                "last_verified_seconds": verified,
            }
            if known.phase is Phase.ACTIVE and waits > 0:
                # The predecessor did not sign off. Work in the database goes on meanwhile.
                lock["outside_calls_in_seconds"] = waits
            # The port is still open for a moment after draining.
            state = Phase.DRAINING if known.phase is Phase.STOPPED else known.phase
            answer: dict[str, Any] = {
                "status": status.level,
                "state": state.value,
                "bot_mode": self._mode,
                "instance_id": self._instance_id,
                "epoch": known.epoch,
                "version": self._version,
                "uptime_seconds": round(self._clock.now() - self._started, 1),
                "lock": lock,
                "webhook": {"configured": known.webhook_configured},
                "queue": {
                    name: round(value, 1) if isinstance(value, float) else value
                    for name, value in known.queue.items()
                },
            }
        if status.troubles:
            answer["reason"] = status.kinds
        return json.dumps(answer, ensure_ascii=False).encode()

    def as_metrics(self) -> bytes:
        """The body of /metrics."""
        with self._lock:
            known = self._known
            for phase in Phase:
                self.metrics.state.labels(state=phase.value).set(phase is known.phase)
            self.metrics.epoch.set(known.epoch or 0)
            self.metrics.uptime.set(self._clock.now() - self._started)
            for name, value in known.queue.items():
                self.metrics.queue[name].set(value)
            for what, seconds in known.late.items():
                self.metrics.late.labels(what=what).set(seconds)
        return generate_latest(self.metrics.registry)

    def _facts(self) -> Facts:
        known, now = self._known, self._clock.now()
        refused_at, refused = known.refused or (now, None)
        return Facts(
            phase=known.phase,
            overdue=self.progress.overdue(),
            lock_trouble=known.lock_trouble,
            database_trouble=known.database_trouble,
            verified=self._verified_seconds(),
            refused=refused,
            refused_ago=now - refused_at,
            late=known.late,
            silent=0.0 if known.silenced_at is None else now - known.silenced_at,
            reported=known.troubles | self._services(now),
        )

    def _services(self, now: float) -> dict[str, str]:
        broken = self._known.broken.items()
        return {f"service-{name}": why for name, (why, until) in broken if until > now}

    def _verified_seconds(self) -> float | None:
        if self._known.verified_at is None:
            return None
        return round(self._clock.now() - self._known.verified_at, 1)


def _utc_now() -> str:
    now = datetime.datetime.now(datetime.UTC)
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")
