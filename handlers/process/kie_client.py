"""The client of kie.ai with this bot's settings, metrics and circuit breakers."""

from loguru import logger

from kie.api.circuit import Circuit, State
from kie.api.client import Circuits, KieClient
from kie.api.limiter import Limiter
from supervisor.health.health import Health
from supervisor.runtime.clock import Clock
from supervisor.runtime.wakeups import JOBS, Wakeups
from supervisor.settings.reader import Settings


def kie_client(settings: Settings, clock: Clock, health: Health, wakeups: Wakeups) -> KieClient:
    """Makes no call."""
    metrics = health.metrics

    def circuit(kind: str, consequence: str) -> Circuit:
        def changed(reason: str | None) -> None:
            told = None if reason is None else f"kie.ai is away ({reason}): {consequence}"
            health.report(f"kie-{kind}", told)
            if reason is None:
                logger.info(f"[KIE] ✅ kie.ai answers again ({kind})")
            else:
                logger.error(f"[KIE] ❌ {told}")
            wakeups.signal(JOBS)

        made = Circuit(clock, changed)
        is_open = lambda: float(health.acts and made.state is not State.CLOSED)  # noqa: E731
        metrics.kie_circuit.labels(kind).set_function(is_open)
        return made

    return KieClient(
        api_url=settings.kie_api_url,
        upload_url=settings.kie_upload_url,
        key=settings.kie_api_key,
        version=settings.version,
        limiter=Limiter(clock),
        circuits=Circuits(
            create=circuit("create", "new requests wait in the queue"),
            query=circuit("query", "results come late"),
        ),
        clock=clock,
        outgoing=settings.outgoing,
        step=health.progress.step,
        measure=lambda call, outcome: metrics.kie_calls.labels(call, outcome).inc(),
    )
