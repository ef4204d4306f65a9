"""What is under way in one term of the sender: its tasks, their chats, their outcomes."""

import asyncio

from loguru import logger

from handlers.delivery.claims import Claimed, Claims, Outcome, Room, Turn
from handlers.delivery.outcome import Verdict
from supervisor.runtime.errors import BotError, Misconfigured
from supervisor.runtime.term import Gate, Term

RECORD_WITHIN = 2.0  #: seconds for writing down, at the very end, what they did


class Round:
    """What is under way in one term. Touched by the loop's thread only."""

    def __init__(self, term: Term, gate: Gate, claims: Claims, woken: asyncio.Event) -> None:
        self.term = term
        self.gate = gate
        self.woken = woken
        self.chats: set[int] = set()
        self.toasts = 0
        self.unasked = 0  #: of the chats, those that get something that is not an answer
        self.failure: BaseException | None = None
        #: A claim may have been committed without our hearing of it.
        self.in_doubt = False
        self._claims = claims
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._settled: list[Outcome] = []

    async def look(self, held: list[int], room: Room, silence: float = 0.0) -> Turn:
        """Record what is settled and claim what is next. Raises what the database does."""
        if self.in_doubt:
            known = {*self._tasks, *(claimed.id for claimed, _ in self._settled)}
            await asyncio.to_thread(self._claims.unclaim, self.term, known)
            self.in_doubt = False
        outcomes = self._settled[:]
        turn = await asyncio.to_thread(
            self._claims.turn,
            self.term,
            outcomes,
            busy=set(self.chats),
            held=held,
            room=room,
            silence=silence,
        )
        del self._settled[: len(outcomes)]
        return turn

    def begin(self, claimed: Claimed, work: "asyncio._CoroutineLike[None]") -> None:
        if claimed.kind == "toast":
            self.toasts += 1
        else:
            self.chats.add(claimed.chat_id)
            self.unasked += claimed.is_unasked
        task = asyncio.create_task(work)
        self._tasks[claimed.id] = task
        task.add_done_callback(lambda ended: self._ended(claimed, ended))

    def settle(self, claimed: Claimed, verdict: Verdict) -> None:
        self._settled.append((claimed, verdict))

    def fail(self, error: Misconfigured) -> None:
        self.failure = error
        self.woken.set()

    async def finish(self, seconds: float) -> list[Outcome]:
        """The term ends: calls under way get a moment, and what they did is recorded.

        Returns what could not be: nobody else knows it.
        """
        tasks = set(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1.0)
        if self._settled and not self.gate.is_shut:
            try:
                await asyncio.wait_for(self.look([], Room(0, 0, 0)), RECORD_WITHIN)
            except (BotError, TimeoutError) as error:
                logger.bind(error=str(error)).warning("outcomes_not_recorded")
        return self._settled

    def _ended(self, claimed: Claimed, task: asyncio.Task[None]) -> None:
        del self._tasks[claimed.id]
        if not task.cancelled() and task.exception() is not None:
            self.failure = task.exception()
        if claimed.kind == "toast":
            self.toasts -= 1
        else:
            self.chats.discard(claimed.chat_id)
            self.unasked -= claimed.is_unasked
        self.woken.set()
