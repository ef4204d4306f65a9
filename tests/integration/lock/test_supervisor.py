"""Whole supervisors on one database: what they say of themselves while the lock changes hands."""

from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import psycopg2
import pytest

from supervisor.lock.eviction import Rules
from supervisor.lock.supervisor import DAMPING
from supervisor.lock.timing import Timing
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import Exit, Fenced, Misconfigured
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import ServiceThread
from supervisor.settings.identity import Identity
from tests.support.bots.instance import Instance
from tests.support.machine.lines import Lines, captured
from tests.support.machine.waiting import until, within

Start = Callable[..., Instance]


@pytest.fixture
def start(dsn: Secret, identity: Identity) -> Iterator[Start]:
    made: list[Instance] = []

    def begin(name: str, **options: Any) -> Instance:
        made.append(Instance(dsn, identity, name, **options))
        return made[-1]

    yield begin
    for each in made:
        each.close()


@pytest.fixture
def lines() -> Iterator[Lines]:
    with captured() as made:
        yield made


def ask(dsn: Secret, statement: str, *params: Any) -> list[Any]:
    connection = psycopg2.connect(dsn.reveal())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows = cursor.fetchall()
    connection.close()
    return rows


def end_session(dsn: Secret, name: str) -> None:
    ask(
        dsn,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
        f"trt:123456:{name}",
    )


def holder(dsn: Secret) -> list[Any]:
    return ask(
        dsn,
        "SELECT l.pid, e.epoch FROM pg_locks l JOIN lock_epochs e ON e.backend_pid = l.pid"
        " WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.mode = 'ExclusiveLock'"
        " AND e.ended_at IS NULL AND l.database = (SELECT oid FROM pg_database"
        " WHERE datname = current_database())",
    )


def test_a_healthy_holder_older_than_the_stale_limit_survives_a_newcomer(
    dsn: Secret, start: Start, lines: Lines
) -> None:
    """The limit is 3 s here, so that the holder, which beats every second as always, becomes
    older; in production both are 300 s and more."""
    first = start("first")
    first.wait_state("ACTIVE")
    before = holder(dsn)
    newcomer = start("second", rules=Rules(stale_after=3.0, force_after=None))
    newcomer.wait_state("PASSIVE")

    old_enough = (
        "SELECT 1 FROM lock_epochs WHERE acquired_at < clock_timestamp() - interval '4.5 s'"
    )
    until(lambda: ask(dsn, old_enough), 10, "the holder is older than the limit")

    assert holder(dsn) == before
    assert first.says()["epoch"] == 1
    assert newcomer.says()["state"] == "PASSIVE"
    assert not lines.of("STALE")


def test_a_clean_hand_over_is_told_by_both_and_counted_by_the_successor(
    start: Start, dsn: Secret
) -> None:
    first = start("first")
    first.wait_state("ACTIVE")
    second = start("second")
    waiting = second.wait_state("PASSIVE")
    assert waiting["epoch"] is None
    assert waiting["lock"] == {"held": False, "since": None, "last_verified_seconds": None}

    assert first.stop() is Exit.OK
    said = second.wait_state("ACTIVE")

    assert said["epoch"] == 2
    assert said["lock"]["held"] is True
    assert "outside_calls_in_seconds" not in said["lock"]
    assert first.says()["lock"]["held"] is False
    assert second.counted("trt_hand_overs_total", predecessor="signed_off") == 1
    assert second.counted("trt_hand_overs_total", predecessor="gone") == 0
    # What the server's clock may have run ahead of late is taken off the gap, never added.
    ((gap,),) = ask(
        dsn,
        "SELECT extract(epoch FROM b.acquired_at - a.signed_off_at)::float8"
        " FROM lock_epochs AS a JOIN lock_epochs AS b ON b.epoch = a.epoch + 1",
    )
    assert 0 < gap < 5
    assert 0 <= second.counted("trt_without_active_seconds_total") <= gap
    assert second.counted("trt_activations_total") == 1
    assert first.counted("trt_hand_overs_total", predecessor="signed_off") == 0


def test_an_unclean_take_over_says_for_how_long_no_outside_call_is_made(
    dsn: Secret, start: Start
) -> None:
    """Whichever of the two wins next: the loser itself may be the fastest."""
    first = start("first")
    first.wait_state("ACTIVE")
    second = start("second")
    second.wait_state("PASSIVE")
    end_session(dsn, "first")

    winner = until(
        lambda: next((i for i in (first, second) if i.says()["epoch"] == 2), None), 15, "epoch 2"
    )

    said = winner.says()
    assert 0 < said["lock"]["outside_calls_in_seconds"] <= 4.5
    assert winner.counted("trt_hand_overs_total", predecessor="gone") == 1
    assert first.counted("trt_lock_losses_total", cause="session_ended") == 1
    _, gate = winner.begun(2)
    assert gate.waits() > 0


def test_the_lock_is_not_held_any_more_while_the_services_are_still_stopping(
    dsn: Secret, start: Start
) -> None:
    told_to_stop, may_end = Event(), Event()

    def work(term: Term, gate: Gate, stop: Event) -> None:
        stop.wait()
        told_to_stop.set()
        may_end.wait(10)

    first = start("first", services=(ServiceThread("slow", work),))
    first.wait_state("ACTIVE")

    end_session(dsn, "first")
    assert within(told_to_stop.wait, 10)
    said = first.says()
    may_end.set()

    assert said["state"] == "PASSIVE"
    assert said["epoch"] is None
    assert said["lock"]["held"] is False
    assert first.wait_state("ACTIVE")["epoch"] == 2
    assert not first.died


def test_the_one_that_was_forced_out_says_so_and_waits(dsn: Secret, start: Start) -> None:
    first = start("first")
    first.wait_state("ACTIVE")
    second = start("second", rules=Rules(stale_after=300.0, force_after=0.5))

    second.wait_state("ACTIVE")
    first.wait_state("PASSIVE")

    assert first.counted("trt_lock_losses_total", cause="session_ended") == 1
    assert second.counted("trt_hand_overs_total", predecessor="gone") == 1
    rows = ask(dsn, "SELECT end_reason FROM lock_epochs WHERE epoch = 1")
    assert "gone without sign-off" in rows[0][0]
    until(lambda: "administrator command" in _reason(dsn, 1), 10, "the loser's own word for it")


def _reason(dsn: Secret, epoch: int) -> str:
    return str(ask(dsn, "SELECT end_reason FROM lock_epochs WHERE epoch = %s", epoch)[0][0])


def test_writes_of_a_term_that_is_over_are_refused_and_counted(dsn: Secret, start: Start) -> None:
    first = start("first")
    lost, _ = first.begun(1)
    end_session(dsn, "first")
    current, _ = first.begun(2)

    for _ in range(3):
        with pytest.raises(Fenced), first.database.transaction(lost) as tx:
            tx.run("INSERT INTO users (user_id) VALUES (1)")
    with first.database.transaction(current) as tx:
        tx.run("INSERT INTO users (user_id) VALUES (2)")

    assert first.counted("trt_fence_refusals_total") == 3
    assert ask(dsn, "SELECT user_id FROM users") == [(2,)]


def test_a_database_that_is_away_is_told_and_so_is_its_return(dsn: Secret, start: Start) -> None:
    first = start("first")
    first.wait_state("ACTIVE")
    name = psycopg2.extensions.parse_dsn(dsn.reveal())["dbname"]
    outside = Secret(dsn.reveal().replace(f"/{name}?", "/postgres?"))
    ask(outside, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false; SELECT 1")
    ask(outside, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name)

    first.wait_state("PASSIVE")
    said = until(
        lambda: (found := first.says())["status"] == "degraded" and found, 10, "a degraded status"
    )
    assert said["reason"] == "database"
    assert "not currently accepting connections" in first.health.summary()
    assert said["lock"]["held"] is False

    ask(outside, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true; SELECT 1")
    assert first.wait_state("ACTIVE", 20)["status"] == "ok"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ImportError("half of the release is there"), Exit.FAILED),
        (Misconfigured(["a setting is wrong"]), Exit.USAGE),
    ],
)
def test_an_instance_that_cannot_act_ends_while_it_waits_and_never_takes_the_lock(
    dsn: Secret, start: Start, error: Exception, code: Exit
) -> None:
    first = start("first")
    first.wait_state("ACTIVE")
    second = start("second")
    second.wait_state("PASSIVE")

    assert second.fail(error) is code

    first.stop()
    assert ask(dsn, "SELECT max(epoch) FROM lock_epochs") == [(1,)]


def test_a_holder_that_cannot_act_signs_off_and_ends_with_its_failure(
    dsn: Secret, start: Start
) -> None:
    first = start("first")
    first.begun(1)

    assert first.fail(RuntimeError("broken")) is Exit.FAILED

    assert ask(dsn, "SELECT signed_off_at IS NOT NULL FROM lock_epochs") == [(True,)]


def test_a_failure_after_a_request_to_stop_changes_nothing(start: Start) -> None:
    first = start("first")
    first.wait_state("ACTIVE")
    assert first.stop() is Exit.OK

    assert first.fail(RuntimeError("too late")) is Exit.OK


class Impatient(SystemClock):
    """Remembers the pauses that it was asked for and makes them short."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def wait(self, event: Event, seconds: float) -> bool:
        self.pauses.append(seconds)
        return event.wait(min(0.01, seconds))


def test_the_more_often_the_lock_is_lost_the_longer_the_pause(dsn: Secret, start: Start) -> None:
    clock = Impatient()
    first = start("first", clock=clock)
    for epoch in range(1, len(DAMPING) + 2):
        wait_terms(first, epoch)
        end_session(dsn, "first")
    wait_terms(first, len(DAMPING) + 2)

    damped = [pause for pause in clock.pauses if pause in DAMPING]
    assert damped == [*DAMPING, DAMPING[-1]]


def wait_terms(instance: Instance, count: int) -> None:
    until(lambda: len(instance.terms) >= count, 15, f"{count} terms")


def test_three_instances_pass_the_lock_on_as_each_is_stopped(start: Start) -> None:
    instances = [start(f"i{number}", timing=Timing(poll=0.5)) for number in range(3)]
    for epoch in (1, 2, 3):
        active = until(lambda: find_active(instances), 15, "one that is ACTIVE")

        assert len(active) == 1
        assert active[0].says()["epoch"] == epoch
        assert active[0].stop() is Exit.OK


def find_active(instances: list[Instance]) -> list[Instance]:
    return [each for each in instances if each.says()["state"] == "ACTIVE"]
