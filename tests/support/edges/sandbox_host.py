"""One process with the simulators of many tests: a new pair for each, on ports of its own.

Starting an interpreter for each test costs more than the test's own simulators. A pair shares
nothing with the pair of another test but the event loop.

A request is a line of JSON on stdin, its answer a line on stdout: ``{"open": {...}}`` is answered
with number and URLs, ``{"close": number}`` with the number. The end of stdin ends the process.
"""

import asyncio
import json
import sys
from typing import Any

from sandbox.kie import KieSandbox
from sandbox.telegram import TelegramSandbox
from tests.support.machine.host_process import HostProcess


class SandboxHost:
    """Asks the process with the simulators for a pair. It is started by the first request."""

    def __init__(self) -> None:
        self._process = HostProcess("tests.support.edges.sandbox_host")

    def open(self, **given: Any) -> dict[str, Any]:
        """``given``: token, kie_key, time_scale, health_url. Returns number, telegram and kie."""
        return self._process.ask({"open": given})

    def close(self, number: int) -> None:
        self._process.ask({"close": number})


#: One for all tests of this process.
SANDBOX_HOST = SandboxHost()


Pair = tuple[TelegramSandbox, KieSandbox]


async def _open(given: dict[str, Any]) -> tuple[Pair, dict[str, str]]:
    scale = given["time_scale"]
    telegram = TelegramSandbox(given["token"], time_scale=scale, health_url=given["health_url"])
    kie = KieSandbox(given["kie_key"], time_scale=scale)
    urls = {
        "telegram": await telegram.start("127.0.0.1", 0),
        "kie": await kie.start("127.0.0.1", 0),
    }
    return (telegram, kie), urls


async def _close(pair: Pair) -> None:
    for simulator in pair:
        await simulator.stop()


async def _serve() -> None:
    pairs: dict[int, Pair] = {}
    number = 0
    while line := await asyncio.to_thread(sys.stdin.readline):
        request = json.loads(line)
        answer: dict[str, Any]
        if "open" in request:
            number += 1
            pairs[number], urls = await _open(request["open"])
            answer = {"number": number, **urls}
        else:
            await _close(pairs.pop(request["close"]))
            answer = {"number": request["close"]}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pair in pairs.values():
        await _close(pair)


if __name__ == "__main__":
    asyncio.run(_serve())
