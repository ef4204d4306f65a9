"""Callbacks that fit no job, signatures, and results that come when nobody waits any more."""

import asyncio
import base64
import hashlib
import hmac
import json

import pytest

from handlers.operator import status
from kie.jobs import job_table, orphans
from kie.jobs.callbacks import JobCallback, TaskCallback
from kie.submission.outcomes import SubmitOutcomes
from supervisor.database.transactions import Row
from supervisor.http.routes import Head
from supervisor.runtime.secret import Secret
from tests.support.jobs.shop import CLOCK, Shop

KEY = Secret("webhook-key")


def headers(task: str, key: str = "webhook-key") -> dict[str, str]:
    digest = hmac.new(key.encode(), f"{task}.1700000000".encode(), hashlib.sha256).digest()
    return {
        "x-webhook-timestamp": "1700000000",
        "x-webhook-signature": base64.b64encode(digest).decode(),
    }


def call(shop: Shop, job: int, task: str, given: dict[str, str]) -> int:
    captured = {"job": str(job), "signature": shop.identity.callback_signature(job)}
    route = JobCallback(shop.database, shop.identity, KEY)
    body = json.dumps({"data": {"taskId": task}}).encode()
    return asyncio.run(route.answer(Head("POST", "/", captured, given), body)).status


def stray(shop: Shop, task: str, key: Secret | None = None, **given: str) -> int:
    route = TaskCallback(shop.database, shop.identity.bot_id, key)
    body = json.dumps({"data": {"taskId": task}}).encode()
    return asyncio.run(route.answer(Head("POST", "/callbacks/kie", {}, given), body)).status


def kept(shop: Shop) -> list[Row]:
    with shop.database.transaction() as tx:
        return tx.all("SELECT * FROM orphan_callbacks ORDER BY id")


def unclear(shop: Shop) -> tuple[int, str]:
    """A job whose createTask was accepted and not answered, and the task that nobody knows."""
    shop.kie.fault("drop_after")
    shop.start()
    job = shop.order()
    shop.until_state(job, "unclear")
    (task,) = shop.kie.tasks()
    return job, str(task["id"])


def test_a_signed_callback_names_the_task_of_its_job(shop: Shop) -> None:
    job, task = unclear(shop)

    assert call(shop, job, task, headers(task)) == 200

    assert shop.until_state(job, "success")["task_id"] == task


@pytest.mark.parametrize("given", [{}, headers("other"), headers("x", "another key")])
def test_without_a_good_signature_it_names_nothing_and_is_kept(
    shop: Shop, given: dict[str, str]
) -> None:
    job, task = unclear(shop)

    assert call(shop, job, task, given) == 200

    assert shop.row(job)["task_id"] is None
    assert shop.row(job)["status"] == "unclear"
    assert [(row["task_id"], row["job_id"]) for row in kept(shop)] == [(task, job)]


def test_without_a_good_signature_it_still_makes_us_look_at_the_task_we_know(shop: Shop) -> None:
    shop.start()
    job = shop.order()
    row = shop.until_state(job, "waiting")

    assert call(shop, job, row["task_id"], {}) == 200

    # Long before its first look would be due.
    shop.until_state(job, "success", seconds=8)
    assert kept(shop) == []


def test_on_the_url_without_a_job_a_bad_signature_is_turned_away(shop: Shop) -> None:
    assert stray(shop, "t-1", KEY) == 403
    assert stray(shop, "t-1", KEY, **headers("t-2")) == 403
    assert kept(shop) == []
    assert stray(shop, "t-1", KEY, **headers("t-1")) == 200
    assert [row["task_id"] for row in kept(shop)] == ["t-1"]


def test_a_kept_callback_is_matched_when_its_task_appears(shop: Shop) -> None:
    shop.start()
    job = shop.order()
    # The test cannot know the number before kie.ai does: it is given to the row by hand.
    row = shop.until_state(job, "waiting")
    with shop.database.transaction() as tx:
        orphans.keep(tx, shop.identity.bot_id, row["task_id"], b"{}")
        tx.run(
            "UPDATE generation_jobs SET task_id = NULL, status = 'submitting',"
            " claim_token = CAST(%(token)s AS uuid)",
            {"token": str(shop.term.token)},
        )
    made = SubmitOutcomes(
        database=shop.database,
        news=shop.told,
        account=shop.account,
        clock=CLOCK,
        bot_id=shop.identity.bot_id,
        withdraw=lambda *_: None,
    )
    found = job_table.from_row({**shop.row(job), "seconds": 1.0})
    made.created(found, shop.term, row["task_id"], first_look=900.0, deadline=900.0)

    shop.until_state(job, "success", seconds=8)
    assert [row["processed"] for row in kept(shop)] == [True]


def test_the_operator_gives_a_callback_to_a_job(shop: Shop, dsn: Secret) -> None:
    job, task = unclear(shop)
    assert stray(shop, task) == 200
    (orphan,) = kept(shop)

    listed = status.answer(dsn, shop.identity, orphans=True)
    wrong = status.answer(dsn, shop.identity, match=[orphan["id"], job + 1])
    done = status.answer(dsn, shop.identity, match=[orphan["id"], job])

    assert task in listed.text
    assert not wrong.found
    assert done.found
    shop.hurry(job)
    assert shop.until_state(job, "success")["task_id"] == task
    again = status.answer(dsn, shop.identity, match=[orphan["id"], job])
    assert not again.found
    nothing = status.answer(dsn, shop.identity, orphans=True)
    assert nothing.text == "every callback has found its job"


def test_after_a_day_the_operator_is_told_once(shop: Shop) -> None:
    stray(shop, "t-1")
    bot_id = shop.identity.bot_id
    with shop.database.transaction() as tx:
        orphans.notice(tx, orphans.old(tx, bot_id), shop.told)
    assert shop.told.alerts == []

    with shop.database.transaction() as tx:
        tx.run("UPDATE orphan_callbacks SET received_at = now() - interval '25 hours'")
    for _ in range(2):
        with shop.database.transaction() as tx:
            orphans.notice(tx, orphans.old(tx, bot_id), shop.told)

    assert len(shop.told.alerts) == 1
    assert "t-1" in shop.told.alerts[0]
    with shop.database.transaction() as tx:
        assert orphans.count(tx, bot_id) == 1


def test_strangers_cannot_fill_the_table(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "MOST", 3)
    for number in range(5):
        assert stray(shop, f"t-{number}") == 200

    assert len(kept(shop)) == 3


# --------------------------------------------------------------------- gifts --


def given_up(shop: Shop) -> int:
    """A job whose task did not end before its deadline, and was refunded."""
    shop.kie.fault("stuck")
    shop.start()
    job = shop.order(price=5)
    shop.until_state(job, "waiting")
    with shop.database.transaction() as tx:
        tx.run("UPDATE generation_jobs SET deadline_at = now() - interval '1 second'")
    shop.hurry(job)
    assert shop.until_state(job, "fail")["failure"] == "timed_out"
    return job


def test_a_late_result_is_a_gift(shop: Shop) -> None:
    job = given_up(shop)
    shop.kie.finish(shop.kie.tasks()[0]["id"])
    shop.hurry(job)

    shop.until(lambda: shop.row(job)["gifted_at"], "the gift")

    assert shop.row(job)["status"] == "fail"
    assert shop.told.ends() == ["timed_out", "gift"]
    assert shop.balance() == 5


def test_a_late_callback_brings_the_gift_once(shop: Shop) -> None:
    job = given_up(shop)
    task = shop.row(job)["task_id"]
    shop.kie.finish(task)
    for _ in range(3):
        shop.call_back(job, {"data": {"taskId": task}})

    shop.until(lambda: shop.row(job)["gifted_at"], "the gift")
    shop.call_back(job, {"data": {"taskId": task}})

    assert shop.told.ends() == ["timed_out", "gift"]


def test_a_callback_after_an_unclear_end_brings_the_gift(shop: Shop) -> None:
    job, task = unclear(shop)
    shop.hurry(job)
    shop.until_state(job, "fail")
    shop.kie.finish(task)

    assert shop.call_back(job, {"data": {"taskId": task}}) == 200

    shop.until(lambda: shop.row(job)["gifted_at"], "the gift")
    assert shop.told.ends() == ["unclear", "gift"]
    assert shop.tasks() == 1


def test_when_the_time_for_gifts_is_over_nobody_asks(shop: Shop) -> None:
    job = given_up(shop)
    with shop.database.transaction() as tx:
        tx.run("UPDATE generation_jobs SET late_until = now() - interval '1 second'")
    before = len(shop.kie.calls("recordInfo"))

    shop.hurry(job)
    second = shop.order("second")
    shop.until_state(second, "waiting")
    shop.hurry(second)
    shop.until_state(second, "success")

    asked = [call["task"] for call in shop.kie.calls("recordInfo")[before:]]
    assert shop.row(job)["task_id"] not in asked


def test_a_lost_task_is_given_up_after_its_grace_and_not_before(shop: Shop) -> None:
    shop.kie.fault("fresh_gap", 3600)
    shop.start()
    job = shop.order(price=5)
    shop.until_state(job, "waiting")
    shop.hurry(job)
    shop.until(lambda: shop.row(job)["polls"] >= 1, "one look")
    assert shop.row(job)["status"] == "waiting"

    with shop.database.transaction() as tx:
        tx.run("UPDATE generation_jobs SET submitted_at = now() - interval '2 minutes'")
    shop.hurry(job)

    assert shop.until_state(job, "fail")["failure"] == "lost"
    assert shop.balance() == 5


def test_callbacks_that_come_at_once_wait_for_their_turn_and_are_all_kept(shop: Shop) -> None:
    route = TaskCallback(shop.database, shop.identity.bot_id, None)

    async def at_once(count: int) -> list[int]:
        head = Head("POST", "/callbacks/kie", {}, {})
        bodies = [json.dumps({"data": {"taskId": f"task-{n}"}}).encode() for n in range(count)]
        return [
            reply.status for reply in await asyncio.gather(*(route.answer(head, b) for b in bodies))
        ]

    assert asyncio.run(at_once(8)) == [200] * 8
    assert {row["task_id"] for row in kept(shop)} == {f"task-{n}" for n in range(8)}
