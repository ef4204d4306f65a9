"""The services that act while ACTIVE, made from the parts that they share."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

from handlers.bot_api import client as telegram_app
from handlers.bot_api.files import TelegramFiles
from handlers.delivery.calls import Courier
from handlers.delivery.claims import Claims
from handlers.delivery.outbox import Outbox
from handlers.delivery.result_fetcher import Keeper
from handlers.delivery.result_store import Spool
from handlers.delivery.sender import Sender
from handlers.dialogue.facts import Payment, Support
from handlers.dialogue.offers import offers_of
from handlers.dialogue.shop_window import ShopWindow
from handlers.dispatch.dispatcher import WORKERS, Dispatcher
from handlers.dispatch.lanes import CHATS, PAYERS, Span
from handlers.dispatch.unit_of_work import Handling
from handlers.features.desk.overview_facts import Lookout
from handlers.features.results.news import JobNews
from handlers.intake.callback_answers import Presses
from handlers.intake.inbox import Inbox
from handlers.intake.polling import Polling
from handlers.intake.polling_mode import PollingMode
from handlers.intake.webhook_setup import WebhookKeeper
from handlers.operator.alerts import Alerts
from handlers.process.housekeeping import Housekeeping
from handlers.process.introduction import Introduction
from handlers.process.kie_client import kie_client
from kie.api.account_state import AccountState
from kie.api.client import KieClient
from kie.catalogue.availability import Availability
from kie.catalogue.catalogue import Catalogue
from kie.files.input_files import InputFiles
from kie.jobs.checkup import Checkup, OpenWork
from kie.jobs.poll_schedule import PollSchedule
from kie.jobs.poller import Poller
from kie.jobs.queue_notices import QueueNotices
from kie.jobs.submit import Submitter
from kie.money.audit import Audit
from supervisor.database.transactions import Database
from supervisor.health.health import Health
from supervisor.runtime.clock import Clock
from supervisor.runtime.scheduler import Scheduler
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import LoopService, Service, ServiceThread
from supervisor.runtime.wake_pipe import Waker
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.reader import Settings
from supervisor.telemetry.logs import Redactor


@dataclass(frozen=True, slots=True)
class Services:
    """The services that act while ACTIVE, from the parts that they share."""

    settings: Settings
    clock: Clock
    health: Health
    loop: asyncio.AbstractEventLoop
    database: Database
    wakeups: Wakeups
    scheduler: Scheduler
    inbox: Inbox
    app: telegram_app.App
    presses: Presses
    waker: Waker

    def services(self, *, take_over: bool) -> Sequence[Service]:
        """In the order in which they start: those that finish old work come first."""
        settings = self.settings
        catalogue = Catalogue.load()
        offers = offers_of(catalogue)
        support = Support(settings.support_telegram, settings.support_text)
        bot_id, admins = settings.identity.bot_id, settings.admin_ids
        redactor = Redactor()
        redactor.learn(settings.secrets)
        outbox = Outbox(bot_id, admins, redactor.clean)
        lookout = Lookout(settings.identity, self.health, redactor.clean)
        client = kie_client(settings, self.clock, self.health, self.wakeups)
        spool = Spool(settings.data_dir / f"spool-{bot_id}", client)
        keeper = Keeper(spool=spool, database=self.database, clock=self.clock, bot_id=bot_id)
        news = JobNews(outbox, offers, self._count_end, keeper.want)
        account = AccountState(lambda reason: self.health.report("kie", reason))
        availability = Availability(self.database, news, self.wakeups, self.clock, bot_id)
        window = ShopWindow(
            offers, support, account.reason, _payment(settings), admins, availability.snapshot
        )
        sender = Sender(
            claims=Claims(
                self.database, bot_id, self.health.metrics.credits_out.labels("paid").inc
            ),
            courier=Courier(self.app.bot, spool),
            clock=self.clock,
            wakeups=self.wakeups,
            metrics=self.health.metrics,
            on_answered=self.presses.answered,
        )
        housekeeping = Housekeeping(
            database=self.database,
            bot_id=bot_id,
            clock=self.clock,
            metrics=self.health.metrics,
        )
        introduction = Introduction(self.app.bot, window, support, self.clock)
        return (
            self._task("sender", sender.run),
            self._thread("availability", availability.run),
            *self._kie_services(client, catalogue, news, account, availability),
            *self._money_services(news),
            *self._dispatchers(outbox, window, lookout),
            self._task("introduction", introduction.run),
            self._receiver(outbox, take_over=take_over),
            self._thread("alerts", self._alerts(outbox).run),
            self._thread("keeper", keeper.run),
            self._thread("housekeeping", housekeeping.run),
        )

    def _thread(self, name: str, body: Callable[[Term, Gate, Event], None]) -> ServiceThread:
        return ServiceThread(name, body, on_failure=self.waker.wake, progress=self.health.progress)

    def _task(
        self, name: str, body: Callable[[Term, Gate, asyncio.Event], Coroutine[Any, Any, None]]
    ) -> LoopService:
        return LoopService(
            name, body, self.loop, on_failure=self.waker.wake, progress=self.health.progress
        )

    def _alerts(self, outbox: Outbox) -> Alerts:
        return Alerts(
            database=self.database,
            identity=self.settings.identity,
            outbox=outbox,
            health=self.health,
            clock=self.clock,
        )

    def _dispatchers(
        self, outbox: Outbox, window: ShopWindow, lookout: Lookout
    ) -> Sequence[Service]:
        """One for the chats, and one for who is about to pay: Telegram waits ten seconds."""
        bot_id, metrics = self.settings.identity.bot_id, self.health.metrics
        handling = Handling(self.database, bot_id, outbox, window, metrics, lookout)

        def dispatcher(span: Span, workers: int) -> Dispatcher:
            return Dispatcher(
                database=self.database,
                bot_id=bot_id,
                wakeups=self.wakeups,
                clock=self.clock,
                handler=handling,
                metrics=metrics,
                progress=self.health.progress,
                span=span,
                workers=workers,
                on_failure=self.waker.wake,
            )

        return (dispatcher(CHATS, WORKERS), dispatcher(PAYERS, 1))

    def _submitter(
        self,
        client: KieClient,
        catalogue: Catalogue,
        news: JobNews,
        account: AccountState,
        availability: Availability,
        schedule: PollSchedule,
    ) -> Submitter:
        identity, base_url = self.settings.identity, self.settings.base_url
        files = InputFiles(TelegramFiles(self.app.bot, self.loop), client.upload, self.clock)
        return Submitter(
            database=self.database,
            client=client,
            catalogue=catalogue,
            news=news,
            account=account,
            wakeups=self.wakeups,
            clock=self.clock,
            bot_id=identity.bot_id,
            callback_url=lambda job: (
                None if base_url is None else identity.callback_url(base_url, job)
            ),
            first_look=schedule.first_look,
            withdraw=availability.withdraw,
            accepted=availability.accepted,
            resolve=files.resolve,
        )

    def _kie_services(
        self,
        client: KieClient,
        catalogue: Catalogue,
        news: JobNews,
        account: AccountState,
        availability: Availability,
    ) -> Sequence[Service]:
        identity = self.settings.identity
        metrics, schedule = self.health.metrics, PollSchedule(self.clock)
        submitter = self._submitter(client, catalogue, news, account, availability, schedule)
        poller = Poller(
            database=self.database,
            client=client,
            news=news,
            account=account,
            schedule=schedule,
            wakeups=self.wakeups,
            timer=self.scheduler,
            clock=self.clock,
            bot_id=identity.bot_id,
            measure=metrics.job_polls.observe,
        )
        checkup = Checkup(
            client=client,
            account=account,
            database=self.database,
            news=news,
            clock=self.clock,
            bot_id=identity.bot_id,
            measure=self._measure_jobs,
        )
        return (
            self._thread("poller", poller.run),
            self._thread("submitter", submitter.run),
            self._thread("checkup", checkup.run),
        )

    def _money_services(self, news: JobNews) -> Sequence[Service]:
        bot_id = self.settings.identity.bot_id
        queue = QueueNotices(
            database=self.database,
            news=news,
            wakeups=self.wakeups,
            clock=self.clock,
            bot_id=bot_id,
        )
        audit = Audit(
            database=self.database,
            alerts=news,
            metrics=self.health.metrics,
            timer=self.scheduler,
            clock=self.clock,
            bot_id=bot_id,
        )
        return (
            self._thread("queue", queue.run),
            self._thread("audit", audit.run),
        )

    def _count_end(self, state: str, model: str) -> None:
        self.health.metrics.jobs_ended.labels(state, model).inc()

    def _measure_jobs(self, found: OpenWork) -> None:
        metrics = self.health.metrics
        metrics.orphan_callbacks.set(found.orphans)
        metrics.jobs.clear()
        for (state, model), count in found.jobs.items():
            metrics.jobs.labels(state, model).set(count)

    def _receiver(self, outbox: Outbox, *, take_over: bool) -> Service:
        settings = self.settings
        keeper = WebhookKeeper(
            api=self.app.bot,
            database=self.database,
            identity=settings.identity,
            clock=self.clock,
            base_url=settings.base_url,
            configured=lambda found: self.health.webhook(configured=found),
            trouble=lambda reason: self.health.report("webhook", reason),
            alert=outbox.notice,
        )
        if settings.mode == "webhook":
            return self._task("webhook", keeper.keep)
        polling = Polling(
            make_client=telegram_app.polling_client,
            api_url=settings.telegram_api_url,
            token=settings.token,
            inbox=self.inbox,
            clock=self.clock,
            metrics=self.health.metrics,
            trouble=lambda reason: self.health.report("polling", reason),
        )
        mode = PollingMode(keeper, polling, take_over=take_over)
        return self._task("polling", mode.run)


def _payment(settings: Settings) -> Payment:
    return Payment(
        settings.payment_bank,
        settings.payment_card,
        settings.payment_card_holder,
        settings.payment_phone,
    )
