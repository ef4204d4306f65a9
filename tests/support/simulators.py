"""The simulators inside the test's own process, in a loop of their own thread."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.kie import KieSandbox
from sandbox.kie.client import KieControl

KIE_KEY = "kie-key-of-the-tests"


@contextmanager
def running_kie(time_scale: float = 0.02) -> Iterator[tuple[str, KieControl]]:
    """kie.ai's base URL and its control."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="simulator")
    thread.start()
    kie = KieSandbox(KIE_KEY, time_scale=time_scale)
    try:
        url = asyncio.run_coroutine_threadsafe(kie.start(), loop).result(5)
        yield url, KieControl(url)
    finally:
        asyncio.run_coroutine_threadsafe(kie.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
