"""The parts of a process that its services share."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from threading import Event
from typing import Any

import sql
from handlers.bot_api.endpoint import Endpoints
from handlers.intake.callback_answers import CallbackAnswers
from handlers.intake.inbox import Inbox
from handlers.process.restarting import Body, ThreadBody, restarting, restarting_in_thread
from kie.catalogue.catalogue import Catalogue
from supervisor.database.transactions import Database
from supervisor.health.health import Health
from supervisor.runtime.clock import Clock
from supervisor.runtime.scheduler import Scheduler
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import LoopService, ServiceThread
from supervisor.runtime.wake_pipe import WakePipe
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.reader import Settings

#: The statements that release claims of earlier terms; the sender releases those of deliveries.
RELEASE_CLAIMS = (sql.load("submission")["orphaned_submissions"],)
CLAIMS_ARE_LEFT = sql.load("submission")["orphans_are_left"]


@dataclass(frozen=True, slots=True)
class SharedParts:
    """Made once per process and used by the services of every term."""

    settings: Settings
    catalogue: Catalogue
    clock: Clock
    health: Health
    loop: asyncio.AbstractEventLoop
    database: Database
    wakeups: Wakeups
    scheduler: Scheduler
    inbox: Inbox
    endpoints: Endpoints
    callback_answers: CallbackAnswers
    wake_pipe: WakePipe

    def thread(self, name: str, body: Callable[[Term, Gate, Event], None]) -> ServiceThread:
        """The service that runs ``body`` in a thread of its own."""
        return ServiceThread(
            name, body, on_failure=self.wake_pipe.wake, progress=self.health.progress
        )

    def task(
        self, name: str, body: Callable[[Term, Gate, asyncio.Event], Coroutine[Any, Any, None]]
    ) -> LoopService:
        """The service that runs ``body`` in the event loop."""
        return LoopService(
            name, body, self.loop, on_failure=self.wake_pipe.wake, progress=self.health.progress
        )

    def restarting_task(self, name: str, body: Body) -> LoopService:
        """The same, restarted after an error that an unforeseen answer of Telegram may raise."""
        return self.task(name, restarting(name, body, self.clock, self.health.begins_again))

    def restarting_thread(self, name: str, body: ThreadBody) -> ServiceThread:
        """As ``thread``, restarted after an error that an odd row or a mistake may raise."""
        return self.thread(
            name, restarting_in_thread(name, body, self.clock, self.health.begins_again)
        )
