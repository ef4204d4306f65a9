"""The details of a trouble, for the log: outside only its class is shown."""

import asyncio

from loguru import logger

from supervisor.health.health import Health

EVERY = 1.0  #: seconds between two looks


async def tell_changes(health: Health) -> None:
    """One line whenever status or classes of trouble change, until cancelled."""
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
