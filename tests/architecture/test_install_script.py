"""systemd/install.sh makes a release that starts, whatever became of an earlier attempt."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from supervisor.telemetry.version import with_commit

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = (ROOT / "systemd" / "install.sh").read_text(encoding="utf-8")
#: Everything but the choice of the command, which wants root.
FUNCTIONS = SCRIPT.partition('[ "$#" = 1 ]')[0]
#: Stands in for Python: makes a venv of itself, which has pip if the host has it.
PYTHON = """#!/bin/sh
case "$1 $2" in
    "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp {lab}/pip "$3/bin/pip" ;;
    "-m pip") test -e "$(dirname "$0")/pip" ;;
    *) exec {python} "$@" ;;
esac
"""


class Lab:
    """A checkout with one commit, and a host without anything."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.source, self.home = folder, folder / "source", folder / "home"
        for name in ("supervisor", "handlers", "kie", "sql"):
            (self.source / name).mkdir(parents=True)
            (self.source / name / "part.py").touch()
        (self.source / "run.py").write_text("print('help')")
        self.python = folder / "python"
        self.python.write_text(PYTHON.format(lab=folder, python=sys.executable))
        self.python.chmod(0o755)
        self.pip = folder / "pip"
        self.pip.touch()
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        for words in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "x")):
            subprocess.run(["git", "-C", str(self.source), *words], check=True)

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        ours = (
            f"HOME_DIR={self.home}; PYTHON={self.python}; here() {{ echo {self.source}; }};"
            " install_units() { :; }; restart_all() { :; }"
        )
        return subprocess.run(
            ["bash", "-c", f"{FUNCTIONS}\n{ours}\n{command}"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def prepared(self) -> Path:
        done = self.run("prepare_release")
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip())


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    if not (shutil.which("git") and shutil.which("bash")):
        pytest.skip("git or bash is not installed here")
    return Lab(tmp_path)


def test_a_release_is_made_once(lab: Lab) -> None:
    first = lab.prepared()
    (first / "mark").touch()

    assert lab.prepared() == first
    assert (first / ".venv/bin/python").exists()
    assert (first / "mark").exists()


def test_a_venv_that_was_made_without_pip_is_made_again(lab: Lab) -> None:
    """As on Debian, until python3-venv is installed."""
    lab.pip.unlink()
    failed = lab.run("prepare_release")
    lab.pip.touch()

    release = lab.prepared()

    assert failed.returncode != 0
    assert (release / ".venv/bin/pip").exists()


def test_a_release_whose_python_is_gone_is_made_again(lab: Lab) -> None:
    python = lab.prepared() / ".venv/bin/python"
    python.unlink()
    python.symlink_to(lab.folder / "python3.9")

    assert (lab.prepared() / ".venv/bin/python").exists()


def test_what_is_not_committed_is_installed_too(lab: Lab) -> None:
    first = lab.prepared()
    (lab.source / "kie" / "part.py").write_text("PRICE = 5")
    (lab.source / "kie" / "new.yaml").touch()

    second = lab.prepared()

    assert second != first
    assert second.name.startswith(first.name)
    assert (second / "kie" / "part.py").read_text() == "PRICE = 5"
    assert (second / "kie" / "new.yaml").exists()


def test_a_release_knows_its_commit_and_nothing_else_of_git(lab: Lab) -> None:
    git = ["git", "-C", str(lab.source)]
    subprocess.run([*git, "remote", "add", "origin", "https://token@example.org/x"], check=True)
    commit = subprocess.check_output([*git, "rev-parse", "HEAD"], text=True)
    worktree = lab.folder / "worktree"
    subprocess.run([*git, "worktree", "add", "-q", str(worktree)], check=True)
    assert (worktree / ".git").is_file()

    for source in (lab.source, worktree):
        lab.source = source
        release = lab.prepared()
        assert with_commit("1.0", release, {}) == f"1.0+{commit[:7]}"
        assert not (release / ".git" / "config").exists()
        shutil.rmtree(release)


def test_a_release_knows_its_commit_where_git_is_not_installed(lab: Lab) -> None:
    commit = subprocess.check_output(["git", "-C", str(lab.source), "rev-parse", "HEAD"], text=True)

    done = lab.run("git() { return 127; }; prepare_release")

    assert with_commit("1.0", Path(done.stdout.strip()), {}) == f"1.0+{commit[:7]}"


def test_a_rollback_to_a_release_that_does_not_start_changes_nothing(lab: Lab) -> None:
    before = lab.prepared()
    (lab.source / "run.py").write_text("print('newer')")
    now = lab.prepared()
    lab.run(f"switch_to {now}; remember {before}")
    (before / ".venv/bin/python").unlink()

    done = lab.run("do_rollback")

    assert done.returncode == 1
    assert f"{before} does not start any more" in done.stderr
    assert (lab.home / "current").readlink() == now


#: Three bots in place of systemd's; ``{was}`` is what the second was before, and it never comes up.
BOTS = """
bots() {{ echo trt@a.service trt@b.service trt@c.service; }}
restart() {{ echo "up $1"; [ "$1" != trt@b.service ] && {others}; }}
systemctl() {{ if [ "$2" = trt@b.service ]; then echo {was}; return 3; fi; echo active; }}
journalctl() {{ :; }}
restart_all
"""


def restarted(lab: Lab, was: str, others: str = "true") -> subprocess.CompletedProcess[str]:
    return lab.run(FUNCTIONS + BOTS.format(was=was, others=others))


@pytest.mark.parametrize("was", ["failed", "activating", "inactive"])
def test_a_bot_that_was_down_before_keeps_the_others_from_nothing(lab: Lab, was: str) -> None:
    """A revoked token of one bot: the upgrade of all others would be rolled back."""
    done = restarted(lab, was)

    assert done.returncode == 0
    assert "up trt@c.service" in done.stdout
    assert f"trt@b.service did not come up, and was {was} before" in done.stdout


def test_a_bot_that_was_up_and_does_not_come_up_fails_the_upgrade(lab: Lab) -> None:
    assert restarted(lab, "active").returncode == 1


def test_an_upgrade_after_which_no_bot_is_up_fails(lab: Lab) -> None:
    """The first installation, too: there everything was inactive before."""
    done = lab.run(
        FUNCTIONS
        + BOTS.format(was="failed", others="false").replace(
            "echo active", "echo inactive; return 3"
        )
    )

    assert done.returncode == 1
