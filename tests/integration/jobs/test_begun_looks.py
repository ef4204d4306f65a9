"""A task whose answer ends the process: it is looked at alone, then not any more."""

from collections.abc import Sequence
from typing import Any

import pytest

import sql
from kie.jobs import begun_looks
from kie.jobs.begun_looks import MOST_ENDED, BegunLooks, taken, verdict
from supervisor.database.transactions import Row
from tests.support.jobs.shop import Shop
from tests.support.postgres.failing_rows import held

_LOOKS = "SELECT looks_ended, status, next_action_at <= now() AS due FROM generation_jobs"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(begun_looks, "PAUSES", (0.0, 0.0, 0.0))


def waiting(shop: Shop, *keys: str) -> list[int]:
    """Jobs whose tasks kie.ai has; they are due."""
    shop.start(shop.submitter)
    jobs = [shop.order(key, price=5) for key in keys]
    for job in jobs:
        shop.until_state(job, "waiting")
        shop.hurry(job)
    return jobs


def due(shop: Shop) -> Sequence[Row]:
    named = {"bot_id": shop.identity.bot_id, "busy": [], "count": 6, "away": False}
    with shop.database.transaction() as tx:
        return tx.all(sql.load("jobs")["due_tasks"], named)


def dies(shop: Shop, rows: Sequence[Row]) -> None:
    """A process ends during its looks at these jobs, and the next one counts that."""
    bot_id = shop.identity.bot_id
    BegunLooks(shop.database, bot_id).begin(rows)
    BegunLooks(shop.database, bot_id).count_ended(shop.term)


def test_a_job_whose_look_ends_each_process_ends_as_broken_without_another_question(
    shop: Shop,
) -> None:
    (job,) = waiting(shop, "guilty")
    for _ in range(MOST_ENDED):
        dies(shop, due(shop))

    shop.start(shop.poller)
    row = shop.until_state(job, "fail")

    assert row["failure"] == "broken"
    assert shop.balance() == 5
    assert shop.kie.calls("recordInfo") == []
    assert [text for text in shop.told.alerts if f"ended {MOST_ENDED} times" in text]


def test_a_job_that_shared_such_a_process_is_asked_for_and_forgotten_about(shop: Shop) -> None:
    innocent, other = waiting(shop, "innocent", "other")
    for _ in range(MOST_ENDED - 1):
        dies(shop, due(shop))

    shop.start(shop.poller)
    for job in (innocent, other):
        shop.until_state(job, "success")


def test_a_look_that_finds_the_task_running_forgets_the_ends_before_it(shop: Shop) -> None:
    shop.kie.fault("stuck")
    (job,) = waiting(shop, "slow")
    dies(shop, due(shop))
    assert shop.row(job)["looks_ended"] == 1

    shop.start(shop.poller)
    shop.until(lambda: shop.row(job)["polls"], "it was asked for")

    assert shop.row(job)["looks_ended"] == 0


def test_a_clean_stop_leaves_nothing_to_be_counted(shop: Shop) -> None:
    (job,) = waiting(shop, "k")
    shop.start(shop.poller)
    shop.until_state(job, "success")
    shop.poller.stop()
    shop.poller.join(10)

    with shop.database.transaction() as tx:
        assert tx.all("SELECT 1 FROM looks_begun") == []


def test_a_look_that_ended_and_a_row_that_is_locked_are_not_counted(
    shop: Shop, connect: Any
) -> None:
    done, locked = waiting(shop, "done", "locked")
    rows = due(shop)
    shop.hurry(done)  # as look_again does, it changes when the row is due

    with held(connect, f"SELECT 1 FROM generation_jobs WHERE id = {locked} FOR UPDATE"):
        dies(shop, rows)

    with shop.database.transaction() as tx:
        assert {row["looks_ended"] for row in tx.all(_LOOKS)} == {0}


@pytest.mark.parametrize(
    "trouble",
    [
        "LOCK TABLE looks_begun IN ACCESS EXCLUSIVE MODE",
        "ALTER TABLE looks_begun ADD CONSTRAINT never CHECK (FALSE); COMMIT",
    ],
)
def test_what_cannot_be_noted_is_asked_for_all_the_same(
    shop: Shop, connect: Any, trouble: str
) -> None:
    (job,) = waiting(shop, "k")
    with held(connect, trouble):
        shop.start(shop.poller)
        shop.until_state(job, "success")
    connect().cursor().execute("ALTER TABLE looks_begun DROP CONSTRAINT IF EXISTS never")


@pytest.mark.parametrize(
    ("due_ones", "busy", "expected"),
    [
        ([0, 0], [], [0, 0]),
        ([0, 0], [0], [0, 0]),
        ([0, 2, 1], [], [2]),
        ([0, 2], [0], []),
        ([0, 0], [1], []),
        ([], [], []),
    ],
)
def test_who_is_under_suspicion_is_looked_at_by_itself(
    due_ones: list[int], busy: list[int], expected: list[int]
) -> None:
    def rows(counts: list[int]) -> list[Row]:
        return [{"looks_ended": count} for count in counts]

    assert [row["looks_ended"] for row in taken(rows(due_ones), rows(busy))] == expected


def test_only_so_many_ends_end_a_job() -> None:
    assert verdict({"looks_ended": MOST_ENDED - 1}) is None
    assert verdict({"looks_ended": MOST_ENDED}) is not None
