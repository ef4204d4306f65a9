"""Starts ``run.py`` in processes that need not import it first: forks of one that has.

Importing costs a third of what an instance does until it is ACTIVE, and most tests of whole
processes are about what comes after. The guard of the event loop (``unblocked.py``) is on in
every fork. What a test says of the interpreter itself, of its start or of its command line needs
the real command; ``fits`` says so.

A request is a line of JSON on stdin, its answer a line on stdout: ``{"run": words, "env": {...},
"log": path}`` is answered with the pid, ``{"ended": pid}`` with the exit code or null. ``errors``
is another path for stderr, ``around`` what a fork does to itself first (``Around``), ``folder``
where it runs. The end of stdin ends the process, and every fork that still lives.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.support.bots.around import Around, surround
from tests.support.machine.host_process import ROOT, HostProcess

#: What ``serve`` imports at once, when it builds the daemon or when somebody writes, and what other
#: commands import.
_IMPORTED = (
    "handlers.process.daemon",
    "handlers.process.composition",
    "handlers.process.services",
    "handlers.bot_api.ptb_request",
    "handlers.operator.status",
    "handlers.operator.checks.command",
)
_DIES_WITH_PARENT = 1  #: PR_SET_PDEATHSIG


def fits(env: Mapping[str, str]) -> bool:
    """Whether a fork behaves as a fresh interpreter with this environment would."""
    telling = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_")
    return sys.platform == "linux" and not any(name.startswith(telling) for name in env)


class Forked:
    """A fork, with the part of ``subprocess.Popen`` that tests use."""

    def __init__(self, host: "BotHost", pid: int) -> None:
        self._host = host
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._host.ended(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        ends = time.monotonic() + (timeout if timeout is not None else float("inf"))
        while self.poll() is None:
            if time.monotonic() > ends:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            time.sleep(0.01)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        # Its number cannot belong to another process before ``poll`` has told the end.
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class BotHost:
    """Asks the process that forks for a fork. It is started by the first request."""

    def __init__(self) -> None:
        self._process = HostProcess(
            "tests.support.bots.bot_host",
            env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )

    def run(
        self,
        words: Sequence[str],
        env: Mapping[str, str],
        log: Path,
        *,
        errors: Path | None = None,
        around: Around | None = None,
        folder: Path = ROOT,
    ) -> Forked:
        asked = {
            "run": list(words),
            "env": dict(env),
            "log": str(log),
            "errors": str(errors or ""),
            "around": asdict(around) if around else {},
            "folder": str(folder),
        }
        return Forked(self, self._process.ask(asked)["pid"])

    def ended(self, pid: int) -> int | None:
        """The exit code, or None while it runs; the number of a signal is negative."""
        code: int | None = self._process.ask({"ended": pid})["code"]
        return code


#: One for all tests of this process.
BOT_HOST = BotHost()


def _read_once() -> None:
    """What every instance reads at its start and nobody changes. What acts is loaded here already,
    so a fork has nothing to find out in a process of its own about whether that can be done."""
    from handlers.process import composition
    from kie.catalogue.catalogue import Catalogue
    from supervisor.settings.outgoing import Outgoing

    read = Catalogue.load()
    Catalogue.load = lambda: read  # type: ignore[method-assign]  # the process is the test's own
    Outgoing().ssl_context()
    composition.rehearse = lambda: None  # type: ignore[attr-defined]  # its own import


def _become(request: dict[str, Any]) -> None:
    """In the fork: what a fresh process would have."""
    os.setsid()
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    errors = log
    if request["errors"]:
        errors = os.open(request["errors"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    empty = os.open(os.devnull, os.O_RDONLY)
    for given, standard in ((empty, 0), (log, 1), (errors, 2)):
        os.dup2(given, standard)
    os.closerange(3, 64)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["folder"])
    time.tzset()
    sys.argv = [str(ROOT / "run.py"), *request["run"]]
    if request["around"]:
        surround(**request["around"])


def _serve() -> bool:
    """True in a fork, which has something to run; False when stdin has ended."""
    children: set[int] = set()
    requests = sys.stdin.buffer.raw if hasattr(sys.stdin.buffer, "raw") else sys.stdin.buffer
    while line := _line(requests):
        request = json.loads(line)
        if "run" in request:
            pid = os.fork()
            if not pid:
                _become(request)
                return True
            children.add(pid)
            answer: dict[str, Any] = {"pid": pid}
        else:
            pid, status = os.waitpid(request["ended"], os.WNOHANG)
            answer = {"code": os.waitstatus_to_exitcode(status) if pid else None}
            children.discard(pid)
        os.write(1, json.dumps(answer).encode() + b"\n")
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return False


def _line(stream: Any) -> bytes:
    """Byte by byte: nothing that was read ahead may come along into a fork."""
    line = b""
    while byte := stream.read(1):
        line += byte
        if byte == b"\n":
            break
    return line


if __name__ == "__main__":
    from tests.support.machine.unblocked import watch

    watch()  # before anybody has taken ``sleep`` or ``connect`` from its module
    for _name in _IMPORTED:
        importlib.import_module(_name)
    _read_once()
    assert len(os.listdir("/proc/self/task")) == 1, "a fork would lose a thread"
    gc.freeze()
    if _serve():
        runpy.run_path(sys.argv[0], run_name="__main__")
