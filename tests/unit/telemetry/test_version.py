"""The commit in /health, read from the files of real repositories."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from supervisor.telemetry.version import with_commit


def git(folder: Path, *words: str) -> str:
    program = shutil.which("git")
    if program is None:
        pytest.skip("git is not installed here")
    done = subprocess.run(
        [program, "-c", "user.name=x", "-c", "user.email=x@example.org", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "feature/one")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "first")
    return folder


def told(folder: Path) -> str:
    return with_commit("1.0", folder, {})


def expected(folder: Path) -> str:
    return f"1.0+{git(folder, 'rev-parse', 'HEAD')[:7]}"


def test_the_commit_of_a_branch_is_told(checkout: Path) -> None:
    assert told(checkout) == expected(checkout)


def test_the_commit_survives_the_packing_of_branches(checkout: Path) -> None:
    git(checkout, "branch", "one")
    git(checkout, "tag", "--annotate", "v1", "--message", "v1")
    git(checkout, "pack-refs", "--all")

    assert not (checkout / ".git/refs/heads/feature/one").exists()
    assert told(checkout) == expected(checkout)


def test_a_commit_after_the_packing_counts_more_than_what_was_packed(checkout: Path) -> None:
    git(checkout, "pack-refs", "--all")
    git(checkout, "commit", "--quiet", "--allow-empty", "--message", "second")

    assert told(checkout) == expected(checkout)


def test_the_commit_of_a_tag_that_is_checked_out_is_told(checkout: Path) -> None:
    git(checkout, "tag", "--annotate", "v1", "--message", "v1")
    git(checkout, "checkout", "--quiet", "v1")

    assert told(checkout) == expected(checkout)


@pytest.mark.parametrize("packed", [False, True])
def test_a_worktree_tells_its_own_commit(checkout: Path, packed: bool) -> None:
    git(checkout, "worktree", "add", "--quiet", "-b", "two", "../two")
    two = checkout.parent / "two"
    git(two, "commit", "--quiet", "--allow-empty", "--message", "second")
    if packed:
        git(checkout, "pack-refs", "--all")

    assert expected(two) != expected(checkout)
    assert told(two) == expected(two)


def test_without_a_commit_the_version_stands_alone(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")

    assert told(tmp_path) == "1.0"
    assert told(tmp_path / "no-checkout") == "1.0"


@pytest.mark.parametrize("head", ["", "ref: refs/heads/.invalid", "\x00", "nonsense"])
def test_what_is_no_commit_is_not_told_as_one(tmp_path: Path, head: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text(head)

    assert told(tmp_path) == "1.0"


def test_render_tells_its_commit_itself(checkout: Path) -> None:
    assert with_commit("1.0", checkout, {"RENDER_GIT_COMMIT": "abc"}) == "1.0"
