"""The commands of ``run.py`` beside ``serve``, for tests of what they say of a bot.

They run in forks of a process that has imported them; what a test says of their start, of their
interpreter or of where their output leads needs the real ones.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.support.bots.bot_host import BOT_HOST, fits
from tests.support.machine.host_process import ROOT
from tests.support.machine.waiting import until


def run_py(
    *words: str, env: Mapping[str, str], folder: Path = ROOT, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """What ``run.py`` with these words answers in ``folder``, where it looks for ``.env``."""
    env = {"PATH": os.environ["PATH"], **env}
    if not fits(env):
        return subprocess.run(
            [sys.executable, str(ROOT / "run.py"), *words],
            cwd=folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    with tempfile.TemporaryDirectory() as place:
        out, errors = Path(place) / "out", Path(place) / "errors"
        fork = BOT_HOST.run(words, env, out, errors=errors, folder=folder)
        try:
            until(lambda: fork.poll() is not None, seconds, f"the end of run.py {' '.join(words)}")
        finally:
            fork.kill()
        return subprocess.CompletedProcess(
            ["run.py", *words],
            fork.wait(),
            out.read_text(encoding="utf-8"),
            errors.read_text(encoding="utf-8"),
        )
