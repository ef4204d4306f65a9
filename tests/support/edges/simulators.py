"""The simulators inside the test's own process, in a loop of their own thread."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sandbox.kie import KieSandbox
from sandbox.kie.client import KieControl
from sandbox.telegram import TelegramSandbox

KIE_KEY = "kie-key-of-the-tests"
T = TypeVar("T")


class Loop:
    """A running event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="simulator")
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def close(self) -> None:
        self.run(_end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


async def _end_tasks() -> None:
    """Requests that a browser has left open."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def running_kie(time_scale: float = 0.02) -> Iterator[tuple[str, KieControl]]:
    """kie.ai's base URL and its control."""
    loop = Loop()
    kie = KieSandbox(KIE_KEY, time_scale=time_scale)
    try:
        url = loop.run(kie.start())
        yield url, KieControl(url)
    finally:
        loop.run(kie.stop())
        loop.close()


@contextmanager
def running_telegram(token: str) -> Iterator[str]:
    """The base URL of a Telegram whose bot is the test itself."""
    loop = Loop()
    telegram = TelegramSandbox(token)
    try:
        yield loop.run(telegram.start())
    finally:
        loop.run(telegram.stop())
        loop.close()
