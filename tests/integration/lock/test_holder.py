"""264 keys, every kind of decoy at once: exactly the holder is found, and only it is ended."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg2
import psycopg2.extras
import pytest

from supervisor.lock.protocol import Lock
from supervisor.lock.timing import Timing
from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.bots.candidate import target

Connect = Callable[[], Any]

#: The corners of both halves, negative keys (a first release of somebody else may use
#: them), and 250 keys drawn once and for all, half of them with the sign bit.
CORNERS = [0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**63 - 1, -1, -(2**31), -(2**63)]
_DRAWN = random.Random(20)
KEYS = sorted(
    {*CORNERS, 2**62, 0x7FFFFFFF80000000, 773316565181741819}
    | {_DRAWN.getrandbits(63) * _DRAWN.choice((1, -1)) for _ in range(250)}
)


def halves(key: int) -> tuple[int, int]:
    """As two signed ints: the key space of ``pg_advisory_lock(int, int)``."""
    high, low = (key >> 32) & 0xFFFFFFFF, key & 0xFFFFFFFF
    return tuple(half - 2**32 if half >= 2**31 else half for half in (high, low))  # type: ignore[return-value]


def lock_all(connection: Any, keys: list[int], statement: str) -> None:
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute(statement, {"key": key, "high": halves(key)[0], "low": halves(key)[1]})


@pytest.fixture
def decoys(dsn: Secret, postgres: Any, connect: Connect) -> Iterator[list[Any]]:
    """Sessions that hold what looks like the lock, for every key."""
    elsewhere = psycopg2.connect(postgres.dsn.reveal())
    elsewhere.autocommit = True
    two_ints, swapped, neighbours, shared = (connect() for _ in range(4))
    lock_all(elsewhere, KEYS, "SELECT pg_advisory_lock(CAST(%(key)s AS bigint))")
    lock_all(two_ints, KEYS, "SELECT pg_advisory_lock(%(high)s, %(low)s)")
    lock_all(swapped, KEYS, "SELECT pg_try_advisory_lock(%(low)s, %(high)s)")
    near = {key ^ 1 for key in KEYS} | {key ^ (1 << 32) for key in KEYS}
    near = {key for key in near if -(2**63) <= key < 2**63} - set(KEYS)
    lock_all(neighbours, sorted(near), "SELECT pg_advisory_lock(CAST(%(key)s AS bigint))")
    lock_all(
        shared, sorted(near)[:50], "SELECT pg_try_advisory_lock_shared(CAST(%(key)s AS bigint))"
    )
    yield [elsewhere, two_ints, swapped, neighbours, shared]
    elsewhere.close()


@pytest.fixture
def seek(dsn: Secret, identity: Identity) -> Iterator[Callable[[int], Lock]]:
    """A lock's eyes on any key, all through one session."""
    session_owner = Lock.open(target(dsn, identity, "seeker"), Timing())
    named = target(dsn, identity, "seeker")

    def look(key: int) -> Lock:
        return Lock(session_owner._session, replace(named, key=key), Timing())

    yield look
    session_owner.close()


def test_there_are_264_keys() -> None:
    assert len(KEYS) == 264


def test_nobody_is_found_for_a_key_that_only_decoys_hold(
    decoys: list[Any], seek: Callable[[int], Lock]
) -> None:
    assert [key for key in KEYS if seek(key).holder() is not None] == []


def test_exactly_the_holder_is_found_for_every_key(
    decoys: list[Any], seek: Callable[[int], Lock], connect: Connect
) -> None:
    holders = [connect() for _ in range(4)]
    for number, holder in enumerate(holders):
        lock_all(holder, KEYS[number::4], "SELECT pg_advisory_lock(CAST(%(key)s AS bigint))")

    for number, key in enumerate(KEYS):
        found = seek(key).holder()
        assert found is not None, key
        assert found.pid == holders[number % 4].info.backend_pid, key


def test_who_waits_for_the_lock_or_shares_it_is_not_its_holder(
    seek: Callable[[int], Lock], connect: Connect, dsn: Secret
) -> None:
    sharing, holder = connect(), connect()
    waiting = psycopg2.connect(dsn.reveal(), async_=True)
    psycopg2.extras.wait_select(waiting)
    key = 2**62 + 2**31
    lock_all(sharing, [key], "SELECT pg_advisory_lock_shared(CAST(%(key)s AS bigint))")
    queued = waiting.cursor()  # kept: psycopg2 forgets the statement of a cursor that is gone
    queued.execute("SELECT pg_advisory_lock(CAST(%s AS bigint))", (key,))

    assert seek(key).holder() is None

    sharing.close()
    psycopg2.extras.wait_select(waiting)  # granted
    found = seek(key).holder()
    assert found is not None
    assert found.pid == waiting.info.backend_pid
    waiting.close()
    holder.close()


def test_no_decoy_can_be_ended_in_the_holders_place(
    decoys: list[Any], seek: Callable[[int], Lock], connect: Connect
) -> None:
    """Even when a caller names a decoy's session itself, with its true start."""
    key = KEYS[len(KEYS) // 2]
    holder = connect()
    lock_all(holder, [key], "SELECT pg_advisory_lock(CAST(%(key)s AS bigint))")
    found = seek(key).holder()
    assert found is not None
    for decoy in decoys:
        with decoy.cursor() as cursor:
            cursor.execute(
                "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
            )
            ((pid, start),) = cursor.fetchall()
        named = replace(found, pid=pid, backend_start=start)

        assert not seek(key).evict(named)
        assert not seek(key).evict_stale(named, 0.0)

    # The right process number of a session that started at another moment.
    assert found.backend_start is not None
    assert not seek(key).evict(replace(found, backend_start=decoys_start(decoys[0])))
    for each in (*decoys, holder):
        with each.cursor() as cursor:
            cursor.execute("SELECT 1")

    assert seek(key).evict(found)


def decoys_start(decoy: Any) -> Any:
    with decoy.cursor() as cursor:
        cursor.execute("SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        ((start,),) = cursor.fetchall()
    return start
