"""kie.ai answers an order with the task of another job: one result never goes to two users."""

from typing import Any

import pytest

from kie.api.client import KieClient
from supervisor.database.transactions import Row
from tests.support.jobs.shop import Shop


def run(shop: Shop, statement: str, **named: Any) -> None:
    with shop.database.transaction() as tx:
        tx.run(statement, named)


def had(shop: Shop, *, user: int = 8) -> Row:
    """A job of another user that has a task at kie.ai, and its result."""
    job = shop.order("first", 5, user=user)
    shop.until_state(job, "waiting")
    shop.kie.finish(str(shop.row(job)["task_id"]))
    shop.hurry(job)
    return shop.until_state(job, "success")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("user", [7, 8])
def test_a_job_that_gets_the_task_of_another_one_ends_at_once_with_its_credits_back(
    shop: Shop, user: int, after: bool
) -> None:
    shop.start()
    first = had(shop, user=user)
    shop.kie.fault("same_task", first["task_id"], after=after)
    before = shop.balance() if user == 7 else 0

    job = shop.order(price=5)

    row = shop.until_state(job, "fail")
    assert (row["failure"], row["task_id"]) == ("unclear", None)
    assert shop.balance() == before + 5
    assert shop.told.news[-1] == ("unclear", job)
    assert [what for what, about in shop.told.news if about == job] == ["unclear"]
    (alert,) = shop.told.alerts
    assert f"Job {job} of user 7" in alert
    assert f"that of job {first['id']}" in alert
    assert shop.row(first["id"]) == first


def test_the_task_of_a_job_that_is_still_under_way_stays_its_own(shop: Shop) -> None:
    shop.start()
    first = shop.order("first", 5, user=8)
    task = shop.until_state(first, "waiting")["task_id"]
    shop.kie.fault("same_task", task)

    job = shop.order(price=5)

    assert shop.until_state(job, "fail")["failure"] == "unclear"
    shop.kie.finish(task)
    shop.hurry(first)
    shop.until_state(first, "success")
    assert [about for what, about in shop.told.news if what == "succeeded"] == [first]


def test_the_result_of_its_own_task_is_a_gift_when_a_callback_names_it_later(shop: Shop) -> None:
    shop.start()
    first = had(shop)
    shop.kie.fault("same_task", first["task_id"], after=True)
    job = shop.order(price=5)
    shop.until_state(job, "fail")
    own = shop.kie.tasks()[-1]["id"]
    shop.kie.finish(own)

    assert shop.call_back(job, {"data": {"taskId": own}}) == 200

    shop.until(lambda: shop.row(job)["gifted_at"], "the gift")
    assert shop.row(job)["task_id"] == own
    assert shop.told.ends()[-2:] == ["unclear", "gift"]
    assert shop.balance() == 5


def test_a_task_that_a_callback_has_named_before_is_waited_for(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.start()
    first = had(shop)
    shop.kie.fault("same_task", first["task_id"], after=True)
    create = KieClient.create_task

    def called_back_before(client: KieClient, *order: Any, **options: Any) -> str:
        answered = create(client, *order, **options)
        shop.call_back(int(order[2].split("/")[-2]), {"data": {"taskId": own()}})
        return answered

    def own() -> str:
        return str(shop.kie.tasks()[-1]["id"])

    monkeypatch.setattr(KieClient, "create_task", called_back_before)
    job = shop.order(price=5)
    assert shop.until_state(job, "waiting", "success", "fail")["task_id"] == own()
    shop.kie.finish(own())
    shop.hurry(job)

    row = shop.until_state(job, "success", "fail")

    assert (row["status"], row["task_id"]) == ("success", own())
    assert row["result_url"] != first["result_url"]
    assert shop.told.alerts == []


def test_a_record_that_was_made_for_another_job_ends_this_one(shop: Shop) -> None:
    """The other job's row has no task id, as after its user was forgotten."""
    shop.start()
    first = had(shop)
    run(shop, "UPDATE generation_jobs SET task_id = NULL WHERE id = %(id)s", id=first["id"])
    shop.kie.fault("same_task", first["task_id"])
    job = shop.order(price=5)
    shop.until_state(job, "waiting", "fail")
    shop.hurry(job)

    row = shop.until_state(job, "success", "fail")

    assert (row["status"], row["failure"], row["result_url"]) == ("fail", "unclear", None)
    assert shop.balance() == 5
    (alert,) = shop.told.alerts
    assert f"that of job {first['id']}" in alert
