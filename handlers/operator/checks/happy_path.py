"""The six steps of ``run.py happy-path``, from the settings to a task at kie.ai."""

from collections.abc import Callable

import sql
from handlers.operator.checks.check_result import CheckFailed, NotChecked
from handlers.operator.checks.deployment import Deployment, host_of
from handlers.operator.checks.production import SAMPLE_MODEL, kie_client
from handlers.operator.checks.sample_job import SampleJob
from handlers.operator.checks.webhook import ask_telegram, current_url, ensure, shortened
from kie.catalogue.catalogue import Catalogue
from supervisor.runtime.errors import BotError, Misconfigured, SchemaMismatch

_SQL = sql.load("checks")
TABLES = ("users", "generation_jobs", "orphan_callbacks")


class HappyPath:
    """Each step returns its line, without the mark, or raises."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._sample: SampleJob | None = None

    def all(self) -> tuple[tuple[str, Callable[[], str]], ...]:
        return (
            ("Lock key", self.lock_key),
            ("Required tables", self.tables),
            ("Webhook", self.webhook),
            ("Task created", self.create),
            ("Task status", self.follow),
        )

    def lock_key(self) -> str:
        key = self._deployment.identity.lock_key
        if not 0 < key < 2**63:
            raise CheckFailed(f"Lock key {key} is no positive bigint", "use another token")
        return f"Lock key valid: {key}"

    def tables(self) -> str:
        with self._deployment.database.transaction() as tx:
            rows = tx.all(_SQL["tables_present"], {"tables": list(TABLES)})
        missing = sorted(set(TABLES) - {row["table_name"] for row in rows})
        if missing:
            raise CheckFailed(
                f"Required tables missing: {', '.join(missing)}", "python run.py migrate"
            )
        return f"Required tables present: {', '.join(TABLES)}"

    def webhook(self) -> str:
        deployment = self._deployment
        try:
            if deployment.settings.mode == "polling":
                url = ask_telegram(deployment, current_url)
                if url:
                    raise CheckFailed(
                        f"the bot polls, but Telegram posts to {host_of(url)}",
                        "start the bot with --take-over to remove that webhook",
                    )
                return "Webhook: none, as polling needs it"
            return f"Webhook set: {shortened(ask_telegram(deployment, ensure))}"
        except Misconfigured as error:
            raise CheckFailed("; ".join(error.problems), "correct the setting") from None
        except SchemaMismatch as error:
            raise NotChecked(f"{error} (see Required tables)") from None
        except BotError as error:
            raise CheckFailed(
                f"Telegram does not take the webhook: {error}",
                "is WEBHOOK_BASE_URL a public https address?",
            ) from None

    def create(self) -> str:
        model = Catalogue.load().model(SAMPLE_MODEL)
        if model is None:
            raise NotChecked(f"{SAMPLE_MODEL} is not in the catalogue")
        sample = SampleJob(self._deployment, kie_client(self._deployment), model)
        sample.create()
        task = sample.wait_for_task()
        self._sample = sample
        return f"Task created: {task}"

    def follow(self) -> str:
        if self._sample is None:
            raise NotChecked("there is no task (see Task created)")
        row = self._sample.wait_for_end(spare=1.0)
        return f"Task status: {row['status']}"
