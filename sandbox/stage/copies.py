"""One copy of the bot: a child process of its own, and what its health says."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.stage.relays import Relay

POLL = 0.15
SOON = 15.0  #: seconds; a process that ends within them has not come up
LONGEST_PAUSE = 5.0
#: The line of the log that says the most at such a moment.
_TELLING = ("[LOCK]", "[SHUTDOWN]", "[WEBHOOK_SETUP] ✅", "epoch", "stuck", "no_progress")


@dataclass
class Copy:
    """``slot`` is A or B. A new release in the same slot is a new process with a higher number."""

    slot: str
    port: int
    environment: Mapping[str, str]
    database: Relay | None  #: the way to PostgreSQL; None: it cannot be cut here
    telegram: Relay
    root: Path
    release: int = 1
    process: asyncio.subprocess.Process | None = None
    frozen: bool = False
    wanted: bool = True  #: whether it is started again when it ends
    begun: float = 0.0  #: when its process was started, on the monotonic clock
    failures: int = 0  #: starts in a row that ended soon
    health: dict[str, Any] = field(default_factory=dict)
    calls: list[float] = field(default_factory=list)  #: of the Bot API, on the wall clock
    lines: list[tuple[float, str]] = field(default_factory=list)  #: telling lines of its log
    _reading: asyncio.Task[None] | None = None

    @property
    def state(self) -> str:
        if self.process is None or self.process.returncode is not None:
            return "GONE"
        return "FROZEN" if self.frozen else str(self.health.get("state", "STARTING"))

    def pause(self, now: float) -> float:
        """Seconds before a process that has ended by itself is started again: none after a kill,
        growing while the copy cannot start."""
        if now - self.begun > SOON:
            return 0.0
        return max(0.0, min(LONGEST_PAUSE, 0.2 * 2.0**self.failures) - (now - self.begun))

    async def start(self, release: int) -> None:
        """Start a fresh process in this slot."""
        now = time.monotonic()
        self.failures = self.failures + 1 if now - self.begun < SOON else 0
        self.begun = now
        self.release, self.health, self.frozen = release, {}, False
        environment = {**self.environment, "HOSTNAME": f"copy-{self.slot}-v{release}"}
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "run.py", "serve"),
            cwd=self.root,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        self._reading = asyncio.ensure_future(self._read(self.process))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Keep what its log says, and pass it on."""
        assert process.stderr is not None
        async for raw in process.stderr:
            text = raw.decode("utf-8", "replace").rstrip()
            sys.stderr.write(f"{self.slot} {text}\n")
            if any(part in text for part in _TELLING):
                self.lines.append((time.time(), text.split(" - ", 1)[-1][:200]))
                del self.lines[:-60]

    async def look(self, http: aiohttp.ClientSession) -> None:
        """Ask for its health; a copy that does not answer keeps what it said last."""
        if self.state in {"GONE", "FROZEN"}:
            self.health = {}
            return
        url = f"http://127.0.0.1:{self.port}/health"
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with http.get(url, timeout=aiohttp.ClientTimeout(1)) as answer:
                self.health = await answer.json()

    def stop(self) -> None:
        """Stop it for a moment in which it is looked at; it does not count as frozen."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: int) -> None:
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, number)

    def signal(self, number: int) -> None:
        self._send(number)
        if number == signal.SIGSTOP:
            self.frozen = True
        if number == signal.SIGCONT:
            self.frozen = False

    async def ended(self, seconds: float) -> bool:
        """Whether it has ended within so many seconds."""
        if self.process is None:
            return True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), seconds)
            return True
        return False

    async def end(self) -> None:
        """End it in order, or by force when it does not; nothing stays behind."""
        self.wanted = False
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        if not await self.ended(20):
            self.signal(signal.SIGKILL)
            await self.ended(5)
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        for relay in (self.database, self.telegram):
            if relay is not None:
                await relay.close()
