"""The composition root: every object of a running bot, connected with what it needs.

Start with ``compose``. Nothing here decides anything. What only the ACTIVE instance needs is
imported and made by ``services.py``, when ``on_demand.py`` asks for it.
"""

import asyncio
import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from threading import Event

from loguru import logger

from handlers.bot_api.client import client_over, expect_ptb
from handlers.bot_api.endpoint import Endpoints
from handlers.intake.callback_answers import CallbackAnswers
from handlers.intake.inbox import Inbox
from handlers.intake.token_evidence import has_worked
from handlers.intake.webhook import Webhook
from handlers.process.memory import unmap_code
from handlers.process.on_demand import OnDemand
from handlers.process.rehearsal import rehearse
from handlers.process.shared_parts import RELEASE_CLAIMS, SharedParts
from kie.catalogue.catalogue import Catalogue
from kie.jobs.callbacks import JobCallback, TaskCallback
from supervisor.database.pool import REFRESH
from supervisor.database.transactions import Database
from supervisor.health.gauge_sampler import SAMPLE_EVERY, GaugeSampler
from supervisor.health.health import Health
from supervisor.http.routes import Route
from supervisor.http.short_way import ShortRoute
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
from supervisor.runtime.wakeups import Wakeups, work_channel
from supervisor.settings.reader import Settings

#: Dispatchers, submitter, poller, sender, intake, presses, housekeeping and gauges each need one
#: connection at a time, the worker pools of the first three a few more.
POOL_SIZE = 13
#: Seconds as PASSIVE after which another process tries whether the services can be loaded. Later
#: than the first look at the gauges, which loads them if somebody writes to the bot, and longer
#: than the wait of a restart or a quick deploy.
REHEARSAL_AFTER = 5.0  #: also until the code that only the start runs is unmapped


@dataclass(frozen=True, slots=True)
class Bot:
    """The parts that the daemon starts and stops, and the routes for its listener."""

    supervisor: Supervisor
    database: Database
    webhook: ShortRoute
    job_callback: Route
    task_callback: Route
    inbox: Inbox
    callback_answers: CallbackAnswers
    scheduler: Scheduler
    endpoints: Endpoints
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
        await self.endpoints.main.close()
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
    endpoints = _endpoints(settings, database, clock, health)
    answers = CallbackAnswers(
        database, identity.bot_id, endpoints.main.answer_press, health.metrics
    )
    # ``services`` is made below. Where somebody writes, the next holder has to answer at once.
    inbox = _inbox(database, identity.bot_id, health, answers, lambda: _traffic(services))
    # A catalogue that cannot be read ends the process now, not when it has taken over.
    catalogue = Catalogue.load()
    parts = SharedParts(
        *(settings, catalogue, clock, health, loop, database, wakeups, scheduler, inbox),
        *(endpoints, answers, pipe),
    )
    services = _services(parts, take_over, lambda error: supervisor.fail(error))
    supervisor = _supervisor(
        *(settings, dsn, parts),
        services=(services,),
        on_entry=_timers(parts, services),
        on_waiting=lambda: _waits(scheduler, services),
        prepare=prepare,
        die=die,
    )
    logger.info("[BUILD] Application created successfully")
    return Bot(
        supervisor=supervisor,
        database=database,
        webhook=Webhook(identity, inbox),
        job_callback=JobCallback(database, identity, settings.kie_hmac_key),
        task_callback=TaskCallback(database, identity.bot_id, settings.kie_hmac_key),
        inbox=inbox,
        callback_answers=answers,
        scheduler=scheduler,
        endpoints=endpoints,
        wake_pipe=pipe,
    )


def _services(
    parts: SharedParts, take_over: bool, on_failure: Callable[[BaseException], None]
) -> OnDemand:
    """``on_failure``: an instance whose services cannot be made must not take over."""

    def make() -> Sequence[Service]:
        # Imported here: an instance that only waits needs neither.
        from handlers.process.services import Services

        telegram = client_over(parts.endpoints, parts.settings.token)
        shared = {each.name: getattr(parts, each.name) for each in fields(parts)}
        made = Services(**shared, telegram=telegram).services(take_over=take_over)
        # These objects live as long as the process.
        gc.freeze()
        parts.scheduler.call_later("unmap_code", REHEARSAL_AFTER, unmap_code)
        return made

    return OnDemand(
        make,
        clock=parts.clock,
        progress=parts.health.progress,
        on_failure=on_failure,
        rehearsal=rehearse,
    )


def _traffic(services: OnDemand) -> None:
    services.expect()
    expect_ptb()


def _waits(scheduler: Scheduler, services: OnDemand) -> None:
    scheduler.call_later("rehearsal", REHEARSAL_AFTER, services.rehearse)
    scheduler.call_later("unmap_code", REHEARSAL_AFTER, unmap_code)


def _timers(parts: SharedParts, services: OnDemand) -> Callable[[], None]:
    """Begin the repeated jobs of every state. Returns a function that asks for the gauges now."""
    bot_id = parts.settings.identity.bot_id
    expect = partial(_traffic, services)
    sampler = GaugeSampler(parts.database, parts.wakeups, parts.health, bot_id, expect)
    parts.scheduler.every("gauges", SAMPLE_EVERY, sampler.turn, jitter=1.0)
    parts.scheduler.every("sessions", REFRESH, parts.database.refresh, jitter=2.0)
    return lambda: parts.scheduler.call_later("first_gauges", 0.0, sampler.look)


def _endpoints(settings: Settings, database: Database, clock: Clock, health: Health) -> Endpoints:
    bot_id = settings.identity.bot_id
    return Endpoints(
        settings.token,
        settings.telegram_api_url,
        outgoing=settings.outgoing,
        clock=clock,
        has_worked=lambda: has_worked(database, bot_id),
        trouble=lambda reason: health.report("telegram", reason),
    )


def _inbox(
    database: Database,
    bot_id: int,
    health: Health,
    callback_answers: CallbackAnswers,
    on_stored: Callable[[], None],
) -> Inbox:
    return Inbox(
        database,
        bot_id,
        metrics=health.metrics,
        on_press=callback_answers.expect,
        on_stored=on_stored,
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
    parts: SharedParts,
    *,
    services: Sequence[Service],
    on_entry: Callable[[], None],
    on_waiting: Callable[[], None],
    prepare: Callable[[Event], None],
    die: Callable[[str], None],
) -> Supervisor:
    """The supervisor, which holds the lock and starts and stops ``services``. ``on_entry`` is
    called when this instance becomes PASSIVE or ACTIVE, ``on_waiting`` when it becomes PASSIVE."""
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
        on_active=lambda *_: on_entry(),
        end_work=parts.database.end_term,
        die=die,
        silence=parts.health.progress.overdue,
    )

    def passive(on_passive: Callable[[], None]) -> None:
        for act in (on_passive, on_entry, on_waiting):
            act()

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
            on_passive=lambda: passive(on_passive),
            make_room=parts.database.make_room,
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
