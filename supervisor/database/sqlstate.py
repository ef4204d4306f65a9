"""What an error of PostgreSQL means for the caller: SQLSTATE first, never words.

The words come in the server's language (``lc_messages``). The one exception is PgBouncer,
which speaks English only and reports its own refusals under one code for all, 08P01.
"""

import psycopg2

from supervisor.runtime.errors import (
    BotError,
    Contended,
    Fenced,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)

#: SQLSTATE that ``trt_fence`` raises.
FENCE_REFUSED = "SF001"
READ_ONLY = "25006"
#: The whole class, or one code: it may work later. 08 connection, 53 resources, 55 lock not
#: available, 57 operator intervention, 58 disk and files, XX internal (also of poolers);
#: 25P03 and 25P04: the transaction took too long and its session was ended.
_LATER = ("08", "53", "55", "57", "58", "XX", READ_ONLY, "25P03", "25P04")
#: Roles, passwords and pg_hba.conf; the database; the schema; no right to connect.
_SETTINGS = ("28", "3D", "3F")
#: The commit may have been done: 08007 and 40003 say so.
_UNKNOWN = ("08007", "40003")
_PGBOUNCER = "08P01"
_PGBOUNCER_REFUSALS = (
    "authentication failed",
    "no such database",
    "no such user",
    "no authentication method",
)


def translate(error: psycopg2.Error) -> BotError:
    """The error of a statement. https://www.postgresql.org/docs/current/errcodes-appendix.html"""
    text = first_line(error)
    code = error.pgcode
    if code is not None:
        return _meaning(code, text)
    if isinstance(error, psycopg2.ProgrammingError | psycopg2.DataError):
        # psycopg2's own: the statement was never sent, and never can be.
        return Rejected(f"database: {text}")
    # No SQLSTATE: the connection broke.
    return Unavailable(f"database: {text}")


def translate_commit(error: psycopg2.Error) -> BotError:
    """The error of a COMMIT: while it waits, the connection may break and the server may shut
    down, and it may be done all the same."""
    if error.pgcode is None or error.pgcode[:2] in {"08", "57"}:
        return OutcomeUnknown("database: the connection broke during a commit")
    return translate(error)


def translate_refusal(error: psycopg2.Error, code: str | None) -> BotError:
    """The error of a connection that did not come to be; ``code`` from ``refusal.py``."""
    text = first_line(error)
    if code is None:
        return Unavailable(f"database: {text}")
    by_pooler = code == _PGBOUNCER and any(sign in text for sign in _PGBOUNCER_REFUSALS)
    # 42501 here: the role has no right to connect to the database.
    if by_pooler or code[:2] in _SETTINGS or code == "42501":
        return Misconfigured([f"DATABASE_URL: the server refuses it: {text} ({code})"])
    return Unavailable(f"database: {text} ({code})")


def first_line(error: psycopg2.Error) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _meaning(code: str, text: str) -> BotError:
    if code == FENCE_REFUSED:
        return Fenced(text)
    if code in _UNKNOWN:
        return OutcomeUnknown(f"database: {text} ({code})")
    if code[:2] == "40":
        return Contended(f"database: {text} ({code})")
    if code.startswith(_LATER):
        return Unavailable(f"database: {text} ({code})")
    if code[:2] in _SETTINGS:
        return Misconfigured([f"DATABASE_URL: the server refuses it: {text} ({code})"])
    return Rejected(f"database: {text} ({code})")
