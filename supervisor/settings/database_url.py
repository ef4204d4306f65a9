"""Checks ``DATABASE_URL`` by libpq's own rules before a connection is made with it.

If libpq reads a URL differently from what its author meant, two things go wrong: a part of the
password becomes a host name, which appears in logs and errors; and the bot waits for a host that
does not exist. Rules:

1. An ``@`` or ``/`` inside the user name or password must be percent-encoded. More than one
   ``@``, or one after the first ``/``, is refused, because the end of the password is ambiguous.
2. libpq itself checks every value, without the network: it is told to connect to a socket that
   cannot exist, and must get as far as trying.
3. An error message names the wrong part and what to write. It repeats nothing of the value but
   the name of a parameter.
4. ``service`` is refused: it would read the address and the session's settings from a file.
"""

import re
import urllib.parse
from collections.abc import Mapping
from pathlib import Path

import psycopg2
import psycopg2.extensions

from supervisor.runtime.secret import Secret

_SCHEMES = ("postgresql://", "postgres://")
_EXAMPLE = {"user": "user", "password": "password", "host": "host"}
_EXPECTED = "expected postgresql://user:password@host:port/database"
_ENCODE = (
    "special characters in the user name or password must be percent-encoded"
    " (@ is %40, / is %2F, : is %3A, ? is %3F, # is %23, % is %25)"
)
#: A socket path that cannot exist. libpq checks all values before it tries to connect.
_NOWHERE = "/dev/null/nowhere"
_PARAMETER = re.compile(r"[A-Za-z_]{1,40}")
_PLACEHOLDERS = re.compile(r"(?i)\[?your[-_ ]?password\]?|<password>|\[password\]|\*{3,}")
_SECRET_PARAMETERS = ("password", "sslpassword")
_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")


def parse(raw: str) -> Secret:
    """The checked URL. Raises ``ValueError`` that says what to change."""
    _check_scheme(raw)
    if any(character.isspace() or not character.isprintable() for character in raw):
        raise ValueError(f"contains a blank or an invisible character; {_ENCODE}")
    rest = raw.partition("://")[2]
    userinfo, at, place = rest.partition("@")
    if "@" in place or (at and "/" in userinfo):
        raise ValueError(f"cannot tell where the password ends; {_ENCODE}")
    if at and _PLACEHOLDERS.fullmatch(urllib.parse.unquote(userinfo.partition(":")[2])):
        raise ValueError("contains a placeholder instead of the password; put in your own")
    parts = _read(raw)
    _check_parts(parts)
    _check_values(raw, parts)
    return Secret(raw)


def parts_of(url: Secret) -> Mapping[str, str]:
    """The parts of a checked URL by libpq's names."""
    return psycopg2.extensions.parse_dsn(url.reveal())


def secret_parts(raw: str) -> tuple[Secret, ...]:
    """Everything in ``raw`` that may be a part of a password, however the URL is misread."""
    rest = raw.partition("://")[2] or raw
    head = rest.rpartition("@")[0]
    if not head:
        # Even without an @ the part after the first colon may be a password.
        head = re.split(r"[/?]", rest, maxsplit=1)[0]
        head = "" if "," in head or "[" in head else head
    behind = head.partition(":")[2]
    found = {raw, behind, *re.split(r"[:@/?#&,=]", behind)}
    for name, value in _query(raw):
        if name in _SECRET_PARAMETERS:
            found.add(value)
    found |= {urllib.parse.unquote(piece) for piece in found}
    found -= {"", *_SCHEMES, _EXAMPLE["password"]}
    return tuple(Secret(piece) for piece in sorted(found))


def _check_scheme(raw: str) -> None:
    if raw.startswith(_SCHEMES):
        return
    lower = raw.lower()
    if lower.startswith(_SCHEMES):
        raise ValueError("the scheme must be in lower case: postgresql://…")
    if re.match(r"[\"'`<]|psql\s|(export\s+)?[a-z_]+=\W*postgres", lower):
        raise ValueError(
            f"{_EXPECTED}, and nothing around it: no quotes, no command, no name of a variable"
        )
    if re.match(r"postgres(ql)?\+\w+:", lower):
        raise ValueError("remove the driver from the scheme: postgresql://…")
    if lower.startswith("jdbc:"):
        raise ValueError(f"{_EXPECTED}, not the form of JDBC")
    raise ValueError(_EXPECTED)


def _read(raw: str) -> Mapping[str, str]:
    """The URL's parts by libpq's names."""
    for name, _ in _query(raw):
        if name == "ssl":  # from JDBC; libpq accepts it only in URLs
            continue
        if not _PARAMETER.fullmatch(name) or not _is_known(name):
            told = f"remove the parameter {name}" if _PARAMETER.fullmatch(name) else "a parameter"
            raise ValueError(
                f"{told}: PostgreSQL's library does not know it"
                " (pgbouncer, schema, connection_limit and the like belong to an ORM)"
            )
    try:
        parts: Mapping[str, str] = psycopg2.extensions.parse_dsn(raw)
    except psycopg2.Error:
        # libpq's message may quote the password.
        raise ValueError(f"cannot be read as a PostgreSQL address; {_ENCODE}") from None
    return parts


def _is_known(name: str) -> bool:
    try:
        psycopg2.extensions.parse_dsn(f"{name}=x")
    except psycopg2.Error:
        return False
    return True


def _query(raw: str) -> list[tuple[str, str]]:
    query = raw.rpartition("@")[2].partition("?")[2]
    pairs = [piece.partition("=") for piece in query.split("&") if piece]
    return [(name, value) for name, _, value in pairs]


def _check_parts(parts: Mapping[str, str]) -> None:
    if not {"host", "hostaddr", "dbname"} & set(parts):
        raise ValueError(_EXPECTED)
    if "service" in parts:
        raise ValueError("write host, port and database into the URL instead of service=")
    if all(parts.get(name) == value for name, value in _EXAMPLE.items()):
        raise ValueError("is the example from the documentation; put in your own address")
    for port in parts.get("port", "").split(","):
        if port and not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535):
            raise ValueError(
                f"the port must be a number from 1 to 65535 (PostgreSQL's own is 5432); {_ENCODE}"
            )
    for name in _FILES:
        path = parts.get(name, "system")
        try:
            if path != "system":
                Path(path).open("rb").close()
        except OSError:
            raise ValueError(f"the file named by {name} cannot be read") from None


def _check_values(raw: str, parts: Mapping[str, str]) -> None:
    hosts = max(1, parts.get("host", parts.get("hostaddr", "")).count(",") + 1)
    try:
        psycopg2.connect(raw, host=",".join([_NOWHERE] * hosts), hostaddr="").close()
    except psycopg2.Error as error:
        text = str(error)
        if text.startswith("connection to server"):
            return
    name = next((name for name in parts if re.search(rf"\b{name}\b", text)), None)
    if name == "sslmode" and parts["sslmode"] in _MODES:
        raise ValueError("sslrootcert=system needs sslmode=verify-full, or no sslmode at all")
    if name == "sslmode":
        raise ValueError(
            "sslmode must be disable, allow, prefer, require, verify-ca or verify-full"
            " (no-verify of other libraries is require here)"
        )
    subject = f"the value of {name}" if name else "it; is one of the variables PGSSL… wrong?"
    raise ValueError(f"PostgreSQL's library does not accept {subject}")
