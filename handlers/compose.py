"""What a running bot consists of, put together in one place: every object with what it needs.

Nothing here decides anything. Read it to see who knows whom; start with ``compose``.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

import sql
from handlers import app as telegram_app
from handlers.app import Introduction, PollingMode, ShopWindow
from handlers.carry_out import Handling
from handlers.claims import Claims
from handlers.courier import Courier
from handlers.dialogue.facts import Support
from handlers.dispatcher import Dispatcher
from handlers.inbox import Inbox
from handlers.news import JobNews
from handlers.offers import offers_of
from handlers.outbox import Outbox
from handlers.polling import Polling
from handlers.sender import Sender
from handlers.webhook import Webhook
from handlers.webhook_setup import WebhookKeeper
from kie.callbacks import JobCallback, TaskCallback
from kie.catalogue import Catalogue
from kie.checkup import Checkup
from kie.client import KieClient
from kie.limiter import Limiter
from kie.poller import Poller
from kie.standing import Standing
from kie.submit import Submitter
from supervisor.clock import Clock
from supervisor.compete import Contender, Rules
from supervisor.db import Database, work_channel
from supervisor.health import Health
from supervisor.lock import LockTarget
from supervisor.loop import Supervisor
from supervisor.pulse import EVERY as PULSE_EVERY
from supervisor.pulse import Pulse
from supervisor.routes import Route
from supervisor.scheduler import Scheduler
from supervisor.secret import Secret
from supervisor.settings import Settings
from supervisor.tenure import Tools
from supervisor.threads import LoopService, Service, ServiceThread
from supervisor.timing import Timing
from supervisor.waker import Waker
from supervisor.wakeups import Wakeups
from supervisor.watchdog import HangGuard, Watchdog

#: Dispatcher, submitter, poller, sender, intake and pulse each need one at a time,
#: the pools of the first three a few more.
POOL_SIZE = 10


@dataclass(frozen=True, slots=True)
class Bot:
    """The parts that the daemon starts, stops and connects to the listener."""

    supervisor: Supervisor
    database: Database
    webhook: Route
    job_callback: Route
    task_callback: Route
    inbox: Inbox
    scheduler: Scheduler
    app: telegram_app.App
    waker: Waker

    def start(self) -> None:
        """What runs in every state: intake and timers."""
        self.scheduler.start()
        self.inbox.start()

    async def close(self) -> None:
        """After the supervisor has ended and the listener takes nothing more."""
        self.inbox.stop()
        await asyncio.to_thread(self.inbox.join, 3.0)
        self.scheduler.stop()
        await self.app.close()
        self.database.close()
        self.waker.close()


def compose(
    settings: Settings,
    dsn: Secret,
    *,
    clock: Clock,
    health: Health,
    loop: asyncio.AbstractEventLoop,
    take_over: bool,
    prepare: Callable[[Event], None],
    die: Callable[[str], None],
) -> Bot:
    """Everything, connected and not started. Raises ``Misconfigured``."""
    identity = settings.identity
    wakeups, waker, scheduler = Wakeups(), Waker(), Scheduler(clock)
    database = Database(
        dsn,
        size=POOL_SIZE,
        bot_id=identity.bot_id,
        fence_key=identity.fence_key,
        name=f"trt-work:{settings.instance_id}"[:63],
        wakeups=wakeups,
    )
    inbox = Inbox(database, identity.bot_id)
    app = telegram_app.build(settings.token, settings.telegram_api_url)
    crew = _Crew(settings, clock, health, loop, database, wakeups, scheduler, inbox, app, waker)
    pulse = Pulse(database, wakeups, health, identity.bot_id)
    scheduler.every("pulse", PULSE_EVERY, pulse.look, jitter=1.0)
    timing = Timing()
    tools = Tools(
        timing=timing,
        clock=clock,
        waker=waker,
        watchdog=Watchdog(clock),
        hang_guard=HangGuard(timing.hung),
        observer=health,
        wakeups=wakeups,
        services=crew.services(take_over=take_over),
        on_active=lambda *_: scheduler.call_later("first_pulse", 0.0, pulse.look),
        die=die,
    )
    target = LockTarget(
        dsn,
        identity.lock_key,
        identity.fence_key,
        identity.bot_id,
        settings.instance_id,
        work_channel(identity.bot_id),
    )
    force = settings.lock_mode == "wait_then_force"
    rules = Rules(
        stale_after=settings.lock_stale_idle_seconds,
        force_after=settings.lock_wait_seconds if force else None,
    )
    supervisor = Supervisor(
        contender=lambda on_passive: Contender(
            target,
            timing,
            rules,
            clock=clock,
            timer=scheduler,
            waker=waker,
            observer=health,
            release_claims=(sql.load("kie")["orphaned_submissions"],),
            on_passive=on_passive,
        ),
        tools=tools,
        database=database,
        prepare=prepare,
    )
    return Bot(
        supervisor=supervisor,
        database=database,
        webhook=Webhook(identity, inbox),
        job_callback=JobCallback(database, identity, settings.kie_hmac_key),
        task_callback=TaskCallback(database, identity.bot_id),
        inbox=inbox,
        scheduler=scheduler,
        app=app,
        waker=waker,
    )


@dataclass(frozen=True, slots=True)
class _Crew:
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
    waker: Waker

    def services(self, *, take_over: bool) -> Sequence[Service]:
        """In the order in which they start: those that finish old work come first."""
        settings, wake = self.settings, self.waker.wake
        catalogue = Catalogue.load()
        offers = offers_of(catalogue)
        support = Support(settings.support_telegram, settings.support_text)
        bot_id = settings.identity.bot_id
        outbox = Outbox(bot_id, settings.admin_ids)
        news = JobNews(outbox, offers)
        standing = Standing(lambda reason: self.health.report("kie", reason))
        window = ShopWindow(offers, support, standing.reason)
        client = KieClient(
            api_url=settings.kie_api_url,
            key=settings.kie_api_key,
            version=settings.version,
            limiter=Limiter(self.clock),
        )
        dispatcher = Dispatcher(
            database=self.database,
            bot_id=bot_id,
            wakeups=self.wakeups,
            clock=self.clock,
            handler=Handling(self.database, bot_id, outbox, window),
            on_failure=wake,
        )
        sender = Sender(
            claims=Claims(self.database, bot_id),
            courier=Courier(self.app.bot, client.download),
            clock=self.clock,
            wakeups=self.wakeups,
        )
        introduction = Introduction(self.app.bot, window, support, self.clock)
        return (
            LoopService("sender", sender.run, self.loop, on_failure=wake),
            *self._kie_services(client, catalogue, news, standing),
            dispatcher,
            LoopService("introduction", introduction.run, self.loop, on_failure=wake),
            self._receiver(take_over=take_over),
        )

    def _kie_services(
        self, client: KieClient, catalogue: Catalogue, news: JobNews, standing: Standing
    ) -> Sequence[Service]:
        identity, base_url = self.settings.identity, self.settings.base_url
        wake = self.waker.wake
        submitter = Submitter(
            database=self.database,
            client=client,
            catalogue=catalogue,
            news=news,
            standing=standing,
            wakeups=self.wakeups,
            clock=self.clock,
            bot_id=identity.bot_id,
            callback_url=lambda job: (
                None if base_url is None else identity.callback_url(base_url, job)
            ),
        )
        poller = Poller(
            database=self.database,
            client=client,
            news=news,
            standing=standing,
            wakeups=self.wakeups,
            timer=self.scheduler,
            clock=self.clock,
            bot_id=identity.bot_id,
        )
        checkup = Checkup(
            client=client,
            standing=standing,
            database=self.database,
            news=news,
            clock=self.clock,
        )
        return (
            ServiceThread("poller", poller.run, on_failure=wake),
            ServiceThread("submitter", submitter.run, on_failure=wake),
            ServiceThread("checkup", checkup.run, on_failure=wake),
        )

    def _receiver(self, *, take_over: bool) -> Service:
        settings = self.settings
        keeper = WebhookKeeper(
            api=self.app.bot,
            database=self.database,
            identity=settings.identity,
            clock=self.clock,
            base_url=settings.base_url,
            configured=lambda found: self.health.webhook(configured=found),
        )
        if settings.mode == "webhook":
            return LoopService("webhook", keeper.keep, self.loop, on_failure=self.waker.wake)
        polling = Polling(
            make_client=telegram_app.polling_client,
            api_url=settings.telegram_api_url,
            token=settings.token,
            inbox=self.inbox,
            clock=self.clock,
        )
        mode = PollingMode(keeper, polling, self.clock, take_over=take_over)
        return LoopService("polling", mode.run, self.loop, on_failure=self.waker.wake)
