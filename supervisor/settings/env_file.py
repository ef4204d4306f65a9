"""Reads ``.env`` by the rules of python-dotenv, without interpolation: a ``$`` is a ``$``."""

import io
from pathlib import Path

from supervisor.runtime.errors import Misconfigured


def read_env_file(path: Path) -> dict[str, str]:
    """NAME=value lines with comments, quotes and ``export``; {} when there is no file.

    Raises ``Misconfigured`` with the number of every line that cannot be read.
    """
    try:
        # Windows editors put a byte order mark at the beginning.
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise Misconfigured([f"{path}: cannot be read ({error.strerror})"]) from None
    except UnicodeDecodeError:
        raise Misconfigured([f"{path}: is not UTF-8; save it as UTF-8"]) from None
    from dotenv.parser import parse_stream  # only where there is such a file

    found: dict[str, str] = {}
    problems = []
    for line in parse_stream(io.StringIO(text)):
        if line.key is not None and line.value is not None:
            found[line.key] = line.value
        elif line.error or line.key is not None:
            problems.append(
                f"{path}, line {line.original.line}: expected NAME=value; a value that begins with"
                " a quote must end with it"
            )
    if problems:
        raise Misconfigured(problems)
    return found
