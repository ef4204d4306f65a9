"""kie.ai down: jobs wait, users know, nothing hammers, and it goes on by itself."""

from collections.abc import Iterator

import pytest

from kie.api.circuit import FAILURES, Circuit, State
from kie.api.client import Circuits
from kie.jobs.checkup import Checkup, OpenWork
from kie.submission import outcomes
from kie.submission.submitter import WORKERS
from supervisor.database.transactions import Database
from supervisor.runtime.threads import ServiceThread
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.support.edges.example_inputs import minimal
from tests.support.edges.simulators import running_kie
from tests.support.jobs.kie_worker import HastyClock
from tests.support.jobs.shop import CLOCK, Shop
from tests.support.shipped import shipped

pytestmark = pytest.mark.any_server


MAINTENANCE = "The server is currently being maintained, please try again later~"
JOBS = 10
#: Calls that one outage can cost: those that counted, and then one of each worker.
MOST_SENT = FAILURES - 1 + WORKERS


@pytest.fixture
def shop(database: Database, identity: Identity, wakeups: Wakeups) -> Iterator[Shop]:
    database.is_active = True
    with running_kie() as (url, kie):
        made = Shop(database, identity, wakeups, url, kie)
        # Its pauses are those of production, sixty times as fast.
        hasty = HastyClock()
        made.client.circuits = Circuits(Circuit(hasty), Circuit(hasty))
        seen: list[OpenWork] = []
        checkup = Checkup(
            client=made.client,
            account=made.account,
            database=database,
            news=made.told,
            clock=CLOCK,
            bot_id=identity.bot_id,
            measure=seen.append,
        )
        made.others.append(ServiceThread("checkup", checkup.run))
        kie.account(limits_on=False)
        yield made
        made.stop()
        assert kie.violations() == []


def creations(shop: Shop) -> int:
    return len(shop.kie.calls("createTask"))


def has_a_task(shop: Shop, job: int) -> None:
    def hurried() -> bool:
        shop.hurry(job)
        return shop.row(job)["task_id"] is not None

    shop.until(hurried, "a task")


def is_open(shop: Shop) -> bool:
    return shop.client.circuits.create.state is State.OPEN


def test_jobs_wait_in_the_queue_and_nothing_hammers(shop: Shop) -> None:
    shop.kie.account(maintenance=True)
    # All are due when the first is sent, and more than can be sent.
    jobs = [shop.order(f"k{number}") for number in range(MOST_SENT + 4)]
    shop.start()
    shop.until(lambda: is_open(shop), "the circuit is open")
    shop.until(
        lambda: sum(what == "delayed" for what, _ in shop.told.news) == len(jobs),
        "every user knows",
    )
    before, asked = creations(shop), len(shop.kie.calls("credit"))
    shop.until(lambda: len(shop.kie.calls("credit")) >= asked + 4, "questions")

    assert creations(shop) == before <= MOST_SENT
    assert {shop.row(job)["status"] for job in jobs} == {"queued"}

    shop.kie.account(maintenance=False)

    for job in jobs:
        has_a_task(shop, job)
    assert shop.tasks() == len(jobs)
    assert sum(what == "delayed" for what, _ in shop.told.news) == len(jobs)


def test_when_only_creating_is_down_one_job_at_a_time_finds_out(shop: Shop) -> None:
    shop.kie.fault("code", 455, message=MAINTENANCE, times=FAILURES + 6)
    shop.start()
    jobs = [shop.order(f"k{number}") for number in range(JOBS)]
    for job in jobs:
        has_a_task(shop, job)

    # Each call but the last of a job took one fault, and each trial was one call.
    assert creations(shop) <= FAILURES + 6 + JOBS
    assert shop.tasks() == JOBS


def test_a_job_that_was_kept_for_an_hour_is_given_back(shop: Shop) -> None:
    shop.kie.account(maintenance=True)
    shop.start()
    jobs = [shop.order(f"k{number}", price=1) for number in range(JOBS)]
    shop.until(lambda: is_open(shop), "the circuit is open")
    with shop.database.transaction() as tx:
        tx.run("UPDATE generation_jobs SET created_at = now() - interval '61 minutes'")

    for job in jobs:
        assert shop.until_state(job, "fail", seconds=30)["failure"] == "unavailable"
    assert shop.balance() == JOBS


def test_a_model_that_kie_does_not_take_keeps_no_other_waiting(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its jobs are older, and always due."""
    monkeypatch.setattr(outcomes, "PAUSES", (0.0,))
    shop.kie.fault("code", 455, message=MAINTENANCE, call="veo/generate", times=100_000)
    model = shipped().model("veo/text-to-video")
    assert model is not None
    inputs = minimal(model)
    failing = [
        shop.order(f"v{number}", user=8, model=model.id, inputs=inputs)
        for number in range(FAILURES + 1)
    ]
    shop.start()
    shop.until(lambda: is_open(shop), "the circuit is open")

    others = [shop.order(f"k{number}") for number in range(3)]

    for job in others:
        shop.until_state(job, "waiting", "success")
    assert {shop.row(job)["status"] for job in failing} <= {"queued", "submitting"}


def test_an_unknown_outcome_counts_as_an_outage_too(shop: Shop) -> None:
    shop.kie.fault("status", 502, html=True, times=FAILURES)
    shop.start()
    jobs = [shop.order(f"k{number}") for number in range(JOBS)]
    for job in jobs:
        shop.until_state(job, "unclear", "waiting", "success", seconds=30)

    # Those under way when it opened took the rest of the faults; the others waited.
    assert sum(shop.row(job)["status"] == "unclear" for job in jobs) == FAILURES
    assert shop.tasks() == JOBS - FAILURES


def test_an_order_that_costs_more_than_is_left_at_kie_keeps_nobody_else_waiting(
    shop: Shop,
) -> None:
    shop.start()
    shop.until(lambda: shop.kie.calls("credit"), "the first look")
    shop.kie.fault("code", 402, message="Credits insufficient : Your current balance")

    shop.until_state(shop.order("dear"), "fail")
    shop.until(lambda: shop.account.reason() is None, "orders are accepted")

    shop.until_state(shop.order("cheap"), "waiting", "success")
