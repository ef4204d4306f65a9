"""Faults of the Bot API that a test switches on, by method and chat.

A fault strikes before the call has an effect. With ``after`` the call is carried out first, and
only its answer is lost or replaced. Some kinds strike always before or always after.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.proxy_answers import PAGES, page
from sandbox.telegram.errors import ApiError

KINDS = {
    "error": "answer with code, description and retry_after in the Bot API's own form",
    "page": "answer with status code and the page of something in between; see PAGES",
    "delay": "answer after seconds",
    "drop_before": "cut the connection before anything happened",
    "drop_after": "do it, then cut the connection",
    "trickle": "send the head of an answer, then one byte a second for so many seconds",
    "answer": "do it, then answer 200 with body; $RESULT in it is the real result",
    "patch": "do it, then answer with fields of the result replaced and others left out",
}
#: Kinds that can strike after the effect, when ``after`` is set.
EITHER_WAY = {"error", "page", "delay", "trickle"}
_METHODS_BESIDE = {"", "download"}


class Cut(Exception):
    """End the connection without an answer."""


class Between(Exception):
    """Answer with the page of something in between."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(name, status)
        self.name = name
        self.status = status

    def response(self) -> web.Response:
        return page(self.name, self.status)


class Trickle(Exception):
    """Answer without an end."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(slots=True)
class Fault:
    """``kind`` of ``KINDS`` for the next ``times`` calls of a method, or of ``download``.

    Mistakes raise ``ValueError``; ``known`` are the methods that there are."""

    kind: str
    method: str = ""
    chat_id: int = 0
    times: int = 1
    after: bool = False
    code: int = 400
    description: str = "Bad Request: switched on by a test"
    retry_after: Any = None
    seconds: float = 0.0
    page: str = "nginx"
    body: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)

    def check(self, known: set[str]) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such fault; known: {KINDS}")
        if self.method not in known | _METHODS_BESIDE:
            raise ValueError(f"no such method: {self.method}")
        if self.page not in PAGES:
            raise ValueError(f"no such page; known: {sorted(PAGES)}")
        if self.after and self.kind not in EITHER_WAY:
            raise ValueError(f"after is for {sorted(EITHER_WAY)}")
        if not 100 <= self.code <= 599:
            raise ValueError("code is a status of HTTP")
        if self.kind == "answer" and not self.body:
            raise ValueError("an answer needs a body")
        if self.kind == "patch" and not (self.fields or self.without):
            raise ValueError("a patch needs fields or without")


class Faults:
    """The faults that are switched on, in order."""

    def __init__(self) -> None:
        self.active: list[Fault] = []

    def take(self, kind: str, method: str, chat_id: Any, *, after: bool = False) -> Fault | None:
        """The first active fault of that kind for this call; uses it up once."""
        for fault in self.active:
            fits = fault.method in {"", method} and fault.chat_id in {0, chat_id}
            if fault.kind == kind and fault.times > 0 and fits and fault.after is after:
                fault.times -= 1
                return fault
        return None

    async def strike(self, method: str, chat_id: Any, *, after: bool = False) -> None:
        """What hits a call before or after its effect: cut, delay, refuse or garble it."""
        between = self.take("page", method, chat_id, after=after)
        if between is not None:
            raise Between(between.page, between.code)
        if self.take("drop_after" if after else "drop_before", method, chat_id) is not None:
            raise Cut
        endless = self.take("trickle", method, chat_id, after=after)
        if endless is not None:
            raise Trickle(endless.seconds)
        delay = self.take("delay", method, chat_id, after=after)
        if delay is not None:
            await asyncio.sleep(delay.seconds)
        error = self.take("error", method, chat_id, after=after)
        if error is not None:
            raise ApiError(error.code, error.description, retry_after=error.retry_after)
