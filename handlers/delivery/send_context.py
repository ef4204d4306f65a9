"""Where a delivery goes, and the gate that each of its calls passes."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from handlers.bot_api.calls import replying_to, result_of
from handlers.bot_api.gate_hook import before_first_byte
from handlers.delivery.outcome import NotBegun
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.term import Gate

#: Seconds of trust that must be left. For a call that takes longer the claim is the record.
NEED = 2.5


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
