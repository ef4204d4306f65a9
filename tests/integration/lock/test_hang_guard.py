"""An interpreter that hangs cannot act, and nobody would notice: its process is ended."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.support.bots.world import ROOT

pytestmark = pytest.mark.any_server


#: ``PyDLL`` keeps the interpreter's lock during the call: no thread of Python runs.
HANGS = """
import ctypes, sys
from supervisor.lock.watchdog import HangGuard
guard = HangGuard(0.5)
guard.arm()
{before}
print("hangs", flush=True)
ctypes.PyDLL(None).sleep(30)
print("woke up", flush=True)
"""


def run(before: str, seconds: float, *, error: int = subprocess.DEVNULL) -> tuple[int | None, str]:
    with subprocess.Popen(
        [sys.executable, "-c", HANGS.format(before=before)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=error,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "hangs\n"
        try:
            code: int | None = child.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
            child.kill()
        return code, child.stdout.read()


def test_a_process_whose_interpreter_hangs_is_ended() -> None:
    started = time.monotonic()

    assert run("", 20.0) == (1, "")
    assert time.monotonic() - started < 20


@pytest.mark.skipif(sys.platform == "win32", reason="no timer that ends a process")
def test_a_standard_error_that_nobody_reads_does_not_keep_it_alive() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(writer, b"." * 65536):
            pass
    os.set_blocking(writer, True)

    code, _ = run("", 20.0, error=writer)
    os.close(reader)
    os.close(writer)

    assert code == -signal.SIGALRM


def test_a_guard_that_was_disarmed_ends_nobody() -> None:
    assert run("guard.disarm()", 1.5) == (None, "")
