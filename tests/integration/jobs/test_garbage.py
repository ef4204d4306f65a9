"""Garbage in the place of kie.ai's answers, with real jobs, money and deliveries.

Every job ends once, whoever has a result has paid for it and nobody else has, and the process
lives. LONG=1 runs 600 jobs. A failure names its seed: FUZZ_SEED repeats it.
"""

import json
import os
import random
from collections.abc import Callable, Mapping
from threading import Event
from typing import Any

import pytest

from kie.api.families import family_of
from kie.api.wire import Report
from kie.http.answer import Answer
from kie.http.link_policy import PUBLIC
from supervisor.http.routes import Head
from supervisor.runtime.secret import Secret
from tests.support.edges import telegram_updates as telegram
from tests.support.jobs.job_world import ADMIN, PRICE, USER, JobWorld, press
from tests.support.jobs.kie_account import KieAccount
from tests.support.network.garbage import Garbage
from tests.support.postgres.mortal_database import BOT_ID, IDENTITY

LONG = bool(os.environ.get("LONG"))
SEED = int(os.environ.get("FUZZ_SEED") or random.randrange(10**6))
JOBS = 600 if LONG else 15
ENDS = {"success", "fail"}
STATUSES = (*[200] * 9, 404, 429, 500, 502)


class OddAccount(KieAccount):
    """Its tasks are real; what it says of them is garbage until it ``calms`` down."""

    calm = False
    garbage = Garbage(SEED)

    def create_task(
        self,
        model: str,
        inputs: Mapping[str, Any],
        callback_url: str | None,
        *,
        before: Callable[[], None],
    ) -> str:
        task = super().create_task(model, inputs, callback_url, before=before)
        return family_of(model).created(inputs, self._answer({"taskId": task}))

    def record_info(self, task_id: str, model: str, job_id: int) -> Report:
        task = next((each for each in self.tasks if each.id == task_id), None)
        if task is None:
            return family_of(model).report(self._answer(None), PUBLIC)
        record = {
            "taskId": task_id,
            "state": task.end or "generating",
            "resultJson": json.dumps({"resultUrls": [f"https://files.example/{task_id}.png"]}),
            "failCode": "500",
            "failMsg": "internal error",
            "creditsConsumed": 1.0,
        }
        return family_of(model).report(self._answer(record), PUBLIC)

    def _answer(self, data: Any) -> Answer:
        whole = {"code": 422 if data is None else 200, "msg": "success", "data": data}
        if data is None:
            whole["msg"] = "recordInfo is null"
        if self.calm or self.garbage.choice((True, False, False)):
            return Answer(200, json.dumps(whole).encode())
        return Answer(self.garbage.choice(STATUSES), self.garbage.body(whole))


@pytest.fixture
def world(dsn: Secret) -> Any:
    made = JobWorld(dsn)
    made.kie = OddAccount(made.clock, made.model)
    made.take_over()
    yield made
    made.close()


def test_garbage_of_kie_ai_ends_each_job_once_and_books_exactly(world: JobWorld) -> None:
    kie, garbage = world.kie, OddAccount.garbage
    assert isinstance(kie, OddAccount)
    topped_up = PRICE * (JOBS + 5)
    world.hear(telegram.message(ADMIN, text=f"/topup {USER} {topped_up}"))
    (row,) = world.rows("SELECT version FROM dialogues WHERE user_id = %(id)s", id=ADMIN)
    world.hear(telegram.press(f"book|{row['version']}|", ADMIN))
    ended: dict[int, tuple[Any, ...]] = {}
    for number in range(JOBS * 10):
        if len(world.job_rows()) < JOBS:
            world.hear(press(world.confirm_screen()))
        _round(world, lambda: garbage.choice(("success", "success", "fail", "")))
        if number % 3 == 2:
            _give_up_what_is_unclear(world)
        _note_ends(world, ended)
        if len(ended) == JOBS:
            break
    kie.calm = True
    for _ in range(60):
        _round(world, lambda: "success")
        _give_up_what_is_unclear(world)
        _note_ends(world, ended)
        if all(row["status"] in ENDS for row in world.job_rows()):
            break
    world.hurry()
    world.deliver("sent")

    rows = world.job_rows()
    assert len(rows) == JOBS, f"seed {SEED}"
    assert {row["status"] for row in rows} <= ENDS, f"seed {SEED}: {rows}"
    paid = [row for row in rows if row["kinds"] == "capture reserve"]
    given_back = [row for row in rows if row["kinds"] == "release reserve"]
    assert len(paid) + len(given_back) == len(rows), f"seed {SEED}"
    assert all(world.has.get(row["id"]) == 1 for row in paid), f"seed {SEED}"
    balance, entries = world.balance()
    assert balance == entries == topped_up - PRICE * len(paid), f"seed {SEED}"
    assert world.audit.check(world.term, Event()) == [], f"seed {SEED}"


def _round(world: JobWorld, end: Callable[[], str]) -> None:
    """All that can happen to jobs, once."""
    kie = world.kie
    world.account.accepted()  # what the check-up finds out: only single answers are garbage
    world.clock.time += 100.0  # whoever stands back for a moment comes round again
    world.hurry()
    world.submit()
    for task in kie.running():
        task.end = end()
    for task in kie.tasks[-3:]:
        _call_back(world, task.job, {"taskId": task.id, "state": task.end})
    world.hurry()
    world.poll()
    world.deliver("sent")


def _call_back(world: JobWorld, job: int, data: dict[str, Any]) -> None:
    head = Head("POST", "/", {"job": str(job), "signature": IDENTITY.callback_signature(job)}, {})
    world.callback._take(head, OddAccount.garbage.body({"code": 200, "data": data}))


def _give_up_what_is_unclear(world: JobWorld) -> None:
    world.rows(
        "UPDATE generation_jobs SET deadline_at = now(), next_action_at = now()"
        " WHERE bot_id = %(bot)s AND (status = 'unclear'"
        # The deadline ends what was told a task that there is not.
        " OR status = 'waiting' AND task_id NOT LIKE 'task-%%')",
        bot=BOT_ID,
    )
    world.poll()


def _note_ends(world: JobWorld, ended: dict[int, tuple[Any, ...]]) -> None:
    for row in world.job_rows():
        if row["status"] in ENDS:
            end = (row["status"], row["failure"], row["completed_at"])
            assert ended.setdefault(row["id"], end) == end, f"seed {SEED}: {row}"
        assert row["status"] in ENDS or row["id"] not in ended, f"seed {SEED}: {row}"
