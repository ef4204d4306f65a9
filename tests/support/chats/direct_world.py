"""Direct handling with a clock, an inbox and a database that do as they are told."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

from handlers.dialogue.incoming import Incoming
from handlers.direct.crash_note import CrashNote
from handlers.direct.direct_handling import SOON, DirectHandling
from handlers.direct.direct_work import DirectWork, NewUpdate
from handlers.dispatch.dispatcher import Dispatcher
from handlers.intake.envelope import opened
from handlers.intake.inbox import Inbox
from handlers.intake.store_request import StoreRequest
from supervisor.runtime.errors import BotError
from supervisor.runtime.term import Gate, Term
from supervisor.telemetry.metrics import Metrics
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.fakes import FakeClock
from tests.support.machine.waiting import until, within

TERM = Term(1, cast("Any", "token"))


class World:
    """All that direct handling sees."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.free = True  #: whether lanes can be reserved
        self.ended: list[tuple[list[int], bool]] = []  #: lanes of reservations, and whether stored
        self.acknowledged: list[int] = []  #: as handled
        self.stored: list[int] = []
        self.is_offered = False
        self.batches: list[list[int]] = []
        self.workers: list[str] = []  #: who handled each of them
        self.waited: dict[int, float] = {}
        self.left_over = False
        self.note_fails: BotError | None = None
        self.notes: list[str] = []
        self.fails: Exception | None = None
        self.leaves: set[int] = set()  #: updates that the database says are known
        self.go_on = threading.Event()
        self.go_on.set()
        self.stores_at_once = True
        self.returned: list[StoreRequest] = []
        self.tells_at_once = True
        self.to_tell: list[Callable[[], None]] = []
        self.loop = asyncio.new_event_loop()
        itself = cast("Any", self)
        self.direct = DirectHandling(
            inbox=cast("Inbox", itself),
            dispatcher=cast("Dispatcher", itself),
            work=cast("DirectWork", itself),
            spends=self._spends,
            note=cast("CrashNote", itself),
            metrics=Metrics(),
            clock=self.clock,
        )
        self._reserved = 0

    # the dispatcher
    def reserve(self, lane: int) -> int | None:
        self._reserved += 1
        return self._reserved if self.free else None

    def end_reservations(self, reserved: Sequence[tuple[int, int]], *, stored: bool) -> None:
        self.ended.append(([lane for lane, _ in reserved], stored))

    # the inbox
    def hand_to(self, direct: Any) -> None:
        self.is_offered = direct is not None

    def put_back(self, requests: Sequence[StoreRequest]) -> None:
        self.stored += [each.envelopes[0].update_id or 0 for each in requests]
        self.returned += requests
        if self.stores_at_once:
            self.store()

    def handled(self, requests: Sequence[StoreRequest], told: Callable[[], None]) -> None:
        self.acknowledged += [each.envelopes[0].update_id or 0 for each in requests]
        if self.tells_at_once:
            asyncio.run(self._rounds(told))
        else:
            self.to_tell.append(told)

    async def _rounds(self, told: Callable[[], None]) -> None:
        """The event loop's, until nothing more comes."""
        told()
        until_idle = 8
        for _ in range(until_idle):
            await asyncio.sleep(0)

    def store(self) -> None:
        for each in self.returned:
            each.ended()
        self.returned.clear()

    # the transaction
    def handle(self, term: Term, updates: Sequence[NewUpdate]) -> Sequence[NewUpdate]:
        self.waited.update({each.update_id: each.waited for each in updates})
        self.workers.append(threading.current_thread().name)
        self.batches.append([each.update_id for each in updates])
        assert within(self.go_on.wait, 60)
        if self.fails is not None:
            raise self.fails
        return [each for each in updates if each.update_id not in self.leaves]

    # the note
    def write(self, term: Term) -> bool:
        if self.note_fails is not None:
            raise self.note_fails
        self.notes.append("written")
        return self.left_over

    def remove(self) -> None:
        self.notes.append(f"removed after {len(self.stored)}")

    def _spends(self, incoming: Incoming) -> bool:
        if getattr(incoming, "text", "") == "breaks":
            raise LookupError("a mistake of a feature")
        return getattr(incoming, "text", "") == "spends"

    def _begun(self, count: int) -> bool:
        return len(self.batches) == count

    # what a test does
    def start(self) -> None:
        self.direct.start(TERM, Gate(self.clock))
        until(lambda: self.notes, 10, "it has begun")
        until(lambda: self.direct._noted, 10, "it has noted that")

    def stop(self) -> None:
        self.direct.stop()
        self.go_on.set()
        assert within(self.direct.join, 10)
        assert self.direct.failure is None

    def sent(self, number: int, text: str = "/help") -> bool:
        envelope, update = opened(
            telegram.raw(telegram.message(number, update_id=number, text=text))
        )
        request = StoreRequest((envelope,), lambda _: None, self.loop, 0.0, update=update)
        return self.direct.takes(request)

    def busy(self, *numbers: int) -> None:
        """All workers have one of these in work."""
        self.go_on.clear()
        for count, number in enumerate(numbers, 1):
            assert self.sent(number)
            # Another worker begins only while the first one takes longer.
            self.clock.time += 2 * SOON
            until(partial(self._begun, count), 10, "a worker has it")
