"""Notifications for systemd: ready, status, watchdog, stopping (sd_notify(3)).

The event loop feeds systemd's watchdog, but only while no loop is overdue in ``Progress``. So
systemd restarts a process whose event loop, supervisor or dispatcher hangs. Without NOTIFY_SOCKET
(Render, a laptop) nothing is sent.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable

from loguru import logger

from supervisor.runtime.progress import Progress

LOOK_EVERY = 1.0  #: seconds between two notifications
FEEDS = 4  #: at least so many per watchdog interval; systemd asks for two


class ServiceManager:
    """Sends the notifications. Methods never raise, even when systemd does not listen."""

    def __init__(self, address: str | None, watchdog_seconds: float | None) -> None:
        # "@" stands for the NUL byte of an abstract socket.
        self._address = address.replace("@", "\0", 1) if address else None
        self._every = min(LOOK_EVERY, (watchdog_seconds or FEEDS) / FEEDS)

    def ready(self) -> None:
        """The port answers, so units that depend on this one may start."""
        self._send("READY=1")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    async def report(self, progress: Progress, status: Callable[[], str]) -> None:
        """Feed the watchdog and send the status, until cancelled."""
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
