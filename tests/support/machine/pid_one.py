"""``run.py serve`` as PID 1 of a PID namespace, as in a container without an init."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.bots.world import Bot, Process
from tests.support.machine.waiting import until

UNSHARE = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


def why_not() -> str | None:
    """Why there is no PID namespace to be had; None: there is."""
    if shutil.which("unshare") is None:
        return "unshare is not installed"
    done = subprocess.run([*UNSHARE, "true"], check=False, capture_output=True, text=True)
    return None if done.returncode == 0 else f"no PID namespaces: {done.stderr.strip()}"


class FirstProcess(Bot):
    """Signals go to the bot itself; its exit code is the one of ``unshare``."""

    def __init__(self, env: Mapping[str, str], log: Path) -> None:
        self.port = int(env["PORT"])
        Process.__init__(self, [*UNSHARE, sys.executable, "run.py", "serve"], env, log)
        self.pid: int = until(self._child, 10, "unshare starts the bot")

    def _child(self) -> int | None:
        pid = self.popen.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(children[0]) if children else None

    @property
    def number_inside(self) -> str:
        """Its process number as it sees it itself."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        (line,) = [each for each in status.splitlines() if each.startswith("NSpid")]
        return line.split()[-1]

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)
