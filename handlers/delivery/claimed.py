"""Claimed deliveries, the context of their calls, and early claims: those of the transaction that
writes a delivery.

An answer that may be sent at once need not wait for a look at the table: one commit and four round
trips less. The intent is still committed before the call, since the row is written as ``sending``,
with the token of its term.

Rules

1. Only answers are claimed early, while the sender of the same term works: one per line of a chat,
   and only if the line has no open delivery and the chat may be written to now.
2. The line and a slot are reserved before the statement. The sender claims nothing of a reserved
   line. Half of its slots are never reserved, so what waits in the table gets its turn; a look
   claims for the other half at the most, since reservations are made while it goes on.
3. A reservation ends when the sender begins the delivery, or when the transaction fails. After a
   commit without an answer a row may be claimed without anybody knowing. The sender undoes such
   claims (``Claims.unclaim``) while nothing is reserved. A commit that is made later than that is
   found by the next look: it sees a claim of this term that nobody sends and nobody has reserved.
4. When a term ends, nothing is reserved any more, and what transactions under way have claimed is
   given back untried. A claim whose sender has ended meanwhile is left to the next term, as an
   interrupted delivery.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

from handlers.bot_api.calls import replying_to, result_of
from handlers.bot_api.gate_hook import before_first_byte
from handlers.delivery.outcome import NotBegun
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.term import Gate, Term

#: Seconds of trust that must be left. For a call that takes longer the claim is the record.
NEED = 2.5
#: A chat and one of its lines: within it deliveries keep their order.
Line = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this term may send now."""

    id: int
    chat_id: int
    line: int
    kind: str
    payload: dict[str, Any]
    job_id: int | None
    tries: int
    unknowns: int
    reachable: bool
    age: float = 0.0  #: seconds since it was written
    trace: str | None = None  #: the update from which it follows
    thread: int | None = None  #: the topic of the chat

    @property
    def place(self) -> Line:
        return self.chat_id, self.line

    @property
    def is_background(self) -> bool:
        """Neither an answer nor a toast: nobody has just asked for it."""
        return self.kind not in {"answer", "toast"}


@dataclass(frozen=True, slots=True)
class SendContext:
    """One delivery under way."""

    gate: Gate
    chat_id: int
    thread: int | None = None  #: the topic of the chat
    age: float = 0.0  #: seconds since it was written
    #: Entered during a download: other deliveries may use the slot.
    release_slot: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
    reply_to: int | None = None  #: the message that is answered

    @property
    def fields(self) -> dict[str, Any]:
        """The same as fields of a direct call."""
        answered = None
        if self.reply_to is not None:
            answered = {"message_id": self.reply_to, "allow_sending_without_reply": True}
        return {"message_thread_id": self.thread, "reply_parameters": answered}

    @property
    def where(self) -> dict[str, Any]:
        """The topic and the message that is answered, as a sending call names them."""
        reply = replying_to(self.reply_to)
        return {"message_thread_id": self.thread, "reply_parameters": reply}

    async def call(self, made: Any) -> Any:
        """Await a call if the gate is open; Telegram's result as JSON. Raises ``NotBegun`` when
        the call did not begin."""

        def check() -> None:
            try:
                self.gate.check(NEED)
            except Unavailable as error:
                raise NotBegun(str(error), retry_after=error.retry_after) from None

        try:
            check()
        except BaseException:
            made.close()
            raise
        with before_first_byte(check):
            return await result_of(made)


@dataclass(frozen=True, eq=False)
class Receiver:
    """The sender of one term, as transactions see it. Any thread may call its functions."""

    term: Term
    #: Whether a slot is free beside so many reserved ones, and the chat may be written to now.
    admits: Callable[[Line, int], bool]
    #: Begin the delivery soon, and end its reservation then.
    take: Callable[[Claimed], None]
    #: A reservation has ended without a delivery that is known. True: its row may be claimed.
    look_again: Callable[[bool], None]


class EarlyClaims:
    """The reservations of early claims. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._receiver: Receiver | None = None
        self._paused = False
        self._reserved: dict[Line, Receiver] = {}

    # ------------------------------------------------------ the sender's side --

    def receiver(
        self,
        loop: asyncio.AbstractEventLoop,
        term: Term,
        admits: Callable[[Line, int], bool],
        begin: Callable[[Claimed], None],
        look_again: Callable[[bool], None],
    ) -> Receiver:
        """A receiver whose ``begin`` and ``look_again`` are called in the loop's thread."""

        def take(claimed: Claimed) -> None:
            try:
                loop.call_soon_threadsafe(begin, claimed)
            except RuntimeError:  # the loop has ended, and with it the term
                self.begun(claimed.place)

        def looks_again(in_doubt: bool) -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(look_again, in_doubt)

        return Receiver(term, admits, take, looks_again)

    def open(self, receiver: Receiver) -> None:
        """From now on claims go to this sender."""
        with self._lock:
            if self._receiver is not receiver:
                self._receiver, self._paused = receiver, False

    def close(self, receiver: Receiver) -> None:
        """No new reservations for this sender."""
        with self._lock:
            if self._receiver is receiver:
                self._receiver = None

    def pause(self) -> bool:
        """No new reservations until ``resume``. True: none is under way."""
        with self._lock:
            self._paused = True
            return not self._reserved

    def resume(self) -> None:
        with self._lock:
            self._paused = False

    @property
    def is_open(self) -> bool:
        """Reservations may be made."""
        with self._lock:
            return self._receiver is not None and not self._paused

    @property
    def lines(self) -> Collection[Line]:
        """The reserved ones."""
        with self._lock:
            return tuple(self._reserved)

    def begun(self, place: Line) -> None:
        """The sender has begun the delivery for which this line was reserved."""
        with self._lock:
            self._reserved.pop(place, None)

    # ------------------------------------------------ the transactions' side --

    def reserve(self, term: Term | None, places: Sequence[tuple[Line, bool]]) -> list[bool]:
        """Which of these deliveries may be claimed early, by their lines and whether each is of a
        kind that may. Only the first one of a line: the others stay behind it."""
        with self._lock:
            receiver = self._receiver
            if receiver is None or self._paused or term is None or receiver.term != term:
                return [False] * len(places)
            seen: set[Line] = set()
            admitted = []
            for place, may in places:
                admitted.append(may and place not in seen and self._admit(receiver, place))
                seen.add(place)
            return admitted

    def hand_over(self, places: Sequence[Line], claimed: Sequence[Claimed]) -> None:
        """After the commit: of the reserved ``places``, these were claimed."""
        receivers = self._receivers(places)
        taken = {each.place for each in claimed}
        self._give_back([place for place in places if place not in taken], in_doubt=False)
        for each in claimed:
            receivers[each.place].take(each)

    def fail(self, places: Sequence[Line]) -> None:
        """The transaction has failed. It may have been committed without an answer."""
        self._give_back(places, in_doubt=True)

    # -------------------------------------------------------------- internal --

    def _admit(self, receiver: Receiver, place: Line) -> bool:
        if place in self._reserved or not receiver.admits(place, len(self._reserved)):
            return False
        self._reserved[place] = receiver
        return True

    def _receivers(self, places: Sequence[Line]) -> dict[Line, Receiver]:
        with self._lock:
            return {place: self._reserved[place] for place in places}

    def _give_back(self, places: Sequence[Line], *, in_doubt: bool) -> None:
        with self._lock:
            receivers = {self._reserved.pop(place) for place in places}
        for receiver in receivers:
            receiver.look_again(in_doubt)
