"""The numbers of /metrics: every instrument by name, in a registry of its own.

Names follow Prometheus' conventions: ``trt_`` first, the unit in the name (``_seconds``,
``_bytes``), ``_total`` for what only grows. Whoever measures is handed the instruments that
it needs; nothing here asks anybody.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """Every instrument of one process; its fields are the only way to them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        here = self.registry
        self.state = Gauge(
            "trt_state", "1 for the state of this instance", ["state"], registry=here
        )
        self.epoch = Gauge("trt_epoch", "Epoch of the term; 0 while not ACTIVE", registry=here)
        self.uptime = Gauge("trt_uptime_seconds", "Since the process started", registry=here)
        self.activations = Counter("trt_activations_total", "Terms begun", registry=here)
        self.losses = Counter(
            "trt_lock_losses_total", "Terms lost, by cause", ["cause"], registry=here
        )
        self.heartbeats = Histogram(
            "trt_lock_heartbeat_seconds",
            "Round trip of the proof that the lock is held",
            buckets=(0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2),
            registry=here,
        )
        self.queue = {
            "unprocessed_updates": Gauge(
                "trt_unprocessed_updates", "Updates to process", registry=here
            ),
            "oldest_update_seconds": Gauge(
                "trt_oldest_update_seconds", "Age of the oldest unprocessed update", registry=here
            ),
            "jobs_in_flight": Gauge("trt_jobs_in_flight", "Jobs without an end", registry=here),
            "undelivered": Gauge("trt_undelivered", "Deliveries that wait", registry=here),
        }
