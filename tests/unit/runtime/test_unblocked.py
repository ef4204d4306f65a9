"""The guard of the event loop that the bots of the acceptance tests carry can see."""

import subprocess
import sys

import pytest

from tests.support.bots.world import ROOT
from tests.support.machine.unblocked import EXIT

CALLS = {
    "sleep": "time.sleep(0)",
    "connect": "psycopg2.connect('host=127.0.0.1 port=1')",
    "send": "requests.get('http://127.0.0.1:1/')",
}
PROGRAM = """
import asyncio, contextlib, time
import psycopg2, requests
from tests.support.machine import unblocked
unblocked.watch()

def call():
    with contextlib.suppress(Exception):
        {call}

async def main():
    await asyncio.to_thread(call)
    print("not in a thread", flush=True)
    call()

call()
asyncio.run(main())
"""


@pytest.mark.parametrize("name", CALLS)
def test_a_blocking_call_ends_the_process_only_where_a_loop_runs(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(call=CALLS[name])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (EXIT, "not in a thread\n")
    assert f"{name} blocks the event loop" in done.stderr
    assert "in main" in done.stderr
