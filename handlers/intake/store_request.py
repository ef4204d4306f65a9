"""What waits to be committed, by the inbox or by direct handling, and for how long."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from handlers.intake.envelope import Envelope
from supervisor.runtime.errors import BotError, Unavailable

COMMIT_WITHIN = 10.0  #: seconds; Telegram itself would wait 60

#: Called once, in the event loop; None: stored.
Done = Callable[[BotError | None], None]


@dataclass(slots=True)
class StoreRequest:
    """Updates of one caller, and whom to tell when they are stored."""

    envelopes: Sequence[Envelope]
    done: Done
    loop: asyncio.AbstractEventLoop
    expires: float  #: when its caller has waited for long enough, by the clock of the loop
    error: BotError | None = None
    told: bool = False
    #: The JSON of its only update, while that may be handled by the transaction that stores it.
    update: Any = None
    taken: float = 0.0  #: when ``Direct`` has taken it, by the clock of the process
    #: Called when the attempt to store it has ended, before its caller is told. In any thread.
    ended: Callable[[], None] = lambda: None

    @classmethod
    def made(cls, envelopes: Sequence[Envelope], done: Done) -> Self:
        """In the loop of its caller."""
        loop = asyncio.get_running_loop()
        return cls(envelopes, done, loop, loop.time() + COMMIT_WITHIN)

    @property
    def size(self) -> int:
        """Of the bodies, in characters: close enough to bytes for a bound."""
        return sum(len(each.body) for each in self.envelopes)

    def tell(self, error: BotError | None) -> None:
        """Only the first call counts. In the loop."""
        if not self.told:
            self.told, self.update = True, None
            self.done(error)


class Direct(Protocol):
    """Handles updates by the transaction that stores them; ``DirectHandling`` in production."""

    def takes(self, request: StoreRequest) -> bool:
        """Whether it takes this update, and ends the request by ``Inbox.handled`` or
        ``Inbox.put_back``. In the loop; returns at once."""
        ...


class Patience:
    """Tells callers that have waited for too long: one timer for all of them, as all have the same
    time. Used from one event loop at a time."""

    def __init__(self) -> None:
        self._expected: deque[StoreRequest] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def expect(self, request: StoreRequest) -> None:
        """It is told at the end of its time, if it was not told before."""
        self._forget_told()
        self._expected.append(request)
        if self._timer is None or self._loop is not request.loop:
            self._loop = request.loop
            self._timer = request.loop.call_at(request.expires, self._end)

    def _end(self) -> None:
        self._timer = None
        self._forget_told()
        while self._expected:
            request = self._expected[0]
            if request.expires > request.loop.time():
                self._timer = request.loop.call_at(request.expires, self._end)
                return
            request.tell(Unavailable("the inbox was not committed in time", retry_after=1))
            self._forget_told()

    def _forget_told(self) -> None:
        while self._expected and self._expected[0].told:
            self._expected.popleft()
