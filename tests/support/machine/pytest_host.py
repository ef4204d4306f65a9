"""Runs pytest in processes that need not import it first: forks of one that has.

A test that starts pytest once for each feature or mistake would otherwise import it, hypothesis and
the program as often. The modules of the tests themselves, and whatever was not asked for, are
imported by each fork anew, from the folder it runs in.

A request is a line of JSON on stdin, its answer a line on stdout: ``{"words": [...], "folder":
path, "env": {...}, "log": path, "seconds": most}`` is answered with the exit code of pytest.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.machine.host_process import HostProcess

_TESTS = "tests"  #: the package that each fork imports anew
#: What no test here uses, and each costs a little for every test.
_LEFT_OUT = (
    "cacheprovider",
    "doctest",
    "faulthandler",
    "junitxml",
    "logging",
    "pastebin",
    "unittest",
)
_DIES_WITH_PARENT = 1  #: PR_SET_PDEATHSIG


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    output: str


class PytestHost:
    """Started by the first run. ``imported``: what all runs use as it is, beside pytest."""

    def __init__(self, *imported: str) -> None:
        self._process = HostProcess(
            "tests.support.machine.pytest_host", *imported, start_new_session=True
        )

    def run(self, *words: str, folder: Path, env: Mapping[str, str], seconds: float = 300) -> Ran:
        """The plugins of other packages are off: no browsers, workers and generators."""
        with tempfile.TemporaryDirectory() as place:
            log = Path(place) / "log"
            asked = {
                "words": ["-x", "-q", "-s", *(f"-pno:{name}" for name in _LEFT_OUT), *words],
                "folder": str(folder),
                "env": {**env, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
                "log": str(log),
                "seconds": seconds,
            }
            code = self._process.ask(asked)["code"]
            return Ran(code, log.read_text(encoding="utf-8", errors="replace"))


def _become(request: dict[str, Any]) -> None:
    """In the fork: what a fresh process would have."""
    os.setsid()
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    empty = os.open(os.devnull, os.O_RDONLY)
    for given, standard in ((empty, 0), (log, 1), (log, 2)):
        os.dup2(given, standard)
    os.closerange(3, 64)
    os.chdir(request["folder"])
    sys.path[0] = request["folder"]
    for name in [each for each in sys.modules if each.partition(".")[0] == _TESTS]:
        del sys.modules[name]
    importlib.invalidate_caches()
    os.environ.clear()
    os.environ.update(request["env"])
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in os.environ


def _end_of(pid: int, seconds: float) -> int:
    """The exit code of the fork; one that takes longer is killed with all that it started."""
    ends = time.monotonic() + seconds
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > ends:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        time.sleep(0.02)


def _serve() -> Sequence[str] | None:
    """In a fork: what pytest is to run. None when stdin has ended."""
    while line := _line():
        request = json.loads(line)
        pid = os.fork()
        if not pid:
            _become(request)
            words: Sequence[str] = request["words"]
            return words
        os.write(1, json.dumps({"code": _end_of(pid, request["seconds"])}).encode() + b"\n")
    return None


def _line() -> bytes:
    """Byte by byte: nothing that was read ahead may come along into a fork."""
    line = b""
    while byte := os.read(0, 1):
        line += byte
        if byte == b"\n":
            break
    return line


if __name__ == "__main__":
    for _name in ("pytest", *sys.argv[1:]):
        importlib.import_module(_name)
    assert len(os.listdir("/proc/self/task")) == 1, "a fork would lose a thread"
    gc.freeze()
    # A fork lives for seconds, and what it imports and collects stays until its end.
    gc.set_threshold(100_000)
    _words = _serve()
    if _words is not None:
        sys.exit(importlib.import_module("pytest").main(list(_words)))
