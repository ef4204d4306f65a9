"""What can happen to the copies and around them, and the tour that shows it."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from sandbox.kie.account import Account
from sandbox.stage.director import Director
from sandbox.stage.guest import Guest
from sandbox.telegram.protocol.limits import FloodLimits

FROZEN_SECONDS = 12.0
CUT_SECONDS = 8.0
AWAY_SECONDS = 12.0
RESTART_SECONDS = 3.0  #: longer than between two tries of the copy that waits
TAKEN_WITHIN = 10.0  #: seconds until an order is at kie.ai
READ_SECONDS = 3.0  #: for whoever looks on
CROWD_SECONDS, CROWD_PER_SECOND = 10.0, 12.0


class Acts:
    """Each act ends when what it shows has happened, or its time is over."""

    def __init__(
        self,
        director: Director,
        kie: Account,
        limits: FloodLimits,
        guest: Guest,
        restart_database: Callable[[], Awaitable[None]],
    ) -> None:
        self._director = director
        self._kie = kie
        self._limits = limits
        self._guest = guest
        self._restart_database = restart_database
        self._running: asyncio.Task[None] | None = None
        self._beside: set[asyncio.Task[None]] = set()

    def all(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """By name; each exists once at a time, the crowd beside any other."""
        return {
            "deploy": self.deploy,
            "kill": self.kill,
            "freeze": self.freeze,
            "cut": self.cut,
            "database": self.database,
            "away": self.away,
            "credits": self.no_credits,
            "flood": self.flood,
            "tour": self.tour,
        }

    def begin(self, name: str, language: str = "") -> None:
        """``language`` is the viewer's. Raises ``KeyError`` for an unknown act and ``RuntimeError``
        while another one is under way."""
        if name == "crowd":
            self._crowd()
            return
        act = self.all()[name]
        if self._director.act:
            raise RuntimeError(f"{self._director.act} is under way")
        self._director.act = name
        self._guest.language = language or self._guest.language
        self._running = asyncio.ensure_future(self._whole(act))

    async def close(self) -> None:
        tasks = [*self._beside, *([self._running] if self._running is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _whole(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except TimeoutError:
            for copy in self._director.copies.values():
                if copy.state not in {"ACTIVE", "PASSIVE"}:
                    self._director.mark(copy, "does not come up")
        finally:
            self._director.act, self._director.step = "", 0

    def _crowd(self) -> None:
        task = asyncio.ensure_future(self._director.crowd.write(CROWD_SECONDS, CROWD_PER_SECOND))
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    # ------------------------------------------------------------- to a copy --

    async def deploy(self) -> None:
        """As a platform does: the new release starts beside the old one, gets the traffic, and only
        then the old one is asked to stop."""
        director = self._director
        old, idle = await director.both()
        release = max(old.release, idle.release) + 1
        idle.wanted = False
        idle.signal(signal.SIGTERM)
        await idle.ended(20)
        await idle.start(release)
        idle.wanted = True
        await director.until(idle, "PASSIVE", seconds=90)
        director.door.route_to(idle.port)
        director.mark(old, "SIGTERM")
        old.wanted = False
        old.signal(signal.SIGTERM)
        await old.ended(25)
        await director.until(idle, "ACTIVE")
        await old.start(release)
        old.wanted = True
        await director.until(old, "PASSIVE", seconds=90)

    async def kill(self) -> None:
        """A platform needs a moment to start it again. Without that moment it could come before the
        other copy finds the lock free, and take it."""
        director = self._director
        holder, _ = await director.both()
        holder.wanted = False
        await director.strike(holder, "kill -9", partial(holder.signal, signal.SIGKILL))
        await holder.ended(20)
        await asyncio.sleep(RESTART_SECONDS)
        await holder.start(holder.release)
        holder.wanted = True
        await director.both()

    async def freeze(self) -> None:
        """The frozen copy wakes after its term is over, and must find that out by itself."""
        director = self._director
        holder, other = await director.both()
        await director.strike(holder, "SIGSTOP", partial(holder.signal, signal.SIGSTOP))
        await asyncio.sleep(FROZEN_SECONDS)
        await director.until(other, "ACTIVE")
        director.mark(holder, "SIGCONT")
        holder.signal(signal.SIGCONT)
        holder.health = {}  # what it said before it was frozen
        await director.until(holder, "PASSIVE", seconds=90)

    async def cut(self) -> None:
        director = self._director
        holder, other = await director.both()
        way = holder.database
        if way is None:
            return
        await director.strike(holder, "cut", way.cut)
        holder.go_on()
        await asyncio.sleep(CUT_SECONDS)
        await director.until(other, "ACTIVE")
        way.join()
        director.mark(holder, "joined")
        await director.until(holder, "PASSIVE", seconds=90)

    async def database(self) -> None:
        director = self._director
        holder, other = await director.both()
        director.mark(other, "PostgreSQL restarts")
        await director.strike(holder, "PostgreSQL restarts", lambda: None)
        restarting = asyncio.ensure_future(self._restart_database())
        while not restarting.done() and await director.books.read() is not None:
            await asyncio.sleep(0.01)
        holder.go_on()
        await restarting
        await director.both()

    # ------------------------------------------------------------ around them --

    async def away(self) -> None:
        self._kie.away = True
        try:
            await asyncio.sleep(AWAY_SECONDS)
        finally:
            self._kie.away = False

    async def no_credits(self) -> None:
        had, self._kie.credits = self._kie.credits, 0.0
        try:
            await asyncio.sleep(AWAY_SECONDS)
        finally:
            self._kie.credits += had

    async def flood(self) -> None:
        self._limits.enabled = True
        try:
            await asyncio.sleep(AWAY_SECONDS)
        finally:
            self._limits.enabled = False

    # --------------------------------------------------------------- the tour --

    async def tour(self) -> None:
        """A picture; a deploy under load; kill -9 in mid-order; freeze and thaw; the books."""
        director, guest = self._director, self._guest
        director.step = 1
        await guest.order(with_credits=True)
        await self._seen(45)
        director.step = 2
        self._crowd()
        await self.deploy()
        director.step = 3
        known = len(director.kie.tasks)
        await guest.order()
        await self._taken(known)
        await self.kill()
        await self._seen(60)
        director.step = 4
        self._crowd()
        await self.freeze()
        director.step = 5
        ends = time.monotonic() + 60
        while not director.settled() and time.monotonic() < ends:
            await asyncio.sleep(0.1)
        await asyncio.sleep(READ_SECONDS)

    async def _taken(self, known: int) -> None:
        """kie.ai has taken the order. Of a call that is cut off before that nobody knows whether it
        has: the bot waits ten minutes for that task and makes no other."""
        ends = time.monotonic() + TAKEN_WITHIN
        while len(self._director.kie.tasks) <= known and time.monotonic() < ends:
            await asyncio.sleep(0.01)

    async def _seen(self, seconds: float) -> None:
        """The picture has come, and was looked at."""
        await self._guest.picture(seconds)
        await asyncio.sleep(READ_SECONDS)
