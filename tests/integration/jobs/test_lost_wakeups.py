"""What idle services of jobs leave to the gauges is found by them. Who waits reads them seldom."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from kie.jobs import checkup as checkup_module
from kie.jobs.checkup import Checkup, OpenWork
from kie.submission import submitter as submitter_module
from supervisor.database.transactions import Database
from supervisor.health import gauge_sampler
from supervisor.health.gauge_sampler import GaugeSampler
from supervisor.health.health import Health
from supervisor.lock.phase import Phase
from supervisor.runtime.threads import ServiceThread
from supervisor.runtime.wakeups import ALARMS, OPEN_WORK, OUTBOX, Wakeups
from tests.support.jobs.shop import CLOCK, Shop
from tests.support.machine.waiting import within


def sampler(database: Database, wakeups: Wakeups, phase: Phase = Phase.ACTIVE) -> GaugeSampler:
    health = Health(CLOCK, mode="polling", instance_id="test", version="0")
    health.phase_changed(phase, epoch=1, reason="test")
    return GaugeSampler(database, wakeups, health, 123456, lambda: None)


def run(shop: Shop, statement: str, **named: Any) -> None:
    with shop.database.transaction() as tx:
        tx.run(statement, named)


@pytest.fixture
def counts(
    shop: Shop, wakeups: Wakeups, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[OpenWork]]:
    """What the checkup counts, and when it goes round."""
    monkeypatch.setattr(checkup_module, "WATCH_EVERY", 0.01)
    monkeypatch.setattr(checkup_module, "NOTICED_WITHIN", 0.01)
    seen: list[OpenWork] = []
    checkup = Checkup(
        client=shop.client,
        account=shop.account,
        database=shop.database,
        news=shop.told,
        clock=CLOCK,
        bot_id=shop.identity.bot_id,
        measure=seen.append,
        wakeups=wakeups,
    )
    service = ServiceThread("checkup", checkup.run)
    shop.start(service)
    yield seen
    service.stop()
    assert within(service.join, 10)


def test_open_work_that_the_gauges_find_is_counted_until_there_is_none(
    shop: Shop, wakeups: Wakeups, counts: list[OpenWork], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, ask, enough = 0, Checkup._ask_whether_back, threading.Event()

    def going_round(self: Checkup) -> None:
        nonlocal rounds
        rounds += 1
        if rounds >= 50:
            enough.set()
        ask(self)

    shop.until(lambda: counts, "the first count")
    monkeypatch.setattr(Checkup, "_ask_whether_back", going_round)
    assert enough.wait(20)
    assert counts == [OpenWork(0, {})]

    job = shop.order()
    sampler(shop.database, wakeups).look()
    shop.until(lambda: counts[-1] == OpenWork(0, {("queued", "z-image"): 1}), "the job")
    run(
        shop,
        "UPDATE generation_jobs SET status = 'fail', completed_at = now() WHERE id = %(n)s",
        n=job,
    )
    shop.until(lambda: counts[-1] == OpenWork(0, {}), "none any more")
    run(shop, "INSERT INTO orphan_callbacks (task_id, payload) VALUES ('x', '{}')")
    sampler(shop.database, wakeups).look()
    shop.until(lambda: counts[-1] == OpenWork(1, {}), "the callback without a job")


@pytest.fixture
def idle(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The submitter has seen that nothing is queued, and what is announced is lost."""
    monkeypatch.setattr(submitter_module, "IDLE", 3600.0)
    monkeypatch.setattr("kie.submission.queue_limits.EVERY", 0.0)
    due_in, seen = submitter_module.Submitter._due_in, threading.Event()

    def seeing(self: submitter_module.Submitter) -> float:
        found = due_in(self)
        seen.set()
        return found

    monkeypatch.setattr(submitter_module.Submitter, "_due_in", seeing)
    shop.start(shop.submitter)
    assert seen.wait(20)
    monkeypatch.setattr(shop.database, "_wakeups", Wakeups())


@pytest.mark.usefixtures("idle")
def test_a_job_that_nobody_announced_is_sent_after_the_next_gauges(
    shop: Shop, wakeups: Wakeups
) -> None:
    job = shop.order()

    sampler(shop.database, wakeups).look()

    shop.until_state(job, "waiting")


@pytest.mark.usefixtures("idle")
def test_a_claim_without_a_worker_is_found_by_the_gauges(shop: Shop, wakeups: Wakeups) -> None:
    job = shop.order()
    run(
        shop,
        "UPDATE generation_jobs SET status = 'submitting', claim_token = %(token)s::uuid,"
        " submitted_at = now() - interval '11 minutes' WHERE id = %(job)s",
        token=str(shop.term.token),
        job=job,
    )

    sampler(shop.database, wakeups).look()

    shop.until_state(job, "unclear", "fail")


@pytest.mark.parametrize(
    ("phase", "looks"), [(Phase.ACTIVE, 4), (Phase.DRAINING, 4), (Phase.PASSIVE, 2)]
)
def test_who_has_no_services_to_wake_reads_the_gauges_every_second_time(
    database: Database, phase: Phase, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, transaction = 0, database.transaction

    def counting(*given: Any, **named: Any) -> Any:
        nonlocal reads
        reads += 1
        return transaction(*given, **named)

    monkeypatch.setattr(database, "transaction", counting)
    made = sampler(database, Wakeups(), phase)

    for _ in range(4):
        made.turn()

    assert reads == looks


def test_gauges_that_could_not_be_read_are_read_at_the_next_turn_and_wake_who_relies_on_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wakeups, woken = Wakeups(), set()
    for topic in (OUTBOX, OPEN_WORK, ALARMS):
        wakeups.subscribe(topic, lambda topic=topic: woken.add(topic))  # type: ignore[misc]
    made = sampler(database, wakeups, Phase.PASSIVE)
    with monkeypatch.context() as broken:
        broken.setattr(gauge_sampler, "_SQL", {"gauges": "SELECT 1 FROM no_such_table"})
        made.turn()
    assert made.health.status().kinds == "database"
    assert woken == {OUTBOX, OPEN_WORK, ALARMS}

    made.turn()

    assert made.health.status().level == "ok"
