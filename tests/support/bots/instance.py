"""An instance without Telegram and kie.ai: a whole supervisor with its health, in this process."""

import json
import threading
from collections.abc import Sequence
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from supervisor.database.transactions import Database
from supervisor.health.health import Health
from supervisor.lock.candidate import Candidate
from supervisor.lock.eviction import Rules
from supervisor.lock.supervisor import Supervisor
from supervisor.lock.term_holder import Tools
from supervisor.lock.timing import Timing
from supervisor.lock.watchdog import Watchdog
from supervisor.runtime.clock import Clock, SystemClock
from supervisor.runtime.errors import Exit
from supervisor.runtime.scheduler import Scheduler
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import Service
from supervisor.runtime.wake_pipe import WakePipe
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.support.bots.candidate import PATIENT, target
from tests.support.bots.electors import NoGuard
from tests.support.machine.waiting import until


class Instance:
    """Starts at once; ``stop`` it as SIGTERM does. Never ends this process."""

    def __init__(
        self,
        dsn: Secret,
        identity: Identity,
        name: str,
        *,
        rules: Rules = PATIENT,
        timing: Timing | None = None,
        services: Sequence[Service] = (),
        clock: Clock | None = None,
    ) -> None:
        timing = timing or Timing()
        self.clock = clock or SystemClock()
        self.health = Health(self.clock, mode="polling", instance_id=name, version="0")
        self.terms: list[tuple[Term, Gate]] = []
        self.died: list[str] = []
        self.code: Exit | None = None
        self._wake_pipe = WakePipe()
        self._scheduler = Scheduler(self.clock)
        self.database = Database(
            dsn,
            size=2,
            bot_id=identity.bot_id,
            fence_key=identity.fence_key,
            name=f"work:{name}",
            wakeups=Wakeups(),
            on_refusal=self.health.metrics.fence_refusals.inc,
        )
        tools = Tools(
            timing=timing,
            clock=self.clock,
            wake_pipe=self._wake_pipe,
            watchdog=Watchdog(self.clock),
            hang_guard=NoGuard(),
            observer=self.health,
            wakeups=Wakeups(),
            services=services,
            on_active=lambda term, gate: self.terms.append((term, gate)),
            end_work=self.database.end_term,
            die=self.died.append,
        )
        self._supervisor = Supervisor(
            candidate=lambda on_passive: Candidate(
                target(dsn, identity, name),
                timing,
                rules,
                clock=self.clock,
                timer=self._scheduler,
                wake_pipe=self._wake_pipe,
                observer=self.health,
                release_claims=(),
                on_passive=on_passive,
            ),
            tools=tools,
            database=self.database,
            prepare=lambda stop: None,
        )
        self._scheduler.start()
        self._thread = threading.Thread(target=self._run, name=f"supervisor {name}")
        self._thread.start()

    def _run(self) -> None:
        self.code = self._supervisor.run()

    def says(self) -> dict[str, Any]:
        """Its /health."""
        return json.loads(self.health.as_json())  # type: ignore[no-any-return]

    def wait_state(self, state: str, seconds: float = 15.0) -> dict[str, Any]:
        return until(  # type: ignore[no-any-return]
            lambda: (said := self.says())["state"] == state and said, seconds, f"{state}"
        )

    def begun(self, epoch: int, seconds: float = 15.0) -> tuple[Term, Gate]:
        """The term of that epoch, once its services were told of it: a moment after the
        instance says that it is ACTIVE."""
        return until(  # type: ignore[no-any-return]
            lambda: next((each for each in self.terms if each[0].epoch == epoch), None),
            seconds,
            f"the services of epoch {epoch}",
        )

    def counted(self, name: str, **labels: str) -> float:
        """A number of its /metrics; 0.0 when it does not stand there."""
        text = self.health.as_metrics().decode()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return float(sample.value)
        return 0.0

    def fail(self, error: BaseException) -> Exit | None:
        """Tell it that it cannot act, and wait until it has ended."""
        self._supervisor.fail(error)
        self._thread.join(25)
        assert not self._thread.is_alive()
        return self.code

    def stop(self) -> Exit | None:
        """Ask it to stop and wait until it has."""
        self._supervisor.request_stop()
        self._thread.join(25)
        assert not self._thread.is_alive()
        return self.code

    def close(self) -> None:
        self.stop()
        self._scheduler.stop()
        self.database.close()
        self._wake_pipe.close()
