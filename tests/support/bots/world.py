"""Real processes for acceptance tests: the two sandboxes, one database, any number of bots.

Everything talks over loopback. Waiting is always for a fact (a log line, a health
field, a message in the chat) with a deadline; a fact that does not come fails the test
with the tail of every process's log.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.client import SandboxClient
from sandbox.kie.client import KieControl
from tests.support.bots.around import Around
from tests.support.bots.bot_host import BOT_HOST, Forked, fits
from tests.support.edges.sandbox_host import SandboxHost
from tests.support.machine.ports import free_port
from tests.support.machine.waiting import until
from tests.support.postgres.installed_postgres import new_folder

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "123456:TEST-TOKEN-of-the-acceptance-tests-0"
KIE_KEY = "kie-test-key-0123456789abcdef"
ENTRANCE = ("run.py",)
#: The same, with a guard of its event loop.
GUARDED = ("-m", "tests.support.machine.unblocked")


#: Instead of a descriptor for the output of a process: it is started with none.
CLOSED = -1


class Process:
    """A child process whose output goes to a file, or to the descriptor ``output``."""

    def __init__(
        self, command: list[str], env: Mapping[str, str], log: Path, output: int | None = None
    ) -> None:
        if output == CLOSED:
            command = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *command]
        self.log = log
        self._file = log.open("wb")
        self.started_at = time.monotonic()
        self.popen: subprocess.Popen[bytes] | Forked = self._start(command, env, output)

    def _start(
        self, command: list[str], env: Mapping[str, str], output: int | None
    ) -> "subprocess.Popen[bytes] | Forked":
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **env},
            stdout=self._file if output in {None, CLOSED} else output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_line(self, part: str, seconds: float = 15.0) -> None:
        """Until the log holds ``part``; fails at once when the process has ended."""

        def seen() -> bool:
            if part in self.text():
                return True
            code = self.popen.poll()
            if code is not None and part not in self.text():
                raise AssertionError(f"ended with {code} before {part!r}:\n{self.text()[-4000:]}")
            return False

        try:
            until(seen, seconds, f"log line {part!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text()[-4000:]}") from None

    def signal(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)

    def wait(self, seconds: float = 25.0) -> int:
        """Its exit code."""
        until(lambda: self.popen.poll() is not None, seconds, "its end")
        return self.popen.wait()

    def close(self) -> None:
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait(10)
        self._file.close()


class Bot(Process):
    """One ``run.py serve``."""

    #: The words after run.py, where a fork does as well as a fresh interpreter.
    _forked: list[str] | None = None

    def __init__(
        self,
        env: Mapping[str, str],
        log: Path,
        *arguments: str,
        entrance: Sequence[str] = ENTRANCE,
        output: int | None = None,
        prefix: Sequence[str] | Around = (),
        forks: bool = False,
    ) -> None:
        self.port = int(env["PORT"])
        self._around = prefix if isinstance(prefix, Around) else None
        words = prefix.prefix if isinstance(prefix, Around) else prefix
        command = [*words, sys.executable, *entrance, "serve", *arguments]
        if forks and output is None and (self._around or not words) and fits(env):
            self._forked = ["serve", *arguments]
        super().__init__(command, env, log, output)

    def _start(
        self, command: list[str], env: Mapping[str, str], output: int | None
    ) -> "subprocess.Popen[bytes] | Forked":
        if self._forked is None:
            return super()._start(command, env, output)
        inherited = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **env}
        return BOT_HOST.run(self._forked, inherited, self.log, around=self._around)

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=3) as reply:
                return int(reply.status), reply.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except (OSError, urllib.error.URLError):
            return 0, ""

    def health(self) -> dict[str, Any]:
        status, body = self.get("/health")
        return json.loads(body) if status == 200 else {}

    def resident_megabytes(self) -> float:
        for line in Path(f"/proc/{self.popen.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        raise LookupError("VmRSS")

    def wait_state(self, state: str, seconds: float = 15.0) -> dict[str, Any]:
        """Until it is in that state; fails at once when the process has ended."""

        def reached() -> dict[str, Any] | None:
            health = self.health()
            there = health.get("state") == state
            # Somebody else may answer on its port by now.
            if (there or not health) and (code := self.popen.poll()) is not None:
                raise AssertionError(f"ended with {code}")
            return health if there else None

        try:
            return until(reached, seconds, f"state {state}")  # type: ignore[no-any-return]
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text()[-4000:]}") from None


class World:
    """One bot's surroundings: sandboxes, database, instances."""

    def __init__(
        self,
        folder: Path,
        dsn: str,
        *,
        time_scale: float = 0.2,
        token: str = TOKEN,
        entrance: Sequence[str] = ENTRANCE,
        host: SandboxHost | None = None,
        forks: bool = False,
    ) -> None:
        """``host``: the process that the simulators live in; None: one of their own. ``forks``:
        instances are forks with the guard of the loop (``bot_host.py``) where that does."""
        self._folder = folder
        self._entrance = entrance
        self._forks = forks
        self._token = token
        self._dsn = dsn
        self._bots: list[Bot] = []
        self.bots = self._bots
        self._opened: Path | None = None
        #: Where Telegram posts to: the port of the instance that has the traffic.
        self.public_port = free_port()
        self.spare_port = free_port()
        health_url = f"http://127.0.0.1:{self.public_port}/health"
        urls: dict[str, Any]
        self._close_sandbox: Callable[[], None]
        if host is not None:
            given = {"token": token, "kie_key": KIE_KEY, "health_url": health_url}
            urls = host.open(**given, time_scale=time_scale)
            self._close_sandbox = partial(host.close, urls["number"])
        else:
            sandbox = _sandbox(folder / "sandbox.log", token, time_scale, health_url)
            urls = until(partial(_urls, sandbox), 15, "sandbox urls")
            self._close_sandbox = partial(_end, sandbox)
        self.telegram_url: str = urls["telegram"]
        self.kie_url: str = urls["kie"]
        self.telegram = SandboxClient(self.telegram_url)
        self.kie = KieControl(self.kie_url)

    def env(self, **changes: str) -> dict[str, str]:
        """The environment of an instance; an empty change removes the variable."""
        if changes.get("DATABASE_URL") == "" and "DATA_DIR" not in changes:
            changes["DATA_DIR"] = str(self._open_folder())
        env = {
            "TELEGRAM_BOT_TOKEN": self._token,
            "KIE_API_KEY": KIE_KEY,
            "DATABASE_URL": self._dsn,
            "WEBHOOK_BASE_URL": f"http://127.0.0.1:{self.public_port}",
            "BOT_MODE": "webhook",
            "PORT": str(self.public_port),
            "TELEGRAM_API_URL": self.telegram_url,
            "KIE_API_URL": self.kie_url,
            "KIE_UPLOAD_URL": self.kie_url,
            "DATA_DIR": str(self._folder / "data"),
            "LOG_LEVEL": "DEBUG",
            **changes,
        }
        return {name: value for name, value in env.items() if value}

    def bot(self, *arguments: str, **changes: str) -> Bot:
        """Start an instance. The first one listens on the public port."""
        return self.started(*arguments, env=changes)

    def started(
        self,
        *arguments: str,
        env: Mapping[str, str],
        output: int | None = None,
        prefix: Sequence[str] | Around = (),
    ) -> Bot:
        """The same, with an output of its own, and with words before the command or what stands
        for them."""
        log = self._folder / f"bot-{len(self._bots) + 1}.log"
        bot = Bot(
            self.env(**env),
            log,
            *arguments,
            entrance=self._entrance,
            output=output,
            prefix=prefix,
            forks=self._forks,
        )
        self._bots.append(bot)
        return bot

    def _open_folder(self) -> Path:
        """For an embedded server, which as root runs as another user: each session of pytest that
        begins meanwhile closes pytest's own folder to other users."""
        if self._opened is None:
            self._opened = new_folder("trt-own-")
            self._opened.chmod(0o755)
        return self._opened

    def close(self) -> None:
        for bot in self._bots:
            bot.close()
        self._close_sandbox()
        if self._opened is not None:
            shutil.rmtree(self._opened, ignore_errors=True)


def _sandbox(log: Path, token: str, time_scale: float, health_url: str) -> Process:
    """The simulators in a process of their own."""
    return Process(
        [
            *(sys.executable, "-m", "sandbox"),
            *("--telegram-port", "0", "--kie-port", "0", "--time-scale", str(time_scale)),
            *("--health-url", health_url),
        ],
        {"SANDBOX_TOKEN": token, "SANDBOX_KIE_KEY": KIE_KEY},
        log,
    )


def _urls(sandbox: Process) -> dict[str, str] | None:
    for line in sandbox.text().splitlines():
        if line.startswith("{"):
            return json.loads(line)  # type: ignore[no-any-return]
    assert sandbox.popen.poll() is None, sandbox.text()
    return None


def _end(sandbox: Process) -> None:
    sandbox.signal(signal.SIGTERM)
    try:
        sandbox.wait(5)
    finally:
        sandbox.close()
