"""What most of these tests have in common: a conversation on a database of their own.

The fixtures import what they make: the tests of the lock need nothing of it, and each mistake of
``tests/mutants`` has them imported anew.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from supervisor.database.transactions import Database
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.support.postgres.databases import admin

if TYPE_CHECKING:
    from tests.support.chats.conversation import Conversation
    from tests.support.edges.link_files import Files
    from tests.support.jobs.shop import Shop


@pytest.fixture
def files() -> "Files":
    """What stands behind links, for the sender."""
    from tests.support.edges.link_files import Files

    return Files()


@pytest.fixture
def talk(dsn: Secret, files: "Files") -> Iterator["Conversation"]:
    """Stores updates; a test starts what else it needs of a bot."""
    from tests.support.chats.conversation import Conversation

    conversation = Conversation(dsn, files=files)
    with conversation.storing():
        yield conversation
    conversation.close()


@pytest.fixture
def shop(database: Database, identity: Identity, wakeups: Wakeups) -> Iterator["Shop"]:
    """Jobs against the simulator of kie.ai, which refuses none of their calls."""
    from tests.support.edges.simulators import running_kie
    from tests.support.jobs.shop import Shop

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
