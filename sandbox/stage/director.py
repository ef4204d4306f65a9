"""Keeps two copies running, routes to them as a platform does, and tells the page what is."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

import aiohttp

from sandbox.client import is_sample
from sandbox.kie.account import Account
from sandbox.stage.copies import POLL, Copy
from sandbox.stage.crowd import Crowd, Witness
from sandbox.stage.relays import FrontDoor
from sandbox.stage.tables import Tables
from sandbox.telegram.state.store import State

BOOKS_EVERY = 0.5
CREDITS = 200  #: of each person of the page at the start
STRIKE_WITHIN = 10.0  #: seconds in which a moment between two calls is looked for
SETTLED_AFTER = 2.0  #: seconds without anything under way
_RESULTS = ("photo", "video", "audio", "document")
TIMELINE = 90.0  #: seconds that the page shows


class Director:
    """``copies`` by slot. One act at a time."""

    def __init__(
        self,
        copies: list[Copy],
        door: FrontDoor,
        books: Tables,
        telegram: State,
        kie: Account,
        crowd: Crowd,
        witness: Witness,
    ) -> None:
        self.copies = {copy.slot: copy for copy in copies}
        self.door = door
        self.books = books
        self.telegram = telegram
        self.kie = kie
        self.crowd = crowd
        self.witness = witness
        self.act = ""  #: what is under way
        self.step = 0  #: of the tour; 0: there is none
        self.struck_at = 0.0  #: when the holder was struck, on the wall clock
        self.marks: list[dict[str, Any]] = []  #: what happened to a copy, for the timeline
        self.rows: dict[str, Any] = {}
        self._spans: list[dict[str, Any]] = []
        self._quiet_since = time.monotonic()
        self._tasks: list[asyncio.Task[None]] = []
        self._told = ""

    # ------------------------------------------------------------------- life --

    async def start(self) -> None:
        self.door.ports = [copy.port for copy in self.copies.values()]
        for copy in self.copies.values():
            await copy.start(1)
        self._tasks = [
            asyncio.ensure_future(work)
            for work in (self._look(), self._keep(), self._read_books(), self._give_credits())
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(copy.end() for copy in self.copies.values()))
        await self.door.close()
        self.books.close()

    async def _look(self) -> None:
        async with aiohttp.ClientSession() as http:
            while True:
                await asyncio.gather(*(copy.look(http) for copy in self.copies.values()))
                self._remember()
                self._settle()
                self.tell()
                await asyncio.sleep(POLL)

    async def _keep(self) -> None:
        """Start again what ended by itself, and route past what does not answer."""
        while True:
            for copy in self.copies.values():
                ended = copy.process is not None and copy.process.returncode is not None
                if copy.wanted and ended and not copy.pause(time.monotonic()):
                    assert copy.process is not None
                    self.mark(copy, f"ended with {copy.process.returncode}")
                    await copy.start(copy.release)
            first = self._at(self.door.ports[0])
            other = self.other(first)
            if first.state in {"GONE", "FROZEN", "STARTING"} and other.state in {
                "ACTIVE",
                "PASSIVE",
            }:
                self.door.route_to(other.port)
            await asyncio.sleep(0.2)

    async def _read_books(self) -> None:
        while True:
            self.rows = await self.books.read() or self.rows
            await asyncio.sleep(BOOKS_EVERY)

    async def _give_credits(self) -> None:
        """Once a copy acts the tables are there."""
        people = {user.id: user.first_name for user in self.telegram.users.values()}
        while self.holder() is None:
            await asyncio.sleep(POLL)
        await self.books.give(people, CREDITS)

    # ------------------------------------------------------------------ asking --

    def holder(self) -> Copy | None:
        """The copy that is ACTIVE, by what the copies themselves say."""
        active = [copy for copy in self.copies.values() if copy.state == "ACTIVE"]
        return max(active, key=lambda copy: copy.health.get("epoch") or 0, default=None)

    def other(self, copy: Copy) -> Copy:
        return next(each for each in self.copies.values() if each is not copy)

    def _at(self, port: int) -> Copy:
        return next(copy for copy in self.copies.values() if copy.port == port)

    async def until(self, copy: Copy, *states: str, seconds: float = 60.0) -> bool:
        """Whether the copy has come into one of these states."""
        ends = time.monotonic() + seconds
        while copy.state not in states and time.monotonic() < ends:
            await asyncio.sleep(0.05)
        return copy.state in states

    async def both(self, seconds: float = 90.0) -> tuple[Copy, Copy]:
        """The ACTIVE copy and the PASSIVE one, once there are both. Raises ``TimeoutError``: a copy
        does not come up."""
        async with asyncio.timeout(seconds):
            while True:
                holder = self.holder()
                if holder is not None and self.other(holder).state == "PASSIVE":
                    return holder, self.other(holder)
                await asyncio.sleep(0.05)

    async def strike(self, holder: Copy, what: str, blow: Callable[[], object]) -> None:
        """Carry out ``blow`` while no call to Telegram is between its claim and its record.

        Telegram cannot recognise a repeated call, so a delivery that is interrupted in between has
        to be sent again by any bot that loses nothing. The stage is about the lock. So it stops the
        copy, looks at the table, and lets the copy go on if it stopped in the middle of a call.
        """
        ends = time.monotonic() + STRIKE_WITHIN
        while True:
            holder.stop()
            if not await self.books.calls_in_flight() or time.monotonic() > ends:
                break
            holder.go_on()
            await asyncio.sleep(0.02)
        self.struck_at = time.time()
        self.mark(holder, what)
        blow()

    # ------------------------------------------------------------------ telling --

    def mark(self, copy: Copy, what: str) -> None:
        self.marks.append({"at": time.time(), "copy": copy.slot, "what": what})
        del self.marks[:-40]

    def _remember(self) -> None:
        """Who was in which state, and since when."""
        now = time.time()
        for copy in self.copies.values():
            last = next((s for s in reversed(self._spans) if s["copy"] == copy.slot), None)
            if last is None or last["state"] != copy.state:
                self._spans.append({"copy": copy.slot, "state": copy.state, "from": now, "to": now})
            else:
                last["to"] = now
            copy.calls[:] = [call for call in copy.calls if call > now - TIMELINE]
        self._spans = [span for span in self._spans if span["to"] > now - TIMELINE]

    def _settle(self) -> None:
        work = (self.rows.get("open_work") or [{}])[0]
        busy = self.crowd.writing or self.telegram.updates.pending or any(work.values())
        if busy or not work:
            self._quiet_since = time.monotonic()

    def purse(self, user_id: int) -> int:
        """The credits of a user, as the tables say."""
        books = self.rows.get("books", [])
        return next((row["balance"] for row in books if row["user_id"] == user_id), 0)

    def settled(self) -> bool:
        return time.monotonic() - self._quiet_since > SETTLED_AFTER

    def hand_over(self) -> dict[str, Any]:
        """The last change of the lock: from whom to whom, and how long nobody had it."""
        terms = self.rows.get("terms", [])
        if len(terms) < 2:
            return {}
        new, old = terms[0], terms[1]
        struck = old["acquired"] < self.struck_at < new["acquired"]
        begun = self.struck_at if struck else old.get("ended", new["acquired"])
        return {
            "epoch": new["epoch"],
            "to": _slot(new),
            "from": _slot(old),
            "seconds": round(max(0.0, new["acquired"] - begun), 4),
            "since": "struck" if struck else "released",
        }

    def snapshot(self) -> dict[str, Any]:
        now = time.time()
        terms = self.rows.get("terms", [])
        counters = self.witness.counters(settled=self.settled())
        return {
            "now": now,
            "act": self.act,
            "step": self.step,
            "copies": [_of_copy(copy) for copy in self.copies.values()],
            "holder": _slot(terms[0]) if terms and "ended" not in terms[0] else "",
            "hand_over": self.hand_over(),
            "counters": {**counters, "settled": self.settled()},
            "pictures": {"made": self._made(), "came": self._came()},
            "books": self.rows.get("books", []),
            "timeline": {
                "seconds": TIMELINE,
                "spans": self._spans,
                "marks": [mark for mark in self.marks if mark["at"] > now - TIMELINE],
                "calls": {slot: copy.calls[-120:] for slot, copy in self.copies.items()},
                "lines": {slot: copy.lines[-30:] for slot, copy in self.copies.items()},
            },
        }

    def _made(self) -> int:
        """Tasks of kie.ai that ended well."""
        return sum(task.state == "success" for task in self.kie.tasks.values())

    def _came(self) -> int:
        """Results that the bot has sent to people of the page; samples are none."""
        bot = self.telegram.bot["id"]
        return sum(
            message["from"]["id"] == bot and any(kind in message for kind in _RESULTS)
            for chat, messages in self.telegram.messages.items()
            if chat not in self.telegram.events.hidden
            for message in messages.values()
            if not is_sample(message)
        )

    def tell(self) -> None:
        with contextlib.suppress(KeyError, IndexError):
            self.telegram.events.tell({"type": "stage", "stage": self.snapshot()})


def _slot(term: dict[str, Any]) -> str:
    """copy-A-v2-… is A."""
    return str(term["instance_id"]).removeprefix("copy-")[:1]


def _of_copy(copy: Copy) -> dict[str, Any]:
    health = copy.health
    return {
        "slot": copy.slot,
        "release": copy.release,
        "state": copy.state,
        "epoch": health.get("epoch"),
        "status": health.get("status"),
        "stored": health.get("queue", {}).get("unprocessed_updates"),
        "calls": len(copy.calls),
        "cut": copy.database is not None and copy.database.is_cut,
    }
