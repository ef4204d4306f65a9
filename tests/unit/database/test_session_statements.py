"""When the prepared statements of a session are planned again, and which are planned ahead."""

from typing import Any

import pytest

import sql
from supervisor.database.prepared import (
    FEW,
    LATELY,
    MOST_QUOTED,
    PLANS_LIVE,
    PLANS_LIVE_AT_FIRST,
    SessionStatements,
    UsedStatements,
)
from tests.support.edges.fakes import FakeClock

STATEMENTS = [sql.Prepared(f"trt_test_{number}", f"SELECT {number}") for number in range(FEW)]


class Quoting:
    """A cursor that quotes nothing, and counts."""

    count = 0

    def mogrify(self, statement: str, params: Any) -> bytes:
        self.count += 1
        return f"{statement} {params}".encode() if params else statement.encode()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def used(clock: FakeClock) -> UsedStatements:
    return UsedStatements(clock)


def use(session: SessionStatements, statements: list[sql.Prepared]) -> list[bytes]:
    return [text for each in statements for text in session.texts(Quoting(), each, {})]


def test_a_session_is_told_a_statement_once(used: UsedStatements) -> None:
    session = SessionStatements(used)
    first = STATEMENTS[0]

    assert use(session, [first, first]) == [
        first.prepare.encode(),
        first.execute.encode(),
        first.execute.encode(),
    ]


def test_plans_live_as_long_as_the_process_has_within_two_limits(
    used: UsedStatements, clock: FakeClock
) -> None:
    began, planned = clock.now(), []
    session = SessionStatements(used)
    use(session, STATEMENTS)
    while clock.now() < began + 600:
        clock.time += 1
        if session.must_plan_again():
            planned.append(clock.now() - began)

    assert planned == [1, 2, 4, 8, 16, 32, 64, 128, 248, 368, 488]
    assert (PLANS_LIVE_AT_FIRST, PLANS_LIVE) == (1, 120)


def test_a_session_that_knows_no_statement_has_nothing_to_plan_again(
    used: UsedStatements, clock: FakeClock
) -> None:
    session = SessionStatements(used)
    use(session, STATEMENTS)
    session.forget()
    clock.time += PLANS_LIVE_AT_FIRST

    assert not session.must_plan_again()


def test_what_was_used_in_the_last_hour_is_planned_ahead(
    used: UsedStatements, clock: FakeClock
) -> None:
    use(SessionStatements(used), STATEMENTS)
    used.lately()
    clock.time += LATELY

    session = SessionStatements(used)
    ahead = session.ahead()

    assert sorted(ahead) == sorted(
        text for each in STATEMENTS for text in (each.prepare, each.explain)
    )
    assert use(session, STATEMENTS[:1]) == [STATEMENTS[0].execute.encode()]

    clock.time += 1
    assert SessionStatements(used).ahead() == []


def test_few_statements_are_not_planned_ahead(used: UsedStatements) -> None:
    use(SessionStatements(used), STATEMENTS[1:])

    session = SessionStatements(used)

    assert session.ahead() == []
    assert use(session, STATEMENTS[1:2])[0] == STATEMENTS[1].prepare.encode()


def test_what_comes_with_many_transactions_is_quoted_once_for_all_sessions(
    used: UsedStatements,
) -> None:
    quoting, first, limits = Quoting(), STATEMENTS[0], {"limit": "1s"}
    sessions = SessionStatements(used), SessionStatements(used)

    sent = [each.same_texts(quoting, first, limits) for each in (*sessions, *sessions)]

    execute = f"{first.execute} {limits}".encode()
    assert sent == 2 * [[first.prepare.encode(), execute]] + 2 * [[execute]]
    assert quoting.count == 1
    assert sessions[0].same_texts(quoting, "BEGIN", {}) == [b"BEGIN"]


def test_other_parameters_are_quoted_anew_and_only_some_are_kept(used: UsedStatements) -> None:
    quoting, session = Quoting(), SessionStatements(used)
    limits = [{"limit": f"{seconds}s"} for seconds in range(2 * MOST_QUOTED)]

    sent = [session.same_texts(quoting, "SET", each) for each in limits]

    assert sent == [[f"SET {each}".encode()] for each in limits]
    assert len(used.quoted) <= MOST_QUOTED
