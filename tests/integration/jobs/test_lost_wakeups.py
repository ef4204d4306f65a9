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
from supervisor.runtime.wakeups import (
    ALARMS,
    BROADCASTS,
    GROUPS,
    OPEN_WORK,
    OUTBOX,
    PRIVACY,
    REPORTS,
    REWARDS,
    TOPICS,
    WAITLIST,
    Wakeups,
)
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


USER = "SELECT ensure_user(7, 'a', 'A'), ensure_user(8, 'b', 'B')"
#: The topic → a row that nobody announced.
UNANNOUNCED = {
    GROUPS: "INSERT INTO group_switches (bot_id, chat_id, user_id, silent, language)"
    " VALUES (123456, -9, 7, TRUE, 'en')",
    REPORTS: "INSERT INTO report_requests (bot_id, chat_id, request_key, kind, language, days)"
    " VALUES (123456, 7, 'r', 'money', 'en', 7)",
    PRIVACY: "INSERT INTO forgettings (bot_id, user_id, language) VALUES (123456, 7, 'en')",
    f"{PRIVACY}, a copy": "INSERT INTO data_requests (bot_id, user_id, language, asked_on)"
    " VALUES (123456, 7, 'en', now())",
    BROADCASTS: "INSERT INTO broadcasts (bot_id, made_by, state) VALUES (123456, 7, 'queued')",
    WAITLIST: "INSERT INTO waitlist (bot_id, user_id, model, chat_id) VALUES (123456, 7, '', 7)",
    REWARDS: "INSERT INTO invites (bot_id, friend, inviter, rewarded_at)"
    " VALUES (123456, 7, 8, now())",
}


@pytest.mark.parametrize("topic", UNANNOUNCED)
def test_a_row_that_waits_for_a_service_wakes_it_where_it_runs(
    database: Database, topic: str
) -> None:
    wakeups, woken = Wakeups(), list[str]()
    for each in TOPICS:
        wakeups.subscribe(each, lambda each=each: woken.append(each))  # type: ignore[misc]
    sampler(database, wakeups).look()
    assert woken == []
    with database.transaction() as tx:
        tx.run(USER)
        tx.run(UNANNOUNCED[topic])

    sampler(database, wakeups, Phase.PASSIVE).look()
    assert woken == []
    sampler(database, wakeups).look()

    assert woken == [topic.partition(",")[0]]
