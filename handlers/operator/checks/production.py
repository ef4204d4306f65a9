"""The seven checks of ``run.py prod-check``: each returns what it saw, or raises."""

from collections.abc import Callable
from threading import Event

import sql
from handlers.operator import status
from handlers.operator.checks.check_result import CheckFailed, NotChecked
from handlers.operator.checks.deployment import Deployment, NoAnswer, NoConnection
from handlers.operator.checks.sample_job import SampleJob, sample_inputs
from handlers.operator.checks.webhook import WebhookCheck
from kie.api.circuit import Circuit
from kie.api.client import Circuits, KieClient
from kie.api.limiter import Limiter
from kie.api.refusals import TaskRefused
from kie.catalogue.catalogue import Catalogue
from supervisor.database.migration import differences, migrate
from supervisor.lock.protocol import Lock, LockTarget
from supervisor.lock.timing import Timing
from supervisor.runtime.errors import BotError, Disposition, Misconfigured, SchemaMismatch

_SQL = sql.load("checks")
SAMPLE_MODEL = "z-image"
#: Seconds; an older heartbeat does not prove that the holder is alive: the trust of a term.
FRESH = Timing().trust


class ProductionChecks:
    """Checks two to seven. The first check, the settings, has made ``deployment``."""

    def __init__(self, deployment: Deployment, *, live: bool, apply: bool) -> None:
        self._deployment = deployment
        self._live = live
        self._apply = apply

    def all(self) -> tuple[tuple[str, Callable[[], str]], ...]:
        """In this order: a later check may use what an earlier one has found."""
        return (
            (f"Port {self._deployment.settings.port}", self.port),
            ("Migrations", self.migrations),
            ("Lock key", self.lock),
            ("Webhook", WebhookCheck(self._deployment).run),
            ("Health endpoint", self.health),
            ("Z-image flow", self.flow),
        )

    def port(self) -> str:
        """Our own server answers there: it knows the path that is derived from our token."""
        deployment, port = self._deployment, self._deployment.settings.port
        try:
            self._prove_ours(f"http://127.0.0.1:{port}", f"port {port}")
            return "our server answers on this machine"
        except NoAnswer as error:
            raise CheckFailed(
                f"port {port} {error}: the process hangs",
                "restart the service and keep its log; under systemd the watchdog does it",
            ) from None
        except NoConnection as error:
            local = str(error)
        if deployment.settings.base_url is None:
            raise CheckFailed(
                f"nothing listens on port {port} of this machine ({local})",
                "start the bot: python run.py serve; its log says why it ended",
            )
        try:
            self._prove_ours(deployment.settings.base_url, "the public address")
        except (NoAnswer, NoConnection) as error:
            raise CheckFailed(
                f"nothing listens on port {port} of this machine, and the public address does not"
                f" answer either ({error})",
                "start the bot: python run.py serve; its log says why it ended",
            ) from None
        return "our server answers at the public address; nothing listens on this machine"

    def _prove_ours(self, server: str, where: str) -> None:
        deployment = self._deployment
        code, _ = deployment.post(deployment.identity.webhook_url(server), b"{}")
        if code != 401:
            raise CheckFailed(
                f"{where} is answered by another program or another bot (HTTP {code} instead of 401"
                " for a request without the secret)",
                "stop that program, or give the bot another PORT",
            )
        deployment.server = server

    def migrations(self) -> str:
        deployment = self._deployment
        applied = ""
        if self._apply:
            done = migrate(deployment.dsn, deployment.clock, Event())
            applied = f"; applied: {', '.join(done.changes)}" if done.changes else ""
        found = differences(deployment.dsn)
        if found:
            shown = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
            raise CheckFailed(
                f"the database differs from sql/: {shown}",
                "python run.py migrate, or python run.py prod-check --apply",
            )
        self._refuse_another_order()
        return f"the database is what sql/ makes{applied}"

    def _refuse_another_order(self) -> None:
        """Whatever is done once, a unique index of text has to find again."""
        database = self._deployment.database
        if not database.read(_SQL["text_order_is_recorded"]):
            return
        for found in database.read(_SQL["text_order"]):
            raise CheckFailed(
                f"the library that orders text has changed under PostgreSQL ({found['recorded']} to"
                f" {found['actual']}): an index may not find a row, and something is done twice",
                "stop the bot; REINDEX DATABASE and ALTER DATABASE … REFRESH COLLATION VERSION"
                " (docs/operations.md)",
            )

    def lock(self) -> str:
        """A live instance with a term holds our key, and DATABASE_URL can hold a lock."""
        deployment, key = self._deployment, self._deployment.identity.lock_key
        self._refuse_pooler()
        try:
            found = status.collect(deployment.database, deployment.identity)
        except BotError as error:
            if isinstance(error, SchemaMismatch) or error.disposition is Disposition.GIVE_UP:
                raise NotChecked(f"the tables cannot be read: {error} (see Migrations)") from None
            raise
        active, holder = found["active"], found["holder"]
        stale = active is None or active["heartbeat_seconds"] > FRESH
        if deployment.server is None and holder is None and stale:
            raise NotChecked("our server does not answer (see Port)")
        if holder is not None:
            raise CheckFailed(
                f"key {key} is held by pid {holder['pid']} {holder['name']!r}, which has no term:"
                " another program, or an old release",
                "stop that program; "
                + (holder["cannot_end"] or "a dead holder is ended after LOCK_STALE_IDLE_SECONDS"),
            )
        if active is None:
            raise CheckFailed(
                f"nobody holds key {key}; {found['last_end']}",
                "look into the bot's log for [LOCK]; does it use this DATABASE_URL?",
            )
        if stale:
            raise CheckFailed(
                f"{active['instance']} holds key {key} and was last heard"
                f" {active['heartbeat_seconds']} s ago",
                "it hangs or is cut off: restart it; "
                + (active["cannot_end"] or "a waiting instance takes over by itself"),
            )
        deployment.holder_is_live = True
        told = f"{key} is held by {active['instance']}, epoch {active['epoch']}"
        note = f"; ⚠️ {active['cannot_end']}" if active["cannot_end"] else ""
        return told + self._same_epoch(active["epoch"]) + note

    def _same_epoch(self, epoch: int) -> str:
        """The instance that answers on our port must have the same term."""
        deployment = self._deployment
        if deployment.server is None:
            return ""
        health = deployment.read_health()
        if health["state"] == "PASSIVE":
            return "; the instance that answers waits for it"
        if health.get("epoch") != epoch:
            raise CheckFailed(
                f"the database knows epoch {epoch}, the bot that answers says {health['state']},"
                f" epoch {health.get('epoch')}",
                "the bot uses another database: compare DATABASE_URL",
            )
        return "; it answers with the same epoch"

    def _refuse_pooler(self) -> None:
        deployment, identity = self._deployment, self._deployment.identity
        target = LockTarget(
            dsn=deployment.dsn,
            key=identity.lock_key,
            fence_key=identity.fence_key,
            bot_id=identity.bot_id,
            instance_id=f"check-{deployment.settings.instance_id}",
            work_channel="trt_check",
        )
        try:
            Lock.open(target, Timing()).close()
        except Misconfigured as error:
            raise CheckFailed("; ".join(error.problems), "change DATABASE_URL") from None

    def health(self) -> str:
        deployment = self._deployment
        try:
            health = deployment.read_health()
        except (NoAnswer, NoConnection) as error:
            raise CheckFailed(f"GET /health: {error}", "restart the bot and keep its log") from None
        state, condition = health["state"], health.get("status")
        reason = health.get("reason", "")
        if state not in {"ACTIVE", "PASSIVE"}:
            raise CheckFailed(f"the bot says {state}: {reason or 'no reason'}", "look into its log")
        if condition == "failing":
            raise CheckFailed(f"the bot says {state} but failing: {reason}", "look into its log")
        if state == "PASSIVE" and not deployment.holder_is_live:
            raise NotChecked("the bot says PASSIVE, and who is ACTIVE is not known (see Lock key)")
        return f"{state}, {condition}" + (f" ({reason})" if reason else "")

    def flow(self) -> str:
        deployment = self._deployment
        model = Catalogue.load().model(SAMPLE_MODEL)
        if model is None:
            raise NotChecked(f"{SAMPLE_MODEL} is not in the catalogue")
        client = kie_client(deployment)
        try:
            credits_left = client.credits()
        except TaskRefused as error:
            raise CheckFailed(
                error.operator or str(error), "correct KIE_API_KEY, or top up"
            ) from None
        cost = model.cost.credits(sample_inputs(model))
        if credits_left < cost:
            raise CheckFailed(
                f"kie.ai has {credits_left:g} credits left and a picture costs {cost:g}",
                "top up the account at kie.ai",
            )
        told = f"kie.ai accepts the key; {credits_left:g} credits left"
        if not self._live:
            return told
        deployment.need_server()
        if not deployment.holder_is_live:
            raise NotChecked("no live instance holds the lock (see Lock key)")
        return f"{told}; {SampleJob(deployment, client, model).all_the_way()}"


def kie_client(deployment: Deployment) -> KieClient:
    settings = deployment.settings
    return KieClient(
        api_url=settings.kie_api_url,
        upload_url=settings.kie_upload_url,
        key=settings.kie_api_key,
        version=settings.version,
        limiter=Limiter(deployment.clock),
        circuits=Circuits(create=Circuit(deployment.clock), query=Circuit(deployment.clock)),
        clock=deployment.clock,
        outgoing=settings.outgoing,
    )
