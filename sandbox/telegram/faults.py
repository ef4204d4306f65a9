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
    "trickle": "send the head of an answer, then one byte a second for so many seconds",
}


class Cut(Exception):
    """End the connection without an answer."""


class Html(Exception):
    """Answer with a page."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Trickle(Exception):
    """Answer without an end."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(slots=True)
class Fault:
    """``kind`` of ``KINDS`` for the next ``times`` calls of a method, or of ``download``."""

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

    async def strike(self, method: str, chat_id: Any) -> None:
        """What hits a call before anything happened: cut, delay, refuse or garble it."""
        html = self.take("html", method, chat_id)
        if html is not None:
            raise Html(html.code)
        if self.take("drop_before", method, chat_id) is not None:
            raise Cut
        endless = self.take("trickle", method, chat_id)
        if endless is not None:
            raise Trickle(endless.seconds)
        delay = self.take("delay", method, chat_id)
        if delay is not None:
            await asyncio.sleep(delay.seconds)
        error = self.take("error", method, chat_id)
        if error is not None:
            raise ApiError(error.code, error.description, retry_after=error.retry_after)
