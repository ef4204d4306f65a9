"""Where a delivery goes, and what each of its calls has to pass."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from handlers.bot_api.calls import replying_to, result_of
from handlers.bot_api.gate_hook import before_first_byte
from handlers.delivery.outcome import NotBegun
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.term import Gate

#: Seconds of trust that must be left. A longer call is covered by its intent, the claim.
NEED = 2.5


@dataclass(frozen=True, slots=True)
class SendContext:
    """One delivery on its way."""

    gate: Gate
    chat_id: int
    thread: int | None = None  #: the topic of the chat
    age: float = 0.0  #: seconds since it was written
    #: Entered while it waits for bytes of a foreign host: others may use its slot.
    release_slot: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
    reply_to: int | None = None  #: the message that is answered

    @property
    def where(self) -> dict[str, Any]:
        """The topic and the message that is answered, as a sending call names them."""
        reply = replying_to(self.reply_to)
        return {"message_thread_id": self.thread, "reply_parameters": reply}

    async def call(self, made: Any) -> Any:
        """Await a call if the gate is open; Telegram's result as JSON. Raises ``NotBegun`` when
        the call did not begin."""

        def look() -> None:
            try:
                self.gate.check(NEED)
            except Unavailable as error:
                raise NotBegun(str(error), retry_after=error.retry_after) from None

        try:
            look()
        except BaseException:
            made.close()
            raise
        with before_first_byte(look):
            return await result_of(made)
