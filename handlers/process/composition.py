"""The composition root: every object of a running bot, connected with what it needs.

Start with ``compose``. Nothing here decides anything.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

from handlers.bot_api.client import TelegramClient, build_client
from handlers.intake.callback_answers import CallbackAnswers
from handlers.intake.inbox import Inbox
from handlers.intake.token_evidence import has_worked
from handlers.intake.webhook import Webhook
from handlers.process.services import RELEASE_CLAIMS, Services
from kie.jobs.callbacks import JobCallback, TaskCallback
from supervisor.database.transactions import Database, work_channel
from supervisor.health.gauge_sampler import SAMPLE_EVERY, GaugeSampler
from supervisor.health.health import Health
from supervisor.http.routes import Route
from supervisor.lock.candidate import Candidate
from supervisor.lock.eviction import Rules
from supervisor.lock.protocol import LockTarget
from supervisor.lock.supervisor import Supervisor
from supervisor.lock.term_holder import Tools
from supervisor.lock.timing import Timing
from supervisor.lock.watchdog import HangGuard, Watchdog
from supervisor.runtime.clock import Clock
from supervisor.runtime.scheduler import Scheduler
from supervisor.runtime.secret import Secret
from supervisor.runtime.threads import Service
from supervisor.runtime.wake_pipe import WakePipe
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.reader import Settings

#: Dispatchers, submitter, poller, sender, intake, presses, housekeeping and gauges each need one
#: connection at a time, the worker pools of the first three a few more.
POOL_SIZE = 13


@dataclass(frozen=True, slots=True)
class Bot:
    """The parts that the daemon starts and stops, and the routes for its listener."""

    supervisor: Supervisor
    database: Database
    webhook: Route
    job_callback: Route
    task_callback: Route
    inbox: Inbox
    callback_answers: CallbackAnswers
    scheduler: Scheduler
    telegram: TelegramClient
    wake_pipe: WakePipe

    def start(self) -> None:
        """What runs in every state: intake and timers."""
        self.scheduler.start()
        self.inbox.start()

    async def close(self) -> None:
        """Call it after the end of the supervisor and of the listener."""
        self.inbox.stop()
        await asyncio.to_thread(self.inbox.join, 3.0)
        await self.callback_answers.close()
        self.scheduler.stop()
        await self.telegram.close()
        self.database.close()
        self.wake_pipe.close()


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
    """All parts, connected and not started. Raises ``Misconfigured``."""
    identity = settings.identity
    wakeups, pipe, scheduler = Wakeups(), WakePipe(), Scheduler(clock)
    database = _database(settings, dsn, wakeups, health)
    telegram = _telegram(settings, database, clock, health)
    answer = telegram.bot.answer_callback_query
    answers = CallbackAnswers(database, identity.bot_id, answer, health.metrics)
    inbox = _inbox(database, identity.bot_id, health, answers)
    parts = Services(
        settings, clock, health, loop, database, wakeups, scheduler, inbox, telegram, answers, pipe
    )
    sampler = GaugeSampler(database, wakeups, health, identity.bot_id)
    scheduler.every("gauges", SAMPLE_EVERY, sampler.look, jitter=1.0)
    supervisor = _supervisor(
        settings,
        dsn,
        parts,
        services=parts.services(take_over=take_over),
        on_active=lambda: scheduler.call_later("first_gauges", 0.0, sampler.look),
        prepare=prepare,
        die=die,
    )
    return Bot(
        supervisor=supervisor,
        database=database,
        webhook=Webhook(identity, inbox),
        job_callback=JobCallback(database, identity, settings.kie_hmac_key),
        task_callback=TaskCallback(database, identity.bot_id, settings.kie_hmac_key),
        inbox=inbox,
        callback_answers=answers,
        scheduler=scheduler,
        telegram=telegram,
        wake_pipe=pipe,
    )


def _telegram(
    settings: Settings, database: Database, clock: Clock, health: Health
) -> TelegramClient:
    bot_id = settings.identity.bot_id
    return build_client(
        settings.token,
        settings.telegram_api_url,
        outgoing=settings.outgoing,
        clock=clock,
        has_worked=lambda: has_worked(database, bot_id),
        trouble=lambda reason: health.report("telegram", reason),
    )


def _inbox(
    database: Database, bot_id: int, health: Health, callback_answers: CallbackAnswers
) -> Inbox:
    return Inbox(
        database,
        bot_id,
        metrics=health.metrics,
        on_press=callback_answers.expect,
        refused=health.intake,
        progress=health.progress,
    )


def _database(settings: Settings, dsn: Secret, wakeups: Wakeups, health: Health) -> Database:
    return Database(
        dsn,
        size=POOL_SIZE,
        bot_id=settings.identity.bot_id,
        fence_key=settings.identity.fence_key,
        name=f"trt-work:{settings.instance_id}"[:63],
        wakeups=wakeups,
        on_refusal=health.metrics.fence_refusals.inc,
        metrics=health.metrics.pool,
        step=health.progress.step,
    )


def _supervisor(
    settings: Settings,
    dsn: Secret,
    parts: Services,
    *,
    services: Sequence[Service],
    on_active: Callable[[], None],
    prepare: Callable[[Event], None],
    die: Callable[[str], None],
) -> Supervisor:
    """The supervisor, which holds the lock and starts and stops ``services``."""
    timing = Timing()
    tools = Tools(
        timing=timing,
        clock=parts.clock,
        wake_pipe=parts.wake_pipe,
        watchdog=Watchdog(parts.clock, silence=parts.health.progress.overdue, die=die),
        hang_guard=HangGuard(timing.hung),
        observer=parts.health,
        wakeups=parts.wakeups,
        services=services,
        on_active=lambda *_: on_active(),
        end_work=parts.database.end_term,
        die=die,
        silence=parts.health.progress.overdue,
    )
    return Supervisor(
        candidate=lambda on_passive: Candidate(
            _target(settings, dsn, parts.database),
            timing,
            _rules(settings),
            clock=parts.clock,
            timer=parts.scheduler,
            wake_pipe=parts.wake_pipe,
            observer=parts.health,
            release_claims=RELEASE_CLAIMS,
            on_passive=on_passive,
        ),
        tools=tools,
        database=parts.database,
        prepare=prepare,
    )


def _target(settings: Settings, dsn: Secret, database: Database) -> LockTarget:
    identity = settings.identity
    return LockTarget(
        dsn,
        identity.lock_key,
        identity.fence_key,
        identity.bot_id,
        settings.instance_id,
        work_channel(identity.bot_id),
        database.current_server,
    )


def _rules(settings: Settings) -> Rules:
    force = settings.lock_mode == "wait_then_force"
    return Rules(
        stale_after=settings.lock_stale_idle_seconds,
        force_after=settings.lock_wait_seconds if force else None,
    )
