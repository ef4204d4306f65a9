"""Makes the services that handle updates: directly, and from the table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from handlers.direct.crash_note import CrashNote
from handlers.direct.direct_handling import DirectHandling
from handlers.direct.direct_work import DirectWork
from handlers.dispatch.begun_updates import BegunUpdates
from handlers.dispatch.dispatcher import WORKERS, Dispatcher
from handlers.dispatch.feature import Installation
from handlers.dispatch.lanes import CHATS, PAYERS, LaneRange
from handlers.dispatch.routing import Router
from handlers.dispatch.unit_of_work import UnitOfWork
from handlers.intake.inbox import Inbox
from handlers.shop.shop import Shop
from supervisor.database.transactions import Database
from supervisor.runtime.clock import Clock
from supervisor.runtime.progress import Progress
from supervisor.runtime.threads import Service
from supervisor.runtime.wakeups import Wakeups


@dataclass(frozen=True, slots=True)
class Dispatchers:
    """One dispatcher for the chats, with direct handling, and one for payments: Telegram waits for
    their answer for ten seconds."""

    database: Database
    inbox: Inbox
    wakeups: Wakeups
    clock: Clock
    progress: Progress
    on_failure: Callable[[], None]
    installation: Installation
    router: Router
    shop: Callable[[], Shop]

    def services(self) -> Sequence[Service]:
        work = UnitOfWork(self.database, self.installation, self.router, self.shop)
        outbox, bot_id = self.installation.outbox, self.installation.bot_id
        begun = BegunUpdates(self.database, outbox, bot_id, self.clock)
        chats = self._dispatcher(work, begun, CHATS, WORKERS)
        return (chats, self._dispatcher(work, begun, PAYERS, 1), self._direct(work, chats))

    def _dispatcher(
        self, work: UnitOfWork, begun: BegunUpdates, lane_range: LaneRange, workers: int
    ) -> Dispatcher:
        return Dispatcher(
            database=self.database,
            bot_id=self.installation.bot_id,
            wakeups=self.wakeups,
            clock=self.clock,
            handler=work,
            begun=begun,
            metrics=self.installation.metrics,
            progress=self.progress,
            lane_range=lane_range,
            workers=workers,
            on_failure=self.on_failure,
        )

    def _direct(self, work: UnitOfWork, chats: Dispatcher) -> DirectHandling:
        identity, outbox = self.installation.identity, self.installation.outbox
        return DirectHandling(
            inbox=self.inbox,
            dispatcher=chats,
            work=DirectWork(self.database, identity, outbox, work),
            spends=self.router.spends,
            note=CrashNote(self.database, identity.bot_id),
            metrics=self.installation.metrics,
            clock=self.clock,
            progress=self.progress,
            on_failure=self.on_failure,
        )
