"""Which commit runs, for /health and the log."""

import contextlib
from collections.abc import Mapping
from pathlib import Path


def with_commit(version: str, root: Path, env: Mapping[str, str]) -> str:
    """``version``, with the commit of a checkout at ``root``; Render tells its commit itself."""
    if env.get("RENDER_GIT_COMMIT"):
        return version
    with contextlib.suppress(OSError, ValueError):
        head = (root / ".git" / "HEAD").read_text(encoding="utf-8").strip()
        if head.startswith("ref: "):
            head = (root / ".git" / head[5:]).read_text(encoding="utf-8").strip()
        return f"{version}+{head[:7]}"
    return version
