"""The log as somebody sees it who starts the bot by hand."""

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.support.bots.world import ROOT


def shown(folder: Path, **env: str) -> bytes:
    """What a bot without settings writes to its terminal."""
    ours, theirs = pty.openpty()
    try:
        # As long as we hold the other end, nothing that was written is lost.
        done = subprocess.run(
            [sys.executable, str(ROOT / "run.py"), "serve"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], **env},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            timeout=60,
            check=False,
        )
        assert done.returncode == 64
        return os.read(ours, 65536)
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_terminal_is_coloured_unless_its_user_objects(tmp_path: Path) -> None:
    coloured = shown(tmp_path, TERM="xterm")
    plain = shown(tmp_path, TERM="xterm", NO_COLOR="1")

    assert b"\x1b[" in coloured
    assert b"\x1b[" not in plain
    for each in (coloured, plain):
        assert b"TELEGRAM_BOT_TOKEN: is required" in each
