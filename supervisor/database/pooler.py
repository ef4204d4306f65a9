"""Is there a transaction pooler between us and PostgreSQL?

Behind one, every statement may run on another server session: the session lock would
belong to no instance, and two could both believe that they hold it. A pooler can be
recognised: the process number that it gives to the client is not the server's.
Whether it pools by session or by transaction is found out by holding one session in
a transaction and looking where the other one lands (PgBouncer documentation,
"pool_mode"; Supabase's port 6543 and Neon's ``-pooler`` hosts pool by transaction).
"""

from collections.abc import Callable

import psycopg2

import sql
from supervisor.database.connection import connect
from supervisor.database.sqlstate import translate
from supervisor.runtime.errors import Misconfigured
from supervisor.runtime.secret import Secret

_SQL = sql.load("lock")
ROUNDS = 5  #: measured: each of 300 transaction poolers was found within five


def refuse_transaction_pooler(dsn: Secret, my_backend: Callable[[], int]) -> None:
    """Return when a session keeps its server process; raise ``Misconfigured`` when not.

    ``my_backend`` asks, on the session under test, which server process serves it now.
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
        # A statement pooler refuses to open a transaction by hanging up. It is one only
        # if it does so while the session under test lives on, and if it says so or
        # does it again: an outage of a moment must not look like a wrong setting.
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
