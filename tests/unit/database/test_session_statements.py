"""When the prepared statements of a session are planned again, and which are planned ahead."""

from typing import Any

import pytest

import sql
from supervisor.database.prepared import (
    FEW,
    LATELY,
    PLANS_LIVE,
    PLANS_LIVE_AT_FIRST,
    SessionStatements,
    UsedStatements,
)
from tests.support.edges.fakes import FakeClock

STATEMENTS = [sql.Prepared(f"trt_test_{number}", f"SELECT {number}") for number in range(FEW)]


class Quoting:
    """A cursor that quotes nothing."""

    def mogrify(self, statement: str, params: Any) -> bytes:
        return statement.encode()


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
