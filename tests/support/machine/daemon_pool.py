"""A database with as many connections as the daemon has."""

from collections.abc import Iterator
from contextlib import contextmanager

from handlers.process.composition import POOL_SIZE
from supervisor.database.transactions import Database
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity


@contextmanager
def pool_of_the_daemon(dsn: Secret, identity: Identity, wakeups: Wakeups) -> Iterator[Database]:
    """Workers that wait for a row hold one connection each."""
    made = Database(
        dsn,
        size=POOL_SIZE,
        bot_id=identity.bot_id,
        fence_key=identity.fence_key,
        name="test",
        wakeups=wakeups,
    )
    yield made
    made.close()
