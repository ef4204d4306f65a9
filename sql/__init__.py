"""The schema and the named statements.

``init_schema_idempotent.sql`` is the one source of the schema. Every other file
holds the statements of one package, each under a ``-- name:`` line with the
reason above the statement and what zero rows mean. No statement lives in Python.

``-- name: <name> (prepared)`` marks a statement of the hot path: each session of the pool plans it
once (``Prepared``). Use it only for statements that find their rows by an index however many rows
there are, since the plan is not made again for other parameters.
"""

import functools
import re
from collections.abc import Mapping
from importlib import resources
from types import NoneType
from typing import Any, LiteralString

SCHEMA_VERSION = 1  #: the number that init_schema_idempotent.sql writes

_HEADER = re.compile(r"^-- name: *(\w+)( \(prepared\))?[ \t]*$", re.MULTILINE)
_INTEGERS, _TEXTS = {int}, {str, NoneType}
_PARAMETER = re.compile(r"%\((\w+)\)s|%%")


class Prepared(str):
    """A statement, and those that prepare, execute and plan it in a session.

    ``prepare`` has no parameters of its own. ``execute`` takes those of the statement, as literals:
    the driver quotes them as it does for any other statement. ``explain`` plans it without running
    it.
    """

    execute: str
    explain: str
    prepare: str

    def __new__(cls, name: str, statement: str) -> "Prepared":
        made = super().__new__(cls, statement)
        found: dict[str, int] = {}

        def numbered(match: re.Match[str]) -> str:
            if match[1] is None:
                return "%"
            return f"${found.setdefault(match[1], len(found) + 1)}"

        made.prepare = f"PREPARE {name} AS {_PARAMETER.sub(numbered, statement)}"
        given = ", ".join(f"%({each})s" for each in found)
        made.execute = f"EXECUTE {name} ({given})" if found else f"EXECUTE {name}"
        nothing = f"({', '.join(['NULL'] * len(found))})" if found else ""
        made.explain = f"EXPLAIN EXECUTE {name} {nothing}"
        return made

    @staticmethod
    def given(params: Mapping[str, Any]) -> Mapping[str, Any]:
        """The parameters of ``execute``. A list of numbers or of plain texts becomes a text that
        PostgreSQL reads as an array, since the driver adapts values one by one, two to eight times
        as slowly. So each list needs a cast in its statement."""
        return {name: _literal(value) for name, value in params.items()}


def _literal(value: Any) -> Any:
    if type(value) is not list:
        return value
    kinds = set(map(type, value))
    if kinds == _INTEGERS:
        return f"{{{','.join(map(str, value))}}}"
    if not kinds <= _TEXTS:
        return value
    texts = ",".join(["NULL" if each is None else f'"{each}"' for each in value])
    # What would have to be escaped is left to the driver.
    plain = "\\" not in texts and texts.count('"') == 2 * (len(value) - value.count(None))
    return f"{{{texts}}}" if plain else value


def parse(text: str, package: str = "") -> dict[str, LiteralString]:
    """Split one file into its statements by name.

    Raises ``ValueError`` when a name is used twice.
    """
    _, *parts = _HEADER.split(text)
    statements: dict[str, LiteralString] = {}
    for name, mark, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if name in statements:
            raise ValueError(f"statement {name!r} is defined twice")
        # The reasons are for readers; the server need not parse them each time.
        lines = [line for line in body.splitlines() if not line.lstrip().startswith("--")]
        statement = "\n".join(lines).strip().rstrip(";")
        statements[name] = Prepared(f"trt_{package}_{name}", statement) if mark else statement
    return statements


@functools.cache
def load(package: str) -> dict[str, LiteralString]:
    """The named statements of one package, from ``sql/<package>.sql``."""
    return parse(_read(f"{package}.sql"), package)


def schema() -> LiteralString:
    """The whole schema, to be run as one script."""
    return _read("init_schema_idempotent.sql")


def _read(name: str) -> LiteralString:
    # The files ship with the code and no user can reach them.
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
