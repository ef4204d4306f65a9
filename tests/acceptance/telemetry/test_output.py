"""Whatever becomes of the output, a command ends with its own exit code."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from supervisor.runtime.secret import Secret
from tests.support.bots.commands import run_py
from tests.support.bots.world import ROOT, World

TOKEN = "123456:TEST-TOKEN-of-the-output-tests"
MANY = str(ROOT / "tests" / "support" / "bots" / "many_commands.py")
#: Where a command's output may lead. ``pipefail``: the code is the command's, not the reader's.
OUTPUTS = {
    "reader_gone": '"$@" | head -1',
    "nobody_reads": '"$@" | true',
    "disk_full": '"$@" >/dev/full',
    "closed": '"$@" >&-',
    "both_closed": '"$@" >&- 2>&-',
    "ascii": 'PYTHONIOENCODING=ascii "$@"',
    "cp1251": 'PYTHONIOENCODING=cp1251 "$@"',
}


def run(words: str, output: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "run.py"), *words.split()]
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", OUTPUTS[output], "sh", *command],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **env},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=60,
    )


def codes(commands: Sequence[str], output: str, folder: Path, **env: str) -> list[int]:
    """The exit codes of these commands, which have one interpreter and one output."""
    if sys.platform != "linux":
        return [run(words, output, folder, **env).returncode for words in commands]
    report = folder / "codes"
    subprocess.run(
        ["bash", "-c", OUTPUTS[output], "sh", sys.executable, MANY, str(report), *commands],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=120,
    )
    found: list[int] = json.loads(report.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_command_that_worked_ends_with_0(dsn: Secret, tmp_path: Path, output: str) -> None:
    settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "KIE_API_KEY": "k", "DATABASE_URL": dsn.reveal()}
    commands = ("migrate", "status", "status --json", "status --dead")

    assert codes(commands, output, tmp_path, **settings) == [0, 0, 0, 0]


#: Commands without settings, and how they end.
WITHOUT_SETTINGS = {
    **dict.fromkeys(("prod-check", "prod-check --json", "happy-path"), 1),
    **dict.fromkeys(("serve", "status", "migrate", "status --no-such-word"), 64),
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_checks_that_failed_end_with_1_and_wrong_settings_and_words_with_64(
    tmp_path: Path, output: str
) -> None:
    found = codes(list(WITHOUT_SETTINGS), output, tmp_path)

    assert dict(zip(WITHOUT_SETTINGS, found, strict=True)) == WITHOUT_SETTINGS


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_command_by_itself_ends_so_too(tmp_path: Path, output: str) -> None:
    assert run("status", output, tmp_path).returncode == 64


def test_signs_that_an_encoding_does_not_have_are_escaped(tmp_path: Path) -> None:
    shown = run("prod-check", "ascii", tmp_path).stdout

    assert r"\u274c" in shown and shown.isascii()


@pytest.mark.parametrize("words", ["status", "status --json", "migrate"])
@pytest.mark.parametrize("broken", ["missing", "env_file", "near_miss"])
def test_what_is_wrong_with_the_settings_is_told_beside_the_answer(
    dsn: Secret, tmp_path: Path, words: str, broken: str
) -> None:
    settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "KIE_API_KEY": "k", "DATABASE_URL": dsn.reveal()}
    if broken == "missing":
        del settings["KIE_API_KEY"]
    elif broken == "env_file":
        (tmp_path / ".env").write_text("nonsense\n")
    else:
        settings["LOCK_STALE_IDLE_SECOND"] = "5"

    done = run_py(*words.split(), env=settings, folder=tmp_path)

    told = {"missing": "KIE_API_KEY", "env_file": "line 1", "near_miss": "did you mean"}[broken]
    assert told in done.stderr
    assert told not in done.stdout
    assert done.returncode == (0 if broken == "near_miss" else 64)


#: The same for a daemon. exec: the signal is for it, not for a shell around it.
DAEMONS = {
    "reader_gone": 'exec "$@" > >(head -1)',
    "disk_full": 'exec "$@" >/dev/full',
    "closed": 'exec "$@" >&-',
    "both_closed": 'exec "$@" >&- 2>&-',
    "ascii": 'PYTHONIOENCODING=ascii exec "$@"',
}


@pytest.mark.parametrize("output", DAEMONS)
def test_a_daemon_whose_output_is_gone_ends_on_sigterm_with_0(world: World, output: str) -> None:
    bot = world.started(env={}, prefix=("bash", "-c", DAEMONS[output], "sh"))
    bot.wait_state("ACTIVE", 30)

    bot.signal(signal.SIGTERM)

    assert bot.wait() == 0
