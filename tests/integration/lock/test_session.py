"""The lock's session: its limits, and the servers and roles that it accepts or refuses."""

import socket
from collections.abc import Callable, Iterator

import psycopg2
import pytest

from supervisor.lock import session_limits as limits
from supervisor.lock.session import Session
from supervisor.lock.timing import Timing
from supervisor.runtime.errors import Misconfigured, Unavailable
from supervisor.runtime.secret import Secret
from tests.support.postgres.standby import Standby


@pytest.fixture
def open_session() -> Iterator[Callable[[Secret], Session]]:
    opened: list[Session] = []

    def opener(dsn: Secret) -> Session:
        opened.append(Session.open(dsn, Timing(), name="test", channels=("c",)))
        return opened[-1]

    yield opener
    for session in opened:
        session.close()


def shown(session: Session, name: str) -> str:
    return str(session.all("limits_in_force", {"names": [name]})[0]["value"])


def test_a_standby_is_refused_until_it_is_promoted_and_keeps_every_limit_over_tcp(
    dsn: Secret, open_session: Callable[[Secret], Session]
) -> None:
    standby = Standby(dsn)
    try:
        with pytest.raises(Unavailable, match="standby; DATABASE_URL must name the primary"):
            open_session(standby.dsn)

        standby.promote()
        session = open_session(standby.dsn)

        assert session.warnings == ()
        for name, value in limits.wanted(Timing()).items():
            assert shown(session, name) == str(value), name
        # The client's own side of the line, as the kernel has it.
        ours = session._line._socket
        assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 2000
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 5
    finally:
        standby.close()


@pytest.mark.usefixtures("idle_sessions_end")
def test_the_servers_own_words_for_the_limits(
    dsn: Secret, open_session: Callable[[Secret], Session]
) -> None:
    session = open_session(dsn)
    with session._connection.cursor() as cursor:
        found = {}
        for name in ("idle_session_timeout", "statement_timeout", "lock_timeout"):
            cursor.execute(f"SHOW {name}")
            found[name] = cursor.fetchone()[0]

    assert found == {
        "idle_session_timeout": "8s",
        "statement_timeout": "1400ms",
        "lock_timeout": "1s",
    }


def test_a_session_knows_its_own_start_by_which_instances_are_told_apart(
    dsn: Secret, open_session: Callable[[Secret], Session]
) -> None:
    """Not the moment of its probe: two that connect at the same time would each find the
    other's session older, and with wait_then_force throw each other out."""
    first, second = open_session(dsn), open_session(dsn)
    with first._connection.cursor() as cursor:
        for each in (first, second):
            cursor.execute(
                "SELECT backend_start FROM pg_stat_activity WHERE pid = %s",
                (each._connection.info.backend_pid,),
            )
            assert cursor.fetchone() == (each.born,)


def test_a_role_that_may_only_read_is_refused_with_the_reason(
    dsn: Secret, connect: Callable[[], psycopg2.extensions.connection]
) -> None:
    name = psycopg2.extensions.parse_dsn(dsn.reveal())["dbname"]
    with connect().cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")

    with pytest.raises(Unavailable, match="read-only; nothing can be stored"):
        Session.open(dsn, Timing(), name="test", channels=())


def test_limits_that_the_server_takes_back_are_refused(
    dsn: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a proxy that resets them: what is asked for is not what is in force."""
    wanted = limits.wanted(Timing())
    asked = iter([{}, wanted])
    monkeypatch.setattr(limits, "wanted", lambda _: next(asked))

    with pytest.raises(Misconfigured, match="does not keep its limits"):
        Session.open(dsn, Timing(), name="test", channels=())


def test_a_server_that_does_not_know_idle_session_timeout_is_used_without(
    dsn: Secret, monkeypatch: pytest.MonkeyPatch, open_session: Callable[[Secret], Session]
) -> None:
    """PostgreSQL 13, as this server plays it: a name that pg_settings does not have."""
    wanted = limits.wanted(Timing())
    wanted["no_such_timeout"] = wanted.pop(limits.IDLE)
    monkeypatch.setattr(limits, "wanted", lambda _: dict(wanted))
    monkeypatch.setattr(limits, "IDLE", "no_such_timeout")

    session = open_session(dsn)

    assert "before 14" in session.warnings[0]
    assert shown(session, "statement_timeout") == "1400"
