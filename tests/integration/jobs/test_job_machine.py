"""A state machine over jobs, reports, deliveries, crashes and money on a real PostgreSQL.

Any step may end with the process: before a statement, before or after a commit, before or
after kie.ai or Telegram took the call; another term then takes over. The promises of the
contract about jobs (section 5, numbers 4 to 6) hold after every step, and at the end
everything that can be delivered is. ``LONG=1`` runs many more examples, drawn anew each time.
"""

import os
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from supervisor.runtime.errors import Fenced
from supervisor.runtime.secret import Secret
from tests.support.edges import telegram_updates as telegram
from tests.support.jobs.job_world import ADMIN, PRICE, USER, JobWorld, press
from tests.support.jobs.kie_account import WISHES, Task
from tests.support.jobs.money_moves import MoneyMoves
from tests.support.postgres.mortal_database import Crash

LONG = bool(os.environ.get("LONG"))
ENDS = {"success", "fail"}
#: After how many statements and commits the process dies; mostly it lives.
fates = st.one_of(st.just(0), st.just(0), st.just(0), st.integers(1, 14))
answers = st.sampled_from(
    ["ok", "ok", "ok", "refused", "refused once", "later", "lost request", "lost answer"]
    + ["crash before", "crash after"]
)
meanwhiles = st.sampled_from(["nothing", "nothing", "callback", "take over"])
sendings = st.sampled_from(
    ["sent", "sent", "sent", "lost answer", "lost request", "refused", "later", "blocked"]
    + ["crash before", "crash after", "taken over"]
)


class Jobs(MoneyMoves):
    """The model: what was topped up, which tasks cost money, how each job ended."""

    world: JobWorld

    @initialize()
    def open(self) -> None:
        self.world.wipe()
        self.world.kie.tasks.clear()
        self.world.has.clear()
        self.world.take_over()
        self.ends: dict[int, tuple[Any, ...]] = {}
        self.asked = 0
        self.steps = 0
        self.look()
        self.topped_up = 0
        self.open_money()
        self._top_up(5 * PRICE + 2)

    def _top_up(self, credits: int) -> None:
        self.topped_up += credits
        self.world.hear(telegram.message(ADMIN, text=f"/topup {USER} {credits}"))
        (row,) = self.world.rows("SELECT version FROM dialogues WHERE user_id = %(id)s", id=ADMIN)
        self.world.hear(telegram.press(f"book|{row['version']}|", ADMIN))

    def look(self) -> None:
        """What the next rule may be about."""
        self.jobs = self.world.job_rows()
        self.late = [row for row in self.jobs if row["late_until"] and row["task_id"]]
        self.undelivered = self.world.rows(
            "SELECT 1 FROM deliveries WHERE kind = 'result' AND state IN ('pending', 'unknown')"
        )
        self.closed = self.world.rows("SELECT 1 FROM chats WHERE chat_id = 7 AND NOT reachable")

    def jobs_in(self, *states: str) -> list[dict[str, Any]]:
        return [row for row in self.jobs if row["status"] in states]

    def do(self, act: Callable[[], Any], fate: int = 0) -> None:
        """``act``, by a process that may not survive it."""
        self.world.database.fate.left = fate
        try:
            act()
        except Crash:
            self.world.take_over()
            # What was stored and not done is done by the successor.
            self.world.handle_updates()
        except Fenced:
            pass  # another took over during the call: the old process writes nothing more
        finally:
            self.world.database.fate.left = 0

    # ---------------------------------------------------------------- rules --

    @precondition(lambda self: len(self.jobs_in("queued", "submitting", "waiting")) < 3)
    @rule(fate=fates, presses=st.integers(1, 3))
    def order(self, fate: int, presses: int) -> None:
        """The button is pressed, perhaps more than once: one job, or none and a reason."""
        before = self.world.job_rows()
        (balance, _) = self.world.balance()
        running = sum(row["status"] not in ENDS for row in before)
        button = self.world.confirm_screen()
        for number in range(presses):
            update = press(button)
            # The same message each time: it is the same button.
            update["callback_query"]["message"]["message_id"] = 50
            self.do(partial(self.world.hear, update), 0 if number else fate)

        made = len(self.world.job_rows()) - len(before)
        assert made == int(running < self.world.most_running and balance >= PRICE)
        self.asked += made

    @precondition(
        lambda self: not self.jobs_in("queued", "submitting", "waiting") and not self.undelivered
    )
    @rule(end=st.sampled_from(["success", "success", "success", "fail"]))
    def a_job_goes_well(self, end: str) -> None:
        """All the way to its end, so that deliveries have something to go wrong with."""
        self.order(0, 1)
        self.submit(0, "ok", "nothing")
        for task in self.world.kie.running():
            task.end = end
        self.poll(0, "truth", "nothing")

    @precondition(lambda self: self.world.balance()[0] < PRICE)
    @rule(credits=st.integers(1, 2 * PRICE), fate=fates)
    def top_up(self, credits: int, fate: int) -> None:
        self.do(lambda: self._top_up(credits), fate)

    @precondition(lambda self: self.jobs_in("queued"))
    @rule(fate=fates, answer=answers, meanwhile=meanwhiles)
    def submit(self, fate: int, answer: str, meanwhile: str) -> None:
        kie = self.world.kie
        kie.answer = answer
        kie.meanwhile = {
            "nothing": lambda: None,
            "callback": lambda: self._callback_of_the_newest(),
            "take over": self.world.take_over,
        }[meanwhile]
        self.world.hurry()
        try:
            self.do(self.world.submit, fate)
        finally:
            kie.meanwhile = lambda: None

    def _callback_of_the_newest(self) -> None:
        """It overtakes the answer; sent by another process, so it may not die of our fate."""
        left, self.world.database.fate.left = self.world.database.fate.left, 0
        self.world.call_back(self.world.kie.tasks[-1])
        self.world.database.fate.left = left

    @precondition(lambda self: self.world.kie.running())
    @rule(which=st.integers(0, 5), end=st.sampled_from(["success", "success", "fail"]))
    def task_ends(self, which: int, end: str) -> None:
        running = self.world.kie.running()
        running[which % len(running)].end = end

    @precondition(lambda self: self.world.kie.tasks)
    @rule(which=st.integers(0, 9), times=st.integers(1, 3), fate=fates)
    def callback(self, which: int, times: int, fate: int) -> None:
        """Early, late or again: for any task, whatever became of it."""
        tasks = self.world.kie.tasks
        for _ in range(times):
            self.do(lambda: self.world.call_back(tasks[which % len(tasks)]), fate)

    @precondition(lambda self: self.jobs_in("waiting") or self.late)
    @rule(
        fate=fates,
        report=st.sampled_from(["truth", "truth", "truth", "unknown", "unavailable"]),
        meanwhile=st.sampled_from(["nothing", "nothing", "take over"]),
    )
    def poll(self, fate: int, report: str, meanwhile: str) -> None:
        kie = self.world.kie
        kie.report = report
        if meanwhile == "take over":
            kie.meanwhile = self.world.take_over
        self.world.hurry()
        try:
            self.do(self.world.poll, fate)
        finally:
            kie.report, kie.meanwhile = "truth", lambda: None

    @precondition(lambda self: self.jobs_in("waiting", "unclear") and self.steps % 3 == 0)
    @rule(fate=fates)
    def nobody_waits_any_longer(self, fate: int) -> None:
        """Deadlines pass, and the patience with what was never answered."""
        self.world.rows(
            "UPDATE generation_jobs SET deadline_at = now(), next_action_at = now()"
            " WHERE status IN ('waiting', 'unclear')"
        )
        self.do(self.world.poll, fate)

    @precondition(lambda self: self.undelivered)
    @rule(fate=fates, how=sendings)
    def deliver(self, fate: int, how: str) -> None:
        self.world.hurry()
        self.do(lambda: self.world.deliver(how), fate)

    @precondition(lambda self: self.closed)
    @rule(fate=fates)
    def user_returns(self, fate: int) -> None:
        self.do(lambda: self.world.hear(telegram.message(USER, text="/help")), fate)

    @precondition(lambda self: self.jobs and self.steps % 3 == 1)
    @rule(which=st.integers(0, 9), fate=fates)
    def cancel(self, which: int, fate: int) -> None:
        job = self.jobs[-1 - which % len(self.jobs)]
        self.do(lambda: self.world.hear(press(f"stop||{job['id']}")), fate)

        after = next(row for row in self.world.job_rows() if row["id"] == job["id"])
        was_queued = job["status"] == "queued"
        expected = ("fail", "cancelled") if was_queued else (job["status"], job["failure"])
        assert (after["status"], after["failure"]) == expected

    @precondition(lambda self: self.jobs_in("submitting"))
    @rule()
    def another_takes_over(self) -> None:
        self.world.take_over()

    # ----------------------------------------------------------- invariants --

    @invariant()
    def the_balance_is_the_sum_and_never_below_zero(self) -> None:
        balance, entries = self.world.balance()

        assert balance == entries >= 0

    @invariant()
    def a_job_costs_one_task_at_most(self) -> None:
        paid = [task.job for task in self.world.kie.tasks]

        assert len(paid) == len(set(paid))

    @invariant()
    def every_job_keeps_its_promises(self) -> None:
        self.look()
        for row in self.jobs:
            is_over = row["status"] in ENDS
            # It ends once.
            end = (row["status"], row["failure"], row["completed_at"])
            assert self.ends.setdefault(row["id"], end) == end if is_over else True
            assert is_over or row["id"] not in self.ends
            # Its end is told, unless its user has caused it.
            told = row["delivery"] is not None
            assert told == (is_over and row["failure"] != "cancelled")
            # Only who has the result has paid.
            if "capture" in (row["kinds"] or ""):
                assert row["status"] == "success"
                assert self.world.has.get(row["id"], 0) >= 1

    @invariant()
    def the_self_check_finds_nothing(self) -> None:
        self.steps += 1
        if self.steps % 4 == 0:
            assert self.world.audit.check(self.world.term, Event()) == []

    # ------------------------------------------------------------- the end --

    def teardown(self) -> None:
        if hasattr(self, "asked"):
            self._let_everything_end()
            self.let_forgettings_end()
            assert self.world.audit.check(self.world.term, Event()) == []
            rows = self.world.job_rows()
            assert len(rows) == self.asked
            for row in rows:
                self._check_end(row)
            paid = sum(row["kinds"] == "capture reserve" for row in rows)
            given = self.check_money()
            assert self.world.balance()[0] == self.topped_up + given - PRICE * paid

    def _let_everything_end(self) -> None:
        """A long calm: kie.ai and Telegram work, the user is there, nobody dies."""
        world = self.world
        world.hear(telegram.message(USER, text="/help"))
        world.kie.answer, world.kie.report = "ok", "truth"
        for _ in range(60):
            world.hurry()
            world.submit()
            for task in world.kie.running():
                task.end = "success"
            for task in world.kie.tasks:
                world.call_back(task)
            world.hurry()
            world.poll()
            world.deliver("sent")
            waiting = [row for row in world.job_rows() if row["status"] not in ENDS]
            if waiting and all(row["status"] == "unclear" for row in waiting):
                self.nobody_waits_any_longer(0)
            if not waiting and not world.rows(
                "SELECT 1 FROM deliveries WHERE state IN ('pending', 'sending', 'unknown')"
            ):
                return
        raise AssertionError(f"no end: {world.job_rows()}")

    def _check_end(self, row: dict[str, Any]) -> None:
        tasks = [task for task in self.world.kie.tasks if task.job == row["id"]]
        has = self.world.has.get(row["id"], 0)
        if row["status"] == "success":
            assert row["delivery"] in {"sent", "failed"}
            assert row["kinds"] == (
                "capture reserve" if row["delivery"] == "sent" else "release reserve"
            )
            assert has >= (row["delivery"] == "sent")
        else:
            assert row["kinds"] == "release reserve"
            gift = self._gift(row, tasks)
            assert (has >= 1) == gift or has == 0 and self._gift_was_refused(row)

    def _gift(self, row: dict[str, Any], tasks: list[Task]) -> bool:
        """Given up, and kie.ai made it after all."""
        made = any(task.end == "success" for task in tasks)
        return made and row["failure"] in {"unclear", "timed_out", "lost"}

    def _gift_was_refused(self, row: dict[str, Any]) -> bool:
        return bool(
            self.world.rows(
                "SELECT 1 FROM deliveries WHERE job_id = %(id)s AND state = 'failed'"
                " AND dedupe_key LIKE '%%:gift:%%'",
                id=row["id"],
            )
        )


@pytest.mark.parametrize("model", WISHES)
def test_no_order_of_events_loses_a_result_pays_twice_or_charges_for_nothing(
    dsn: Secret, model: str
) -> None:
    world = JobWorld(dsn, model)
    examples = 24 if model == "z-image" else 8
    machine = type("Bound", (Jobs,), {"world": world})
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=400 if LONG else examples,
                stateful_step_count=60 if LONG else 40,
                derandomize=not LONG,
                deadline=None,
                database=None,
                # Shrinking takes minutes: the plain run shows the steps as they were drawn.
                phases=(Phase.generate, Phase.shrink) if LONG else (Phase.generate,),
                suppress_health_check=list(HealthCheck),
                print_blob=LONG,
            ),
        )
    finally:
        world.close()
