"""Forty people who write numbered texts, and the witness of what became of each.

A text is answered when a message of the bot, new or edited, contains its number. It is lost when it
has no answer though nothing is under way any more, it came twice when two messages contain it, and
it is out of order when a later text of the same chat was answered earlier.
"""

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sandbox.telegram.state.store import State
from sandbox.telegram.users.speaking import Speaking

PEOPLE = 40
_NUMBER = re.compile(r"number-(\d{4})")


@dataclass
class Witness:
    """What was written and what came, by chat and number."""

    written: dict[tuple[int, int], float] = field(default_factory=dict)
    answered: dict[tuple[int, int], float] = field(default_factory=dict)
    sent: Counter[tuple[int, int]] = field(default_factory=Counter)
    out_of_order: int = 0
    longest: float = 0.0
    _newest: dict[int, int] = field(default_factory=dict)

    def wrote(self, chat: int, number: int) -> None:
        self.written[chat, number] = time.monotonic()

    def saw(self, event: dict[str, Any]) -> None:
        """An event of the simulated Telegram."""
        if event["type"] not in {"message", "edit"} or not event["message"]["from"]["is_bot"]:
            return
        message = event["message"]
        found = _NUMBER.search(str(message.get("text") or message.get("caption") or ""))
        key = (event["chat_id"], int(found[1])) if found else None
        if key is None or key not in self.written:
            return
        if event["type"] == "message":
            self.sent[key] += 1
        if key in self.answered:
            return
        self.answered[key] = now = time.monotonic()
        self.longest = max(self.longest, now - self.written[key])
        if key[1] < self._newest.get(key[0], -1):
            self.out_of_order += 1
        self._newest[key[0]] = max(key[1], self._newest.get(key[0], -1))

    def waiting(self) -> int:
        return len(self.written) - len(self.answered)

    def counters(self, *, settled: bool) -> dict[str, Any]:
        """``settled``: nothing is under way, so what has no answer gets none."""
        return {
            "sent": len(self.written),
            "answered": len(self.answered),
            "waiting": 0 if settled else self.waiting(),
            "lost": self.waiting() if settled else 0,
            "twice": sum(1 for count in self.sent.values() if count > 1),
            "out_of_order": self.out_of_order,
            "longest": round(self.longest, 2),
        }


class Crowd:
    """Users that the page does not list."""

    def __init__(self, state: State, speaking: Speaking, witness: Witness) -> None:
        self._state = state
        self._speaking = speaking
        self._witness = witness
        self._people: list[int] = []
        self._said: Counter[int] = Counter()
        self.writing = 0  #: how many streams are under way

    async def write(self, seconds: float, per_second: float) -> None:
        """An even stream of texts, chat by chat in turn."""
        if not self._people:
            self._people = [
                self._state.add_user(f"Guest {number}", "en", crowd=True).id
                for number in range(1, PEOPLE + 1)
            ]
        self.writing += 1
        started = time.monotonic()
        try:
            for number in range(int(seconds * per_second)):
                await asyncio.sleep(max(0.0, started + number / per_second - time.monotonic()))
                chat = self._people[number % PEOPLE]
                self._witness.wrote(chat, self._said[chat])
                self._speaking.say(chat, f"number-{self._said[chat]:04}")
                self._said[chat] += 1
        finally:
            self.writing -= 1
