"""What most of these tests have in common: a conversation on a database of their own."""

from collections.abc import Iterator

import pytest

from supervisor.database.transactions import Database
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.support.chats.conversation import Conversation
from tests.support.edges.link_files import Files
from tests.support.edges.simulators import running_kie
from tests.support.jobs.shop import Shop
from tests.support.postgres.databases import admin


@pytest.fixture
def files() -> Files:
    """What stands behind links, for the sender."""
    return Files()


@pytest.fixture
def talk(dsn: Secret, files: Files) -> Iterator[Conversation]:
    """Stores updates; a test starts what else it needs of a bot."""
    conversation = Conversation(dsn, files=files)
    with conversation.storing():
        yield conversation
    conversation.close()


@pytest.fixture
def shop(database: Database, identity: Identity, wakeups: Wakeups) -> Iterator[Shop]:
    """Jobs against the simulator of kie.ai, which refuses none of their calls."""
    database.is_active = True
    with running_kie() as (url, kie):
        made = Shop(database, identity, wakeups, url, kie)
        yield made
        made.stop()
        assert kie.violations() == []


@pytest.fixture
def idle_sessions_end(dsn: Secret) -> None:
    """The server ends them by itself, as PostgreSQL does from 14 on."""
    with admin(dsn) as cursor:
        cursor.execute("SELECT count(*) FROM pg_settings WHERE name = 'idle_session_timeout'")
        if cursor.fetchone() == (0,):
            pytest.skip("PostgreSQL before 14 has no idle_session_timeout")
