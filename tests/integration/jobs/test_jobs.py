"""Jobs from the row to the settlement: real PostgreSQL, the simulated kie.ai over HTTP.

The matrix is the one of reports: callback, poll, both, early, never, wrong; and of
answers to createTask, readable or not. In each there is one end and at most one task.
"""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, LiteralString

import pytest

import sql
from kie.api.client import KieClient
from kie.api.limiter import Busy
from kie.catalogue.model import DEADLINES
from kie.jobs.callbacks import JobCallback, TaskCallback
from kie.submission import outcomes, submitter
from supervisor.database.transactions import Row, Tx
from supervisor.http.routes import Head
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.term import Gate, Term
from tests.support.jobs.shop import CLOCK, Shop
from tests.support.machine.waiting import until


class Sulking(Tx):
    """Refuses for a while what says how a createTask call went."""

    REFUSED = (sql.load("submission")["task_created"], sql.load("jobs")["settle_fail"])

    def __init__(self, tx: Tx, away: threading.Event, failed: list[str]) -> None:
        super().__init__(tx._cursor, tx._statements)
        self._tx = tx
        self._waiting = tx._waiting
        self.topics, self.acts = tx.topics, tx.acts
        self._away = away
        self._failed = failed

    def all(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> list[Row]:
        if self._away.is_set() and statement in self.REFUSED:
            self._failed.append(statement)
            raise Unavailable("canceling statement due to lock timeout")
        return super().all(statement, params)

    def flush(self) -> None:
        try:
            super().flush()
        finally:
            self._tx._waiting = self._waiting  # what has run waits there no longer


def test_a_job_ends_by_polling_alone(shop: Shop) -> None:
    shop.start()
    job = shop.order()
    shop.until_state(job, "waiting")
    shop.hurry(job)

    row = shop.until_state(job, "success")

    assert row["result_url"].endswith(".png")
    assert shop.told.ends() == ["succeeded"]
    assert shop.tasks() == 1


def test_a_callback_shortens_the_wait_and_is_not_believed(shop: Shop) -> None:
    shop.start()
    job = shop.order()
    row = shop.until_state(job, "waiting")
    until(lambda: shop.kie.tasks()[0]["state"] == "success", 5, "task is done")

    # It claims a failure that did not happen.
    forged = {"code": 501, "data": {"taskId": row["task_id"], "state": "fail"}}
    assert shop.call_back(job, forged) == 200

    shop.until_state(job, "success")
    assert shop.told.ends() == ["succeeded"]


def test_five_callbacks_and_a_poll_are_one_end(shop: Shop) -> None:
    shop.start()
    job = shop.order()
    row = shop.until_state(job, "waiting")
    for _ in range(5):
        assert shop.call_back(job, {"data": {"taskId": row["task_id"]}}) == 200
    shop.hurry(job)

    shop.until_state(job, "success")
    for _ in range(2):
        assert shop.call_back(job, {"data": {"taskId": row["task_id"]}}) == 200

    assert shop.told.ends() == ["succeeded"]


def test_a_callback_with_a_wrong_signature_is_turned_away(shop: Shop) -> None:
    route = JobCallback(shop.database, shop.identity, None)
    for job, signature in (("1", "0" * 32), ("1", ""), ("x", "y"), ("9" * 40, "z")):
        refused = route.admit(Head("POST", "/", {"job": job, "signature": signature}, {}))
        assert refused is not None
        assert refused.status == 403


@pytest.mark.parametrize("body", [None, [], "text", {"data": 5}, {"data": {"taskId": ""}}])
def test_a_callback_that_cannot_be_read_still_means_look(shop: Shop, body: object) -> None:
    job = shop.order()

    assert shop.call_back(job, body) == 200


def test_a_dropped_answer_is_unclear_until_the_callback_names_the_task(shop: Shop) -> None:
    shop.kie.fault("drop_after")
    shop.start()
    job = shop.order()
    row = shop.until_state(job, "unclear")
    # It may still be running when its callback comes: it has as long as any image.
    assert row["deadline_at"] - row["submitted_at"] >= timedelta(seconds=DEADLINES["image"])
    (task,) = shop.kie.tasks()

    assert shop.call_back(job, {"data": {"taskId": task["id"]}}) == 200

    row = shop.until_state(job, "success")
    assert row["task_id"] == task["id"]
    assert shop.tasks() == 1


def test_an_unclear_job_that_nobody_explains_ends_with_an_apology(shop: Shop) -> None:
    shop.kie.fault("drop_before")
    shop.start()
    job = shop.order()
    shop.until_state(job, "unclear")

    shop.hurry(job)

    assert shop.until_state(job, "fail")["failure"] == "unclear"
    assert shop.tasks() == 0


def test_a_job_whose_submitter_was_killed_is_not_submitted_twice(shop: Shop) -> None:
    job = shop.order()
    with shop.database.transaction(shop.term) as tx:
        assert tx.all(
            sql.load("submission")["claim_queued"], {"ids": [job], "token": str(shop.term.token)}
        )
    shop.term = shop.new_term()
    with shop.database.transaction() as tx:
        named = {"bot_id": shop.identity.bot_id, "token": str(shop.term.token)}
        tx.run(sql.load("submission")["orphaned_submissions"], named)

    shop.start()
    shop.until_state(job, "unclear")

    assert shop.tasks() == 0


def test_a_callback_that_overtakes_the_answer_finds_its_job(shop: Shop) -> None:
    job = shop.order()
    with shop.database.transaction(shop.term) as tx:
        assert tx.all(
            sql.load("submission")["claim_queued"], {"ids": [job], "token": str(shop.term.token)}
        )

    assert shop.call_back(job, {"data": {"taskId": "early-task"}}) == 200
    with shop.database.transaction() as tx:
        created = {
            "id": job,
            "token": str(shop.term.token),
            "task_id": "early-task",
            "first_look": 500.0,
            "deadline": 900.0,
        }
        assert tx.one(sql.load("submission")["task_created"], created) is not None
        named = {"bot_id": shop.identity.bot_id, "count": 5, "busy": [], "away": False}
        due = tx.all(sql.load("jobs")["due_tasks"], named)

    assert [row["id"] for row in due] == [job]  # at once, not after 500 s


@pytest.mark.parametrize(
    ("code", "message", "failure", "alerts"),
    [
        (401, "You do not have access permissions", "unavailable", 1),
        (402, "Credits insufficient", "unavailable", 1),
        (422, "The model name you specified is not supported", "unavailable", 1),
        (500, "This field is required", "refused_input", 0),
        (422, "The prompt is prohibited", "refused_content", 0),
    ],
)
def test_a_refusal_ends_the_job_and_tells_whom_it_concerns(
    shop: Shop, code: int, message: str, failure: str, alerts: int
) -> None:
    shop.kie.fault("code", code, message=message)
    shop.start()
    job = shop.order()

    assert shop.until_state(job, "fail")["failure"] == failure
    assert len(shop.told.alerts) == alerts
    # A withdrawn model is no reason to close the shop.
    assert (shop.account.reason() is not None) is (code in {401, 402})
    assert shop.tasks() == 0


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "code", "value": 429, "message": "Your call frequency is too high."},
        {"kind": "code", "value": 503, "message": "being maintained"},
        {"kind": "code", "value": 500, "message": "Server exception, please try again later"},
    ],
)
def test_what_is_only_later_is_tried_again(shop: Shop, fault: dict[str, Any]) -> None:
    shop.kie.fault(**fault)
    shop.start()
    job = shop.order()

    shop.until_state(job, "waiting", "success", seconds=25)

    assert shop.tasks() == 1


@pytest.mark.parametrize(
    ("fault", "value", "failure"),
    [
        ("fail", {"failCode": "501", "failMsg": "Generation Failed"}, "broken"),
        ("fail", {"failCode": "422", "failMsg": "prohibited"}, "refused_content"),
        ("no_urls", True, "no_result"),
    ],
)
def test_a_task_that_ends_badly_fails_once_and_gives_back(
    shop: Shop, fault: str, value: object, failure: str
) -> None:
    shop.kie.fault(fault, value)
    shop.start()
    job = shop.order(price=5)
    shop.until_state(job, "waiting")
    until(lambda: shop.kie.tasks()[0]["state"] != "waiting", 5, "task has ended")
    shop.hurry(job)

    assert shop.until_state(job, "fail")["failure"] == failure
    assert len(shop.told.ends()) == 1
    with shop.database.transaction() as tx:
        assert tx.one("SELECT balance FROM accounts WHERE user_id = 7") == {"balance": 5}
        kinds = tx.all("SELECT kind, amount FROM ledger ORDER BY id")
    assert [(row["kind"], row["amount"]) for row in kinds] == [
        ("topup", 5),
        ("reserve", -5),
        ("release", 5),
    ]


def test_a_result_that_nobody_has_yet_is_reserved_and_not_paid(shop: Shop) -> None:
    shop.start()
    job = shop.order(price=5)
    shop.until_state(job, "waiting")
    shop.hurry(job)
    shop.until_state(job, "success")
    shop.call_back(job, {})

    with shop.database.transaction() as tx:
        kinds = tx.all("SELECT kind, amount FROM ledger ORDER BY id")
        balance = tx.one("SELECT balance FROM accounts WHERE user_id = 7")
    assert [(row["kind"], row["amount"]) for row in kinds] == [("topup", 5), ("reserve", -5)]
    assert balance == {"balance": 0}


def test_a_task_that_never_ends_is_given_up_at_its_deadline(shop: Shop) -> None:
    shop.kie.fault("stuck")
    shop.start()
    job = shop.order()
    shop.until_state(job, "waiting")
    with shop.database.transaction() as tx:
        tx.run("UPDATE generation_jobs SET deadline_at = now() - interval '1 second'")

    shop.hurry(job)

    assert shop.until_state(job, "fail")["failure"] == "timed_out"


@pytest.mark.parametrize("answer", ["accepted", "refused"])
def test_what_the_database_did_not_take_for_long_is_written_when_it_does(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """The lock lives on, and nobody takes over who would look at the row."""
    monkeypatch.setattr(outcomes, "STORE_PATIENCE", 0.0)
    monkeypatch.setattr(submitter, "AWAY", 0.1)
    away = threading.Event()
    away.set()
    failed: list[str] = []
    take = shop.database.transaction

    @contextmanager
    def sulking(term: Term | None = None, **how: bool) -> Iterator[Tx]:
        with take(term, **how) as tx:
            yield Sulking(tx, away, failed)

    monkeypatch.setattr(shop.database, "transaction", sulking)
    if answer == "refused":
        shop.kie.fault("code", 422, message="prompt: is required")
    shop.start()
    job = shop.order(price=5)
    until(lambda: len(failed) >= 4, 15, "the database refuses again and again")
    assert shop.row(job)["status"] == "submitting"

    away.clear()

    if answer == "accepted":
        assert shop.until_state(job, "waiting", "success")["task_id"]
    else:
        assert shop.until_state(job, "fail")["failure"] == "refused_input"
        assert shop.balance() == 5
    assert shop.tasks() == (answer == "accepted")


def test_a_job_is_not_given_up_at_its_deadline_before_kie_was_asked(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a long absence, when everything is due at once."""
    asked: list[str] = []

    def used_up(_: KieClient, task: str, *_about: object) -> object:
        asked.append(task)
        raise Busy("kie.ai's rate limit is used up", retry_after=1.0)

    shop.start()
    job = shop.order(price=5)
    shop.until_state(job, "waiting")
    until(lambda: shop.kie.tasks()[0]["state"] == "success", 5, "task is done")
    with monkeypatch.context() as busy:
        busy.setattr(KieClient, "record_info", used_up)
        with shop.database.transaction() as tx:
            tx.run("UPDATE generation_jobs SET deadline_at = now() - interval '1 hour'")
        shop.hurry(job)
        until(lambda: len(asked) >= 3, 10, "three tries")
        assert shop.row(job)["status"] == "waiting"

    assert shop.until_state(job, "success")
    assert shop.told.ends() == ["succeeded"]


def test_errors_while_asking_end_no_task(shop: Shop) -> None:
    shop.kie.fault("status", 502, html=True, times=3, call="recordInfo")
    shop.kie.fault("fresh_gap", 1)
    shop.start()
    job = shop.order()
    shop.until_state(job, "waiting")
    shop.hurry(job)
    shop.until_state(job, "waiting")
    until(lambda: shop.row(job)["polls"] >= 1, 10, "one poll went wrong")
    shop.hurry(job)

    shop.until_state(job, "success", seconds=20)


def test_the_same_request_finds_its_job(shop: Shop) -> None:
    assert shop.order("same") == shop.order("same")
    assert shop.order("other") != shop.order("same")


def test_a_callback_without_a_job_waits_for_it(shop: Shop) -> None:
    route = TaskCallback(shop.database, shop.identity.bot_id, None)
    head = Head("POST", "/callbacks/kie", {}, {})
    body = b'{"data":{"taskId":"task-of-tomorrow","x":"\\u0000"}}'

    for _ in range(2):
        assert asyncio.run(route.answer(head, body)).status == 200

    with shop.database.transaction() as tx:
        rows = tx.all("SELECT task_id, processed FROM orphan_callbacks")
    assert rows == [{"task_id": "task-of-tomorrow", "processed": False}]


def test_a_gate_that_is_not_open_yet_is_no_outage_and_no_try(shop: Shop) -> None:
    """Too little trust is left for a call: the job goes back, and its user hears nothing."""
    job = shop.order()
    gate = Gate(CLOCK)
    gate.extend(CLOCK.now() + 1.5)  # a call needs 2
    shop.submitter.start(shop.term, gate)
    shop.until(lambda: shop.row(job)["error_message"], "one veto")
    row = shop.row(job)

    assert (row["status"], row["attempts"]) in {("queued", 0), ("submitting", 1)}
    assert shop.told.news == []
    assert shop.tasks() == 0
    gate.shut()
