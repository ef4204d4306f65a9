"""Logs the details of troubles; /health shows only their classes."""

import asyncio

from loguru import logger

from supervisor.health.health import Health

EVERY = 1.0  #: seconds between two looks


async def tell_changes(health: Health) -> None:
    """Log one line whenever the status or the classes of troubles change, until cancelled."""
    known = ("ok", "")
    while True:
        status = health.status()
        now = (status.level, status.kinds)
        if now != known:
            known = now
            level = "INFO" if status.level == "ok" else "WARNING"
            told = logger.bind(status=status.level, kinds=status.kinds, reason=status.details)
            told.log(level, "health_changed")
        await asyncio.sleep(EVERY)
