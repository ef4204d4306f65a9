"""The services that work with kie.ai: submit jobs, poll for their end, count and audit."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.bot_api.client import TelegramClient
from handlers.bot_api.files import TelegramFiles
from handlers.features.results.news import JobNews
from handlers.process.shared_parts import SharedParts
from kie.api.client import KieClient
from kie.catalogue.availability import Availability
from kie.catalogue.catalogue import Catalogue
from kie.files.input_files import InputFiles
from kie.jobs.account_state import AccountState
from kie.jobs.checkup import Checkup, OpenWork
from kie.jobs.poll_schedule import PollSchedule
from kie.jobs.poller import Poller
from kie.money.audit import Audit
from kie.submission.queue_notices import QueueNotices
from kie.submission.submitter import Submitter
from supervisor.runtime.threads import Service


@dataclass(frozen=True, slots=True)
class KieServices:
    """Makes the services from the parts of the process."""

    parts: SharedParts
    telegram: TelegramClient
    client: KieClient
    catalogue: Catalogue
    news: JobNews
    account: AccountState
    availability: Availability

    def services(self) -> Sequence[Service]:
        """In the order in which they start."""
        return (*self._jobs(), *self._queue_and_audit())

    def _uploads(self) -> InputFiles:
        telegram_files = TelegramFiles(
            self.telegram.bot,
            self.telegram.endpoint,
            self.parts.loop,
            trouble=lambda reason: self.parts.health.report("files", reason),
            step=self.parts.health.progress.step,
        )
        return InputFiles(telegram_files, self.client.upload, self.parts.clock)

    def _submitter(self, schedule: PollSchedule, uploads: InputFiles) -> Submitter:
        identity, base_url = self.parts.settings.identity, self.parts.settings.base_url
        return Submitter(
            database=self.parts.database,
            client=self.client,
            catalogue=self.catalogue,
            news=self.news,
            account=self.account,
            wakeups=self.parts.wakeups,
            clock=self.parts.clock,
            bot_id=identity.bot_id,
            callback_url=lambda job: (
                None if base_url is None else identity.callback_url(base_url, job)
            ),
            first_look=schedule.first_look,
            withdraw=self.availability.refused,
            accepted=self.availability.accepted,
            resolve=uploads.resolve,
            doubt=uploads.doubt,
            progress=self.parts.health.progress,
        )

    def _jobs(self) -> Sequence[Service]:
        identity = self.parts.settings.identity
        metrics, schedule = self.parts.health.metrics, PollSchedule(self.parts.clock)
        uploads = self._uploads()
        submitter = self._submitter(schedule, uploads)
        poller = Poller(
            database=self.parts.database,
            client=self.client,
            news=self.news,
            account=self.account,
            schedule=schedule,
            wakeups=self.parts.wakeups,
            timer=self.parts.scheduler,
            clock=self.parts.clock,
            bot_id=identity.bot_id,
            measure=metrics.job_polls.observe,
            cost=lambda job: self.catalogue.cost(job.model, job.inputs),
            doubt=uploads.doubt,
            progress=self.parts.health.progress,
        )
        checkup = Checkup(
            client=self.client,
            account=self.account,
            database=self.parts.database,
            news=self.news,
            clock=self.parts.clock,
            bot_id=identity.bot_id,
            measure=self._measure_jobs,
            reachable=lambda reason: self.parts.health.report("kie-reach", reason),
            left=metrics.kie_credits.set,
            wakeups=self.parts.wakeups,
        )
        return (
            self.parts.thread("poller", poller.run),
            self.parts.thread("submitter", submitter.run),
            self.parts.restarting_thread("checkup", checkup.run),
        )

    def _queue_and_audit(self) -> Sequence[Service]:
        bot_id = self.parts.settings.identity.bot_id
        queue = QueueNotices(
            database=self.parts.database,
            news=self.news,
            wakeups=self.parts.wakeups,
            clock=self.parts.clock,
            bot_id=bot_id,
        )
        audit = Audit(
            database=self.parts.database,
            alerts=self.news,
            metrics=self.parts.health.metrics,
            timer=self.parts.scheduler,
            clock=self.parts.clock,
            bot_id=bot_id,
        )
        return (
            self.parts.restarting_thread("queue", queue.run),
            self.parts.restarting_thread("audit", audit.run),
        )

    def _measure_jobs(self, found: OpenWork) -> None:
        metrics = self.parts.health.metrics
        metrics.orphan_callbacks.set(found.orphans)
        metrics.jobs.clear()
        for (state, model), count in found.jobs.items():
            metrics.jobs.labels(state, model).set(count)
