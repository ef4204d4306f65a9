"""PgBouncer between us and PostgreSQL: a session pooler will do, the others are refused."""

import pytest

from supervisor.lock.session import Session
from supervisor.lock.timing import Timing
from supervisor.runtime.errors import Misconfigured
from supervisor.runtime.secret import Secret
from tests.support.postgres.pooler import Pooled, pooled

__all__ = ["pooled"]  # a fixture


def test_a_session_pooler_is_accepted_with_a_warning(pooled: Pooled) -> None:
    session = Session.open(pooled("session"), Timing(), name="test", channels=("c",))

    assert "session pooler" in session.warnings[0]
    session.close()


@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pooler_that_shares_sessions_is_refused(pooled: Pooled, mode: str) -> None:
    address = pooled(mode)

    for _ in range(5):
        with pytest.raises(Misconfigured, match="pooler that shares server sessions"):
            Session.open(address, Timing(), name="test", channels=("c",))


def test_a_direct_connection_has_no_warning_of_a_pooler(dsn: Secret) -> None:
    session = Session.open(dsn, Timing(), name="test", channels=("c",))

    assert [each for each in session.warnings if "before 14" not in each] == []
    session.close()
