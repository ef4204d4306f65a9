"""Finds out which commit runs, for /health and the log.

It reads git's files and does not call git, which may not be installed.
"""

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def with_commit(version: str, root: Path, env: Mapping[str, str]) -> str:
    """``version`` with the commit of the checkout at ``root``. On Render the settings reader adds
    the commit."""
    if env.get("RENDER_GIT_COMMIT"):
        return version
    commit = ""
    with contextlib.suppress(OSError, ValueError):
        commit = _commit(root / ".git", root)
    return f"{version}+{commit[:7]}" if _COMMIT.fullmatch(commit) else version


def _commit(git: Path, root: Path) -> str:
    if git.is_file():
        # A worktree or a submodule: the file contains the path of the real folder.
        git = root / _read(git).removeprefix("gitdir:").strip()
    head = _read(git / "HEAD")
    if not head.startswith("ref:"):
        return head
    branch = head.removeprefix("ref:").strip()
    shared = git / "commondir"
    # A worktree has its own HEAD; its branches are in the repository that it belongs to.
    repository = git / _read(shared) if shared.exists() else git
    if (repository / branch).exists():
        return _read(repository / branch)
    # `git pack-refs` and `git gc` move branches into one file, with lines "commit name".
    for line in (repository / "packed-refs").read_text(encoding="utf-8").splitlines():
        commit, _, name = line.partition(" ")
        if name == branch:
            return commit
    return ""


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
