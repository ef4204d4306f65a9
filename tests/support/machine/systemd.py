"""A host with systemd for one test: namespaces of its own, files in memory, the same network.

Needs root, a kernel with overlayfs, and systemd's program; where one of them is missing
the test is skipped with the reason.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import uuid
from pathlib import Path

import pytest

from tests.support.bots.world import ROOT
from tests.support.machine.proc import of_the_living
from tests.support.machine.waiting import until

_PROGRAM = Path("/lib/systemd/systemd")
_TOOLS = ("unshare", "pivot_root")  #: of Debian's util-linux; newer ones part them
_GROUPS = ("/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified")


class Host:
    """A booted systemd. ``close`` ends it with everything that runs there."""

    def __init__(self, folder: Path, shown: dict[Path, str]) -> None:
        if os.geteuid() != 0 or not _PROGRAM.exists() or not all(map(shutil.which, _TOOLS)):
            pytest.skip(f"a systemd in namespaces needs root, systemd, {' and '.join(_TOOLS)}")
        self.python = ""  #: what install.sh is to use
        self._log = folder / "systemd.log"
        name = f"trt-test-{uuid.uuid4().hex[:8]}"
        self._groups = [Path(root) / name for root in _GROUPS if _writable(Path(root))]
        for group in self._groups:
            group.mkdir()
        pairs = [word for source, target in shown.items() for word in (str(source), target)]
        boot = Path(__file__).with_name("systemd_boot.sh")
        with self._log.open("wb") as log:
            self._outer = subprocess.Popen(
                [
                    *("timeout", "--kill-after=1", "300", "unshare", "--pid", "--fork", "--mount"),
                    *("--mount-proc", "--uts", "--ipc", "--cgroup", "--kill-child"),
                    *("sh", str(boot), *pairs),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=self._join_groups,
                start_new_session=True,
            )
        self._pid = until(self._init, 20, "a systemd that runs as PID 1")
        until(self._is_up, 30, "systemd to be up")

    def run(self, *words: str, check: bool = True) -> str:
        """Run a command there; its output. A failure fails the test, unless told otherwise."""
        done = subprocess.run(
            ["nsenter", "-t", str(self._pid), "-m", "-u", "-i", "-p", "-C", "--", *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if check and done.returncode:
            told = self.run("journalctl", "-n", "40", "-o", "cat", "--no-pager", check=False)
            raise AssertionError(f"{words}: {done.stdout}{done.stderr}\n{told}")
        return done.stdout.strip()

    def write(self, path: str, text: str, mode: int = 0o600) -> None:
        file = Path(f"/proc/{self._pid}/root{path}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)

    def show(self, unit: str, name: str) -> str:
        """One property of a unit."""
        return self.run("systemctl", "show", "-P", name, unit)

    def journal(self, unit: str) -> str:
        return self.run("journalctl", "-u", unit, "-o", "cat", "--no-pager")

    def close(self) -> None:
        # PID 1 of a PID namespace takes everybody with it.
        if self._outer.poll() is None:
            self._outer.terminate()
        self._outer.wait(20)
        for group in self._groups:
            for folder in [*sorted(group.rglob("*/"), reverse=True), group]:
                until(lambda folder=folder: _removed(folder), 10, f"{folder} to be empty")  # type: ignore[misc]  # the loop's own value

    # --------------------------------------------------------------- internal --

    def _join_groups(self) -> None:
        for group in self._groups:
            (group / "cgroup.procs").write_text(str(os.getpid()))

    def _init(self) -> int | None:
        assert self._outer.poll() is None, self._log.read_text()
        for child in _children(self._outer.pid):
            for pid in _children(child):
                command = of_the_living(Path(f"/proc/{pid}/cmdline").read_text, "")
                if "systemd" in command.split("\0")[0]:
                    return pid
        return None

    def _is_up(self) -> bool:
        return self.run("systemctl", "is-system-running", check=False) in {"running", "degraded"}


#: Stands in for ``python3 -m venv`` and for pip in install.sh: the packages that the tests
#: run with are there already. Everything else is the real Python.
_PYTHON = """#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then
    install -D -m 755 "$0" "$3/bin/python"
elif [ "$1 $2 $3" != "-m pip install" ]; then
    LD_LIBRARY_PATH=/opt/python/lib PYTHONPATH=/opt/site-packages exec /opt/python/bin/{name} "$@"
fi
"""


def shown_to_the_host(postgres_sockets: Path) -> dict[Path, str]:
    """What the bot needs there: Python, its packages, this checkout, PostgreSQL's socket."""
    return {
        Path(sys.base_prefix): "/opt/python",
        Path(sysconfig.get_path("purelib")): "/opt/site-packages",
        ROOT: "/srv/checkout",
        next(postgres_sockets.glob(".s.PGSQL.*[0-9]")): "/srv/postgresql/.s.PGSQL.5432",
    }


def provide_python(host: Host) -> str:
    """The program to give to install.sh as ``PYTHON``."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    host.write("/srv/python", _PYTHON.format(name=version), 0o755)
    # Releases are named by the second then: a checkout has no commit of its own there.
    host.run("rm", "-rf", "/srv/checkout/.git")
    return "/srv/python"


def _children(pid: int) -> list[int]:
    shown = of_the_living(Path(f"/proc/{pid}/task/{pid}/children").read_text, "")
    return [int(child) for child in shown.split()]


def _writable(root: Path) -> bool:
    """Whether the root of a hierarchy in which processes can be grouped."""
    return (root / "cgroup.procs").exists() and os.access(root / "cgroup.procs", os.W_OK)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
