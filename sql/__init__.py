"""The schema and the named statements.

``init_schema_idempotent.sql`` is the one source of the schema. Every other file
holds the statements of one package, each under a ``-- name:`` line with the
reason above the statement and what zero rows mean. No statement lives in Python.
"""

import functools
import re
from importlib import resources
from typing import LiteralString

SCHEMA_VERSION = 1  #: the number that init_schema_idempotent.sql writes

_HEADER = re.compile(r"^-- name: *(\w+)[ \t]*$", re.MULTILINE)


def parse(text: str) -> dict[str, LiteralString]:
    """Split one file into its statements by name.

    Raises ``ValueError`` when a name is used twice.
    """
    _, *parts = _HEADER.split(text)
    statements: dict[str, LiteralString] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        if name in statements:
            raise ValueError(f"statement {name!r} is defined twice")
        # The reasons are for readers; the server need not parse them each time.
        lines = [line for line in body.splitlines() if not line.lstrip().startswith("--")]
        statements[name] = "\n".join(lines).strip().rstrip(";")
    return statements


@functools.cache
def load(package: str) -> dict[str, LiteralString]:
    """The named statements of one package, from ``sql/<package>.sql``."""
    return parse(_read(f"{package}.sql"))


def schema() -> LiteralString:
    """The whole schema, to be run as one script."""
    return _read("init_schema_idempotent.sql")


def _read(name: str) -> LiteralString:
    # The files ship with the code and no user can reach them.
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
