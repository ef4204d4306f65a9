"""What systemd is told: ready, how it goes, alive, stopping (sd_notify(3)).

The watchdog is fed from the event loop, and only while nobody is overdue in ``Progress``:
a hung loop, supervisor or dispatcher therefore ends in a restart by systemd. Without
NOTIFY_SOCKET (Render, a laptop) nothing happens here.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable

from loguru import logger

from supervisor.runtime.progress import Progress

LOOK_EVERY = 1.0  #: seconds: how long a status is behind, and how often the watchdog is fed
FEEDS = 4  #: per watchdog interval, if that is shorter; systemd asks for at least two


class ServiceManager:
    """The other end of ``Type=notify``. Methods never raise: systemd may be gone."""

    def __init__(self, address: str | None, watchdog_seconds: float | None) -> None:
        # "@" stands for the NUL byte of Linux' abstract sockets.
        self._address = address.replace("@", "\0", 1) if address else None
        self._every = min(LOOK_EVERY, (watchdog_seconds or FEEDS) / FEEDS)

    def ready(self) -> None:
        """The port answers: what waits for this unit may go on."""
        self._send("READY=1")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    async def report(self, progress: Progress, status: Callable[[], str]) -> None:
        """Feed the watchdog and tell the status until cancelled."""
        if self._address is None:
            return
        told, hung = "", False
        while True:
            overdue = progress.overdue()
            line = overdue or status()
            if line != told:
                told = line
                self._send(f"STATUS={line}")
            if overdue is None:
                hung = False
                self._send("WATCHDOG=1")
            elif not hung:
                hung = True
                logger.bind(reason=overdue).critical("watchdog_not_fed")
            await asyncio.sleep(self._every)

    def _send(self, message: str) -> None:
        if self._address is None:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as pipe:
            pipe.sendto(message.encode(), self._address)
