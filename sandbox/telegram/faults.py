"""Faults of the Bot API that a test switches on, by method and chat."""

import asyncio
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import ApiError

KINDS = {
    "error": "answer with code, description and retry_after",
    "delay": "answer after seconds",
    "drop_before": "cut the connection before anything happened",
    "drop_after": "do it, then cut the connection",
    "html": "answer with this status and a page in HTML, as a proxy does",
}


@dataclass(slots=True)
class Fault:
    kind: str
    method: str = ""
    chat_id: int = 0
    times: int = 1
    code: int = 400
    description: str = "Bad Request: switched on by a test"
    retry_after: int | None = None
    seconds: float = 0.0


class Faults:
    """The faults that are switched on, in order."""

    def __init__(self) -> None:
        self.active: list[Fault] = []

    def take(self, kind: str, method: str, chat_id: Any) -> Fault | None:
        """The first active fault of that kind for this call; uses it up once."""
        for fault in self.active:
            fits = fault.method in {"", method} and fault.chat_id in {0, chat_id}
            if fault.kind == kind and fault.times > 0 and fits:
                fault.times -= 1
                return fault
        return None

    async def before(self, method: str, chat_id: Any) -> None:
        """Delay or refuse the call."""
        delay = self.take("delay", method, chat_id)
        if delay is not None:
            await asyncio.sleep(delay.seconds)
        error = self.take("error", method, chat_id)
        if error is not None:
            raise ApiError(error.code, error.description, retry_after=error.retry_after)
