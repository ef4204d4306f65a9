"""The two files beside the environment: ``.env``, and the directory for data."""

import re
import tempfile
from pathlib import Path

from supervisor.runtime.errors import Misconfigured


def read_env_file(path: Path) -> dict[str, str]:
    """NAME=value lines with comments, quotes and ``export``; {} when there is no file.

    Raises ``Misconfigured`` with the number of every line that cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured([f"{path}: cannot be read: {error}"]) from None
    found: dict[str, str] = {}
    problems = []
    for number, line in enumerate(lines, 1):
        text = line.strip().removeprefix("export ").strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier():
            problems.append(f"{path}, line {number}: expected NAME=value")
            continue
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        else:
            value = re.split(r"\s+#", value)[0].strip()
        found[name.strip()] = value
    if problems:
        raise Misconfigured(problems)
    return found


def check_data_dir(path: Path) -> None:
    """Create the directory if need be and write to it once; raises ``Misconfigured``."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(b"x")
    except OSError as error:
        raise Misconfigured(
            [f"DATA_DIR: {path} is not writable ({error.strerror}); name another directory"]
        ) from None
