"""The metrics of /metrics, in a registry of their own.

Names follow Prometheus' conventions: the prefix ``trt_``, the unit in the name (``_seconds``,
``_bytes``), and ``_total`` for counters. Code that measures is given the metrics that it needs.
"""

import math

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

__all__ = ["Histogram", "Metrics", "PoolMetrics"]


# Without a series for the creation time of each counter: it equals the start of the process.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the package leaves it untyped


class PoolMetrics:
    """The metrics of one connection pool. Without a registry they are not exposed."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.size = Gauge(
            "trt_database_pool_size", "Connections that there may be", registry=registry
        )
        self.open = Gauge("trt_database_pool_open", "Connections that are open", registry=registry)
        self.in_use = Gauge(
            "trt_database_pool_in_use", "Connections that are in use", registry=registry
        )
        self.waits = Histogram(
            "trt_database_pool_wait_seconds",
            "How long a caller waited because all connections were in use",
            buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5),
            registry=registry,
        )


class Metrics:
    """All metrics of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        here = self.registry
        self._terms(here)
        self.queue = {
            "unprocessed_updates": Gauge(
                "trt_unprocessed_updates", "Updates to process", registry=here
            ),
            "oldest_update_seconds": Gauge(
                "trt_oldest_update_seconds", "Age of the oldest unprocessed update", registry=here
            ),
            "jobs_in_flight": Gauge("trt_jobs_in_flight", "Jobs without an end", registry=here),
            "undelivered": Gauge(
                "trt_undelivered",
                "Deliveries that wait, without those to users who have blocked the bot",
                registry=here,
            ),
        }
        self.log_lines_dropped = Counter(
            "trt_log_lines_dropped_total", "Log lines that the output did not take", registry=here
        )
        self.http_connections = Gauge(
            "trt_http_connections", "Connections of the HTTP port that are open", registry=here
        )
        self.http_turned_away = Counter(
            "trt_http_connections_turned_away_total",
            "Connections closed at the limit: the longest idle one, or a new one if none was idle",
            ["how"],
            registry=here,
        )
        self.late = Gauge(
            "trt_late_seconds",
            "How long the oldest that is due has waited: updates, answers, results, ends of jobs",
            ["what"],
            registry=here,
        )
        # Memory, processor time and open files of this process, under Prometheus' own names.
        ProcessCollector(registry=here)
        self.pool = PoolMetrics(here)
        self._updates(here)
        self._deliveries(here)
        self._jobs(here)
        self._money(here)
        self.events = Counter(
            "trt_feature_events_total",
            "Events that features count",
            ["feature", "event"],
            registry=here,
        )

    def _terms(self, here: CollectorRegistry) -> None:
        """State, lock and hand-overs."""
        self.state = Gauge(
            "trt_state", "1 for the state of this instance", ["state"], registry=here
        )
        self.epoch = Gauge("trt_epoch", "Epoch of the term; 0 while not ACTIVE", registry=here)
        self.uptime = Gauge("trt_uptime_seconds", "Since the process started", registry=here)
        self.activations = Counter("trt_activations_total", "Terms begun", registry=here)
        self.hand_overs = Counter(
            "trt_hand_overs_total",
            "Terms begun after another one, by whether that one had signed off",
            ["predecessor"],
            registry=here,
        )
        self.without_active = Counter(
            "trt_without_active_seconds_total",
            "From the last heartbeat or sign-off of a term to the next term, if begun here",
            registry=here,
        )
        self.losses = Counter(
            "trt_lock_losses_total", "Terms lost, by cause", ["cause"], registry=here
        )
        self.fence_refusals = Counter(
            "trt_fence_refusals_total",
            "Transactions refused because their term was over",
            registry=here,
        )
        self.heartbeats = Histogram(
            "trt_lock_heartbeat_seconds",
            "Round trip of the proof that the lock is held",
            buckets=(0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2),
            registry=here,
        )

    def _updates(self, here: CollectorRegistry) -> None:
        """From Telegram to the end of their handling."""
        self.updates_received = Counter(
            "trt_updates_received_total",
            "Updates that were committed (stored), known already (repeated) or unreadable",
            ["outcome"],
            registry=here,
        )
        self.updates_refused = Counter(
            "trt_updates_refused_total",
            "Updates that could not be stored; their senders have to repeat them",
            registry=here,
        )
        self.updates_processed = Counter(
            "trt_updates_processed_total", "Updates that were handled", registry=here
        )
        self.updates_retried = Counter(
            "trt_updates_retried_total",
            "Updates whose handling failed and is tried again",
            registry=here,
        )
        self.updates_set_aside = Counter(
            "trt_updates_set_aside_total", "Updates that were given up", registry=here
        )
        self.handling = Histogram(
            "trt_update_handling_seconds",
            "One handling of one update, its transaction included",
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1, 3, 10),
            registry=here,
        )
        self.update_wait = Histogram(
            "trt_update_wait_seconds",
            "From the commit of an update (its arrival, if handled directly) to each handling",
            buckets=(0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 60, 600),
            registry=here,
        )
        self.loop_lag = Histogram(
            "trt_loop_lag_seconds",
            "How late the event loop wakes a task that is due",
            buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5),
            registry=here,
        )
        self.polling_clients = Counter(
            "trt_polling_clients_replaced_total",
            "HTTP clients of getUpdates replaced because no answer came",
            registry=here,
        )
        self.rows_tidied = Counter(
            "trt_rows_tidied_total", "Rows scrubbed or removed by age", ["table"], registry=here
        )

    def _deliveries(self, here: CollectorRegistry) -> None:
        """From the outbox to Telegram."""
        self.deliveries = Counter(
            "trt_deliveries_total",
            "Tries of a delivery, by the next state of its row",
            ["kind", "outcome"],
            registry=here,
        )
        self.floods = Counter(
            "trt_telegram_429_total", "Sends that Telegram refused for flooding", registry=here
        )
        self.possible_duplicates = Counter(
            "trt_possible_duplicates_total",
            "Sends repeated after a call without an answer: the first may have arrived",
            ["kind"],
            registry=here,
        )
        self.presses_answered_early = Counter(
            "trt_presses_answered_early_total",
            "Button presses answered before their update was handled",
            registry=here,
        )

    def _jobs(self, here: CollectorRegistry) -> None:
        """Jobs and kie.ai."""
        self.kie_calls = Counter(
            "trt_kie_calls_total", "Calls to kie.ai by outcome", ["call", "outcome"], registry=here
        )
        self.kie_circuit = Gauge(
            "trt_kie_circuit_open",
            "1 while calls to kie.ai are stopped because it does not answer; 0 while not ACTIVE",
            ["kind"],
            registry=here,
        )
        self.kie_credits = Gauge(
            "trt_kie_credits",
            "Credits that are left at kie.ai, by its last answer to the ACTIVE instance; else NaN",
            registry=here,
        )
        self.kie_credits.set(math.nan)
        self.jobs = Gauge("trt_jobs", "Jobs without an end", ["state", "model"], registry=here)
        self.jobs_ended = Counter(
            "trt_jobs_ended_total", "Jobs that came to an end", ["state", "model"], registry=here
        )
        self.job_polls = Histogram(
            "trt_job_polls",
            "How often an ended task had been asked for",
            buckets=(1, 2, 3, 5, 8, 13, 21, 34, 55, 89),
            registry=here,
        )
        self.orphan_callbacks = Gauge(
            "trt_orphan_callbacks", "Callbacks of kie.ai that fit no job", registry=here
        )

    def _money(self, here: CollectorRegistry) -> None:
        """Credits in the ledger, as this process booked them."""
        self.credits_in = Counter(
            "trt_credits_in_total",
            "Credits booked to users by hand",
            ["kind"],
            registry=here,
        )
        self.credits_out = Counter(
            "trt_credits_out_total",
            "Credits that left users: paid for delivered results, or taken back by hand",
            ["kind"],
            registry=here,
        )
        self.star_balance = Gauge(
            "trt_star_balance",
            "Stars that this bot has at Telegram, as of the last comparison",
            registry=here,
        )
        self.ledger_differences = Gauge(
            "trt_ledger_differences",
            "Balances and jobs that differed from the ledger at the last self-check",
            registry=here,
        )
