"""Many rows in one transaction, and what one of them may cost the others."""

import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

import psycopg2
import pytest

from supervisor.database import batch
from supervisor.database.batch import BatchRunner
from supervisor.database.failed_rows import FAULT_PAUSES
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import Fenced, Misconfigured, OutcomeUnknown, Rejected, Unavailable
from supervisor.runtime.term import Term
from tests.support.edges.fakes import FakeClock
from tests.support.machine.waiting import within
from tests.support.postgres.databases import end_sessions

ROWS = (1, 2, 3, 4, 5)


class Books:
    """Adds one credit to each user; counts how often it was asked for whom."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, ...]] = []

    def __call__(self, tx: Tx, users: Sequence[int]) -> int:
        self.calls.append(tuple(users))
        for user in users:
            tx.run("UPDATE users SET balance = balance + 1 WHERE user_id = %(u)s", {"u": user})
        return len(users)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def runner(database: Database, clock: FakeClock) -> BatchRunner[int]:
    with database.transaction() as tx:
        for user in ROWS:
            tx.run("INSERT INTO users (user_id) VALUES (%(u)s)", {"u": user})
    return BatchRunner(database, clock, "test", key=lambda user: user)


@pytest.fixture
def books() -> Books:
    return Books()


def balances(database: Database) -> dict[int, int]:
    with database.transaction() as tx:
        return {
            row["user_id"]: int(row["balance"])
            for row in tx.all("SELECT user_id, balance FROM users ORDER BY user_id")
        }


@contextmanager
def locked(connect: Any, user: int) -> Iterator[None]:
    """As an operator's psql holds a row whose transaction was left open."""
    connection = connect()
    connection.autocommit = False
    connection.cursor().execute("UPDATE users SET balance = balance WHERE user_id = %s", (user,))
    yield
    connection.rollback()


def break_row(connect: Any, sqlstate: str, *, when: str = "NEW.user_id = 3") -> None:
    cursor = connect().cursor()
    cursor.execute(
        "CREATE OR REPLACE FUNCTION break_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {when} THEN RAISE EXCEPTION 'planted' USING ERRCODE = '{sqlstate}'; END IF;"
        " RETURN NEW; END $$"
    )
    cursor.execute("DROP TRIGGER IF EXISTS break_row ON users")
    cursor.execute(
        "CREATE TRIGGER break_row BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION break_row()"
    )


def mend(connect: Any) -> None:
    connect().cursor().execute("DROP TRIGGER break_row ON users")


def test_all_rows_share_one_transaction(
    runner: BatchRunner[int], books: Books, database: Database
) -> None:
    outcome = runner.run(None, ROWS, books)

    assert books.calls == [ROWS]
    assert outcome.done == list(ROWS)
    assert outcome.results == [len(ROWS)]
    assert balances(database) == dict.fromkeys(ROWS, 1)


def test_no_rows_are_no_work(runner: BatchRunner[int], books: Books) -> None:
    outcome = runner.run(None, (), books)

    assert (books.calls, outcome.done, outcome.faults, outcome.waiting) == ([], [], [], [])


def test_a_row_that_another_session_holds_waits_alone(
    runner: BatchRunner[int], books: Books, database: Database, connect: Any
) -> None:
    with locked(connect, 3):
        outcome = runner.run(None, ROWS, books)

        assert balances(database) == {1: 1, 2: 1, 3: 0, 4: 1, 5: 1}
    assert outcome.done == [1, 2, 4, 5]
    (fault,) = outcome.faults
    assert (fault.item, fault.tries, fault.pause) == (3, 1, FAULT_PAUSES[0])
    assert isinstance(fault.error, Unavailable)


@pytest.mark.parametrize(
    "sqlstate",
    [
        *("53100", "57014", "40001", "40P01", "55P03", "25006", "22003", "P0001"),
        # What a trigger says of settings or of a commit concerns its row alone.
        *("28000", "28P01", "3D000", "3F000", "08007", "40003", "57P01", "08006", "XX000"),
    ],
)
def test_a_row_that_the_database_refuses_waits_alone_whatever_the_reason(
    sqlstate: str, runner: BatchRunner[int], books: Books, database: Database, connect: Any
) -> None:
    break_row(connect, sqlstate)

    outcome = runner.run(None, ROWS, books)

    assert balances(database) == {1: 1, 2: 1, 3: 0, 4: 1, 5: 1}
    assert [fault.item for fault in outcome.faults] == [3]


@pytest.mark.parametrize("sqlstate", ["57P01", "08006", "28000"])
def test_a_row_that_is_refused_at_the_commit_waits_alone(
    sqlstate: str, runner: BatchRunner[int], books: Books, database: Database, connect: Any
) -> None:
    break_row(connect, sqlstate)
    connect().cursor().execute(
        "DROP TRIGGER break_row ON users; CREATE CONSTRAINT TRIGGER break_row AFTER UPDATE ON users"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION break_row()"
    )

    outcome = runner.run(None, ROWS, books)

    assert balances(database) == {1: 1, 2: 1, 3: 0, 4: 1, 5: 1}
    assert [fault.item for fault in outcome.faults] == [3]


def test_a_row_that_breaks_the_work_itself_waits_alone(
    runner: BatchRunner[int], database: Database
) -> None:
    def work(tx: Tx, users: Sequence[int]) -> None:
        for user in users:
            _ = 1 / (user - 3)
            Books()(tx, [user])

    outcome = runner.run(None, ROWS, work)

    assert balances(database) == {1: 1, 2: 1, 3: 0, 4: 1, 5: 1}
    assert [type(fault.error) for fault in outcome.faults] == [ZeroDivisionError]


def test_a_row_at_fault_costs_the_others_one_time_limit_and_none_later(
    runner: BatchRunner[int], books: Books, clock: FakeClock, connect: Any
) -> None:
    with locked(connect, 3):
        runner.run(None, ROWS, books)
        books.calls.clear()

        assert runner.run(None, ROWS, books).waiting == [3]
        assert books.calls == [(1, 2, 4, 5)]

        clock.time += FAULT_PAUSES[0]
        books.calls.clear()
        outcome = runner.run(None, ROWS, books)
        assert books.calls == [(1, 2, 4, 5), (3,)]  # after the others, by itself
        assert [(fault.tries, fault.pause) for fault in outcome.faults] == [(2, FAULT_PAUSES[1])]


def test_a_row_that_is_free_again_shares_a_transaction_again(
    runner: BatchRunner[int], books: Books, clock: FakeClock, connect: Any
) -> None:
    with locked(connect, 3):
        runner.run(None, ROWS, books)
    clock.time += FAULT_PAUSES[0]
    assert runner.run(None, [3], books).done == [3]
    books.calls.clear()

    runner.run(None, ROWS, books)

    assert books.calls == [ROWS]


def test_nothing_gets_through_is_an_outage_and_nobody_s_fault(
    runner: BatchRunner[int], books: Books, database: Database, connect: Any
) -> None:
    break_row(connect, "53100", when="TRUE")

    with pytest.raises(Unavailable, match="53100"):
        runner.run(None, ROWS, books)

    mend(connect)
    outcome = runner.run(None, ROWS, books)
    assert sorted(outcome.done) == list(ROWS)
    assert outcome.waiting == []
    assert balances(database) == dict.fromkeys(ROWS, 1)


def test_a_database_that_goes_away_is_an_outage_and_not_asked_for_each_row(
    runner: BatchRunner[int], connect: Any, postgres: Any
) -> None:
    cursor = connect().cursor()
    cursor.execute("SELECT current_database()")
    (name,) = cursor.fetchone()
    asked: list[int] = []

    def work(tx: Tx, users: Sequence[int]) -> None:
        asked.append(len(users))
        with closing(psycopg2.connect(postgres.dsn.reveal())) as admin:
            admin.autocommit = True
            cursor = admin.cursor()
            cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS FALSE")
            end_sessions(cursor, "datname = %s", name)
        tx.one("SELECT 1")

    with pytest.raises(Unavailable, match="not currently accepting connections"):
        runner.run(None, ROWS, work)

    assert asked == [len(ROWS)]


def test_bad_rows_before_a_good_one_do_not_hide_it_for_ever(
    runner: BatchRunner[int],
    books: Books,
    database: Database,
    connect: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch, "ALL_FAILED", 2)
    break_row(connect, "53100", when="NEW.user_id < 5")

    rounds = 0
    while balances(database)[5] == 0:
        rounds += 1
        assert rounds < 4
        try:
            runner.run(None, ROWS, books)
        except Unavailable:
            continue


def test_the_rest_is_left_untried_when_single_rows_take_too_long(
    runner: BatchRunner[int], clock: FakeClock, database: Database
) -> None:
    def work(tx: Tx, users: Sequence[int]) -> None:
        if 2 in users:
            clock.time += batch.ONE_BY_ONE_SECONDS
            raise Unavailable("too slow")
        Books()(tx, users)

    outcome = runner.run(None, ROWS, work)

    assert (outcome.done, outcome.waiting) == ([1], [3, 4, 5])
    assert [fault.item for fault in outcome.faults] == [2]
    assert runner.run(None, ROWS, work).done == [1, 3, 4, 5]


def test_a_lone_row_is_at_fault_when_another_thread_gets_through_meanwhile(
    runner: BatchRunner[int], books: Books, database: Database, connect: Any
) -> None:
    asked = threading.Event()
    through = threading.Event()

    def work(tx: Tx, users: Sequence[int]) -> None:
        asked.set()
        assert within(through.wait, 10)
        books(tx, users)

    def other() -> None:
        assert within(asked.wait, 10)
        runner.run(None, [1], books)
        through.set()

    thread = threading.Thread(target=other)
    thread.start()
    break_row(connect, "53100")
    outcome = runner.run(None, [3], work)
    thread.join()

    assert [fault.item for fault in outcome.faults] == [3]


def test_a_lone_row_that_was_at_fault_before_still_is(
    runner: BatchRunner[int], books: Books, clock: FakeClock, connect: Any
) -> None:
    break_row(connect, "53100")
    runner.run(None, ROWS, books)
    clock.time += FAULT_PAUSES[0]

    outcome = runner.run(None, [3], books)

    assert [(fault.item, fault.tries) for fault in outcome.faults] == [(3, 2)]


def test_after_a_deadlock_the_transaction_is_repeated_at_once(
    runner: BatchRunner[int], books: Books, database: Database, connect: Any
) -> None:
    cursor = connect().cursor()
    cursor.execute("CREATE SEQUENCE tries")
    break_row(connect, "40P01", when="NEW.user_id = 3 AND nextval('tries') < 2")

    outcome = runner.run(None, ROWS, books)

    assert (outcome.done, outcome.faults) == (list(ROWS), [])
    assert books.calls == [ROWS, ROWS]


def test_a_term_that_is_over_ends_the_work_at_once(runner: BatchRunner[int], books: Books) -> None:
    with pytest.raises(Fenced):
        runner.run(Term(epoch=1, token=uuid.uuid4()), ROWS, books)

    assert books.calls == []


@pytest.mark.parametrize("error", [Fenced("over"), Misconfigured(["wrong"]), OutcomeUnknown("?")])
def test_what_concerns_every_row_is_raised_from_the_middle_and_the_rest_not_tried(
    error: Exception, runner: BatchRunner[int], database: Database
) -> None:
    tried: list[int] = []

    def work(tx: Tx, users: Sequence[int]) -> None:
        if len(users) > 1:
            raise Rejected("part them")
        tried.extend(users)
        if users == [3]:
            raise error
        Books()(tx, users)

    with pytest.raises(type(error)):
        runner.run(None, ROWS, work)

    assert tried == [1, 2, 3]
    assert balances(database) == {1: 1, 2: 1, 3: 0, 4: 0, 5: 0}


def test_what_is_done_after_a_commit_is_done_once_though_the_batch_was_parted(
    runner: BatchRunner[int], connect: Any
) -> None:
    told: list[int] = []

    def work(tx: Tx, users: Sequence[int]) -> None:
        for user in users:
            tx.afterwards(partial(told.append, user))
        Books()(tx, users)

    break_row(connect, "53100")
    runner.run(None, ROWS, work)

    assert told == [1, 2, 4, 5]


def test_a_short_transaction_has_short_limits_and_the_next_one_has_not(
    database: Database,
) -> None:
    def limits(*, short: bool) -> tuple[str, str]:
        with database.transaction(short=short) as tx:
            row = tx.one(
                "SELECT current_setting('lock_timeout') AS a,"
                " current_setting('statement_timeout') AS b"
            )
        assert row is not None
        return row["a"], row["b"]

    assert limits(short=True) == ("1s", "5s")
    assert limits(short=False) == ("5s", "10s")


def test_the_work_on_rows_runs_within_short_limits(
    runner: BatchRunner[int],
) -> None:
    def work(tx: Tx, users: Sequence[int]) -> object:
        return tx.one("SELECT current_setting('lock_timeout') AS limit")

    assert runner.run(None, ROWS, work).results == [{"limit": "1s"}]


def test_the_real_clock_is_good_enough(database: Database, books: Books) -> None:
    runner: BatchRunner[int] = BatchRunner(database, SystemClock(), "test", key=lambda user: user)

    assert runner.run(None, ROWS, books).done == list(ROWS)
    assert runner.due_in() is None
