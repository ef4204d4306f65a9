"""What an error of PostgreSQL means for the caller. The SQLSTATE decides, never the message.

The message comes in the server's language (``lc_messages``). The exceptions are poolers: their
messages are English, and they report all their refusals with one code (PgBouncer: 08P01, Supavisor:
XX000).
"""

import re

import psycopg2

from supervisor.runtime.errors import (
    BotError,
    Contended,
    Fenced,
    LoginRefused,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    SchemaMismatch,
    Unavailable,
)

#: SQLSTATE that ``trt_fence`` raises.
FENCE_REFUSED = "SF001"
READ_ONLY = "25006"
#: A statement took too long. If it was sent together with the COMMIT, that was not run.
STATEMENT_TIMEOUT = "57014"
#: A prepared statement is unknown, since the session was reset, or its result has other columns or
#: types since a table was altered. The same transaction works once more: a rollback forgets all
#: prepared statements.
_PREPARE_AGAIN = ("26000", "0A000")
#: Classes and codes of errors that may pass. 08 connection, 53 resources, 55 lock not available,
#: 57 operator intervention, 58 disk and files, XX internal errors (also of poolers);
#: 25P03 and 25P04: the transaction took too long, and its session was ended.
_LATER = ("08", "53", "55", "57", "58", "XX", READ_ONLY, "25P03", "25P04")
#: 54000 is a value that is too large for an index, which says something about the row. Raised in
#: one of these functions of the server, it says that no transaction may write before somebody has
#: run VACUUM, since the transaction numbers are used up.
_LIMIT = "54000"
_NUMBERS = ("GetNewTransactionId", "GetNewMultiXactId")
#: Raised there, at a COMMIT, it says that the queue of NOTIFY is full: a session that listens, of
#: anybody on the server, stays in a transaction. The same work can be committed without NOTIFY.
_NOTIFY = "PreCommit_Notify"
#: Classes of wrong settings: roles, passwords and pg_hba.conf; the database; the schema.
_SETTINGS = ("28", "3D", "3F")
#: No such table, column or function; no right to use it. Somebody restores, renames or migrates
#: tables, or changes rights: that says nothing about the row that was written.
_SCHEMA = ("42P01", "42703", "42883", "42501")
#: Of these, what is rarely taken away by itself: a column, a function.
_STATEMENT = ("42703", "42883")
_CURE = "python run.py prod-check names what is missing, python run.py migrate makes the tables"
#: Codes that say that the commit may have been done.
_UNKNOWN = ("08007", "40003")
_PGBOUNCER = "08P01"
_PGBOUNCER_REFUSALS = (
    "authentication failed",
    "no such database",
    "no such user",
    "no authentication method",
)
#: How PgBouncer and Supavisor (Supabase) say that they grant no more sessions.
_FULL = re.compile(
    r"no more connections|max clients reached|max client connections reached|checkout timeout",
    re.IGNORECASE,
)
#: How a server refuses a function that it does not support, or not as it is configured.
_NOT_SUPPORTED = ("0A000", "55000")


def translate(error: psycopg2.Error) -> BotError:
    """The error of a statement. https://www.postgresql.org/docs/current/errcodes-appendix.html"""
    text = first_line(error)
    code = error.pgcode
    if is_notify_full(error) or (code == _LIMIT and error.diag.source_function in _NUMBERS):
        return Unavailable(f"database: {text} ({code})")
    if code is not None:
        return _meaning(code, text, by_function=_by_function(error))
    if isinstance(error, psycopg2.ProgrammingError | psycopg2.DataError):
        # Raised by psycopg2 itself: the statement was not sent and never can be.
        return Rejected(f"database: {text}")
    # No SQLSTATE: the connection broke.
    return Unavailable(f"database: {text}")


def translate_work(error: psycopg2.Error) -> BotError:
    """The error of a statement on our own tables."""
    if error.pgcode in _SCHEMA and not _by_function(error):
        text = f"database: {first_line(error)} ({error.pgcode}); {_CURE}"
        return SchemaMismatch(text, of_statement=error.pgcode in _STATEMENT)
    return translate(error)


def translate_commit(error: psycopg2.Error) -> BotError:
    """The error of a COMMIT. When the connection breaks or the server shuts down while we wait
    for the answer, the commit may have been done."""
    broken = error.pgcode is None or error.pgcode[:2] in {"08", "57"}
    if broken and error.pgcode != STATEMENT_TIMEOUT and not _by_function(error):
        return OutcomeUnknown("database: the connection broke during a commit")
    return translate_work(error)


def translate_facts(error: psycopg2.Error) -> BotError:
    """The error of the first statements of a session. They use nothing of ours, so what is not
    supported there never will be."""
    if error.pgcode in _NOT_SUPPORTED:
        return Rejected(f"database: {first_line(error)} ({error.pgcode})")
    return translate(error)


def is_notify_full(error: psycopg2.Error) -> bool:
    """Whether a transaction was refused for its NOTIFY alone."""
    return error.pgcode == _LIMIT and error.diag.source_function == _NOTIFY


def is_full(error: psycopg2.Error, code: str | None) -> bool:
    """Whether a refused connection was one too many; ``code`` comes from ``refusal.py``."""
    by_pooler = code in {_PGBOUNCER, "XX000"} and _FULL.search(str(error)) is not None
    return code == "53300" or by_pooler


def translate_refusal(error: psycopg2.Error, code: str | None) -> BotError:
    """The error of a refused connection; ``code`` comes from ``refusal.py``."""
    text = first_line(error)
    if code is None:
        return Unavailable(f"database: {text}")
    by_pooler = code == _PGBOUNCER and any(sign in text for sign in _PGBOUNCER_REFUSALS)
    # 42501 here: the role has no right to connect to the database.
    if by_pooler or code[:2] in _SETTINGS or code == "42501":
        return LoginRefused([f"DATABASE_URL: the server refuses it: {text} ({code})"])
    return Unavailable(f"database: {text} ({code})")


def first_line(error: psycopg2.Error) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _by_function(error: psycopg2.Error) -> bool:
    """Whether a function has raised it, such as a trigger of somebody else. It may choose any code,
    for a single row; it says nothing about the server, and its transaction is rolled back."""
    return bool(error.diag.context)


def _meaning(code: str, text: str, *, by_function: bool) -> BotError:
    if code == FENCE_REFUSED:
        return Fenced(text)
    if by_function and (code in _UNKNOWN or code[:2] in _SETTINGS):
        return Rejected(f"database: {text} ({code}, raised by a function)")
    if code in _UNKNOWN:
        return OutcomeUnknown(f"database: {text} ({code})")
    if code[:2] == "40" or code in _PREPARE_AGAIN:
        return Contended(f"database: {text} ({code})")
    if code.startswith(_LATER):
        return Unavailable(f"database: {text} ({code})")
    if code[:2] in _SETTINGS:
        return Misconfigured([f"DATABASE_URL: the server refuses it: {text} ({code})"])
    return Rejected(f"database: {text} ({code})")
