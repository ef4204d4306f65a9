"""One process with the simulators of many tests: a new pair for each, on ports of its own.

Starting an interpreter for each test costs more than the test's own simulators. A pair shares
nothing with the pair of another test but the event loop.

A request is a line of JSON on stdin, its answer a line on stdout: ``{"open": {...}}`` is answered
with number and URLs, ``{"close": number}`` with the number. The end of stdin ends the process.
"""

import asyncio
import atexit
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from sandbox.kie import KieSandbox
from sandbox.telegram import TelegramSandbox

ROOT = Path(__file__).resolve().parents[2]


class SandboxHost:
    """The other side: asks the process for a pair. Starts it at the first question."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def open(self, **given: Any) -> dict[str, Any]:
        """``given``: token, kie_key, time_scale, health_url. Returns number, telegram and kie."""
        return self._ask({"open": given})

    def close(self, number: int) -> None:
        self._ask({"close": number})

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            if self._process is None:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "tests.support.sandbox_host"],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                atexit.register(self._end, self._process)
            to, answers = self._process.stdin, self._process.stdout
            assert to is not None
            assert answers is not None
            to.write(json.dumps(request) + "\n")
            to.flush()
            line = answers.readline()
        assert line, f"the simulators ended with {self._process.poll()}"
        found: dict[str, Any] = json.loads(line)
        return found

    def _end(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(20)


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
