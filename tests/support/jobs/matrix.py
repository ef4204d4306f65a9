"""One job through one kind of kie.ai and one crash, and its outcome.

Its parts: both simulators, a receiver of callbacks that survives (a PASSIVE instance), and a child
process that does the work and is killed at a step; a second child goes on. Times in the table are
moved instead of waiting for them.
"""

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extras

from kie.jobs import job_table
from kie.jobs.callbacks import JobCallback, TaskCallback
from kie.jobs.job import NewJob
from kie.money import ledger
from supervisor.database.transactions import Database
from supervisor.http.listener import Listener
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.support.bots.world import KIE_KEY, TOKEN, World
from tests.support.edges.sandbox_host import SANDBOX_HOST
from tests.support.jobs.fork_server import PATIENCE, ForkServer
from tests.support.jobs.kie_worker import PRICE
from tests.support.jobs.matrix_case import Case, Seen
from tests.support.jobs.mortal_services import Orders
from tests.support.jobs.shop import kie_client
from tests.support.machine.ports import free_port
from tests.support.machine.waiting import Patience
from tests.support.shipped import shipped

#: kie.ai always signs; who has no key does not look.
HMAC_KEY = "the-webhook-key-of-the-matrix"
_numbers = count(int(time.time() * 10) % 10**8 * 1000 + 1000)


class Stage:
    """What all cases of one test process share."""

    def __init__(self, folder: Path, dsn: Secret) -> None:
        self.dsn = dsn
        self.log = folder / "children.log"
        self.world = World(folder, dsn.reveal(), time_scale=0.02, host=SANDBOX_HOST, forks=True)
        # All cases draw on one balance: the long form spends more than a new account has.
        self.world.kie.account(limits_on=False, hmac_key=HMAC_KEY, credits=1_000_000.0)
        self._forks = ForkServer(self.log)
        self._connection = psycopg2.connect(dsn.reveal())
        self._connection.autocommit = True

    def close(self) -> None:
        self._forks.close()
        self._connection.close()
        self.world.close()

    def play(self, case: Case, step: str) -> Seen:
        """The whole case, until nothing more will come of it."""
        run = _Run(self, case, step)
        with run.receiver():
            return run.to_the_end(self._forks)

    def sql(self, statement: str, *params: Any) -> list[dict[str, Any]]:
        with self._connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(statement, params)
            return [dict(row) for row in cursor.fetchall()] if cursor.description else []


class _Run:
    def __init__(self, stage: Stage, case: Case, step: str) -> None:
        self._stage = stage
        self._case = case
        number = next(_numbers)
        self._identity = Identity(Secret(f"{number}:{TOKEN.partition(':')[2]}"))
        self._prompt = f"case-{number}-end"
        self._port = free_port()
        self._user = stage.world.telegram.new_user()
        stage.world.telegram.say(self._user, "/start")
        self._database = Database(
            stage.dsn,
            size=4,
            bot_id=self._identity.bot_id,
            fence_key=self._identity.fence_key,
            name="receiver",
            wakeups=Wakeups(),
        )
        for fault in case.faults:
            stage.world.kie.fault(**{"prompt": self._prompt, **fault})
        self._orders = Orders(
            dsn=stage.dsn.reveal(),
            token=self._identity.token.reveal(),
            telegram_token=TOKEN,
            telegram_url=stage.world.telegram_url,
            kie_url=stage.world.kie_url,
            kie_key=KIE_KEY,
            callback_base=f"http://127.0.0.1:{self._port}",
            step=step,
            # By itself nobody asks where only the callback may say so.
            expected=0.2 if case.asks else 3600.0,
            slow_store=case.slow_store,
        )
        self._earlier = ""
        self._job = self._order()

    def _order(self) -> int:
        bot_id, user = self._identity.bot_id, self._user
        model = shipped().model(self._case.model)
        assert model is not None
        needed: dict[str, Any] = {
            field.name: field.choices[0] for field in model.inputs if field.choices
        }
        if self._case.follows:
            self._earlier = self._made_before()
            needed["taskId"] = self._earlier
        else:
            needed["prompt"] = self._prompt
        inputs = model.complete(needed)
        with self._database.transaction() as tx:
            named = {"bot": bot_id, "user": user}
            tx.one("SELECT ensure_user(%(user)s), ensure_account(%(bot)s, %(user)s)", named)
            key = f"topup:{bot_id}"
            assert ledger.book(tx, bot_id, user, "topup", PRICE, note=None, key=key) is not None
            new = NewJob(user, user, "en", self._case.model, inputs, PRICE, "press", None)
            return job_table.create(tx, bot_id, new)

    def _made_before(self) -> str:
        """The task of an earlier job, done."""
        kie, inputs = self._stage.world.kie, {"prompt": self._prompt}
        task = kie_client(self._stage.world.kie_url, KIE_KEY).create_task(
            self._case.follows, inputs, None
        )
        patience = Patience(PATIENCE)
        while not any(each["id"] == task and each["state"] == "success" for each in kie.tasks()):
            assert not patience.is_over(), "the earlier task has no end"
            time.sleep(0.02)
        return task

    @contextmanager
    def receiver(self) -> Iterator[None]:
        """A PASSIVE instance: stores callbacks, whoever lives or dies meanwhile."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        key = Secret(HMAC_KEY) if self._case.key else None
        routes = (
            JobCallback(self._database, self._identity, key),
            TaskCallback(self._database, self._identity.bot_id, key),
        )
        listener = Listener(self._port, routes, host="127.0.0.1")
        try:
            asyncio.run_coroutine_threadsafe(listener.start(), loop).result(10)
            yield
        finally:
            asyncio.run_coroutine_threadsafe(listener.stop(), loop).result(10)
            asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()
            self._database.close()

    def to_the_end(self, forks: ForkServer) -> Seen:
        child, killed = forks.start(self._orders), False
        patience = Patience(PATIENCE)
        quiet = 0
        try:
            while quiet < 3:
                assert not patience.is_over(), f"no end: {self._state()}\n{self._tail()}"
                if forks.ended(child):
                    assert self._orders.step, f"the child ended by itself\n{self._tail()}"
                    assert not killed, f"the second child ended, too\n{self._tail()}"
                    killed = True
                    child = forks.start(Orders(**{**asdict(self._orders), "step": ""}))
                status, open_deliveries = self._state()
                self._move_time(hopeless=status == "unclear" and self._is_hopeless())
                done = status in {"success", "fail"} and not open_deliveries
                quiet = quiet + 1 if done else 0
                time.sleep(0.1)
        finally:
            forks.kill(child)
        return self._seen(killed)

    def _state(self) -> tuple[str, int]:
        (row,) = self._stage.sql(
            "SELECT status, (SELECT count(*) FROM deliveries WHERE job_id = j.id"
            " AND state IN ('pending', 'sending', 'unknown')) AS open"
            " FROM generation_jobs AS j WHERE id = %s",
            self._job,
        )
        return row["status"], row["open"]

    def _is_hopeless(self) -> bool:
        """No callback will explain the job: there is no task, or it does not call back, or
        its callback has come and was not believed."""
        if not self._tasks():
            return True
        return bool(self._strays()) if self._case.key else not self._case.calls_back

    def _strays(self) -> int:
        """One that overtakes the task id is kept too, and is processed when the id is stored."""
        found = self._stage.sql(
            "SELECT 1 FROM orphan_callbacks WHERE job_id = %s AND NOT processed", self._job
        )
        return len(found)

    def _tasks(self) -> list[dict[str, Any]]:
        made = self._stage.world.kie.tasks()
        return [t for t in made if t["prompt"] == self._prompt and t["id"] != self._earlier]

    def _move_time(self, *, hopeless: bool) -> None:
        """What would be waited for is due now."""
        sql, job, case = self._stage.sql, self._job, self._case
        states = ["queued"] + ["waiting"] * case.asks + ["unclear"] * hopeless
        sql(
            "UPDATE generation_jobs SET next_action_at = now()"
            " WHERE id = %s AND status = ANY(%s) AND next_action_at > now()",
            job,
            states,
        )
        if case.late:
            sql(
                "UPDATE generation_jobs SET deadline_at = now() - interval '1 s',"
                " next_action_at = now() WHERE id = %s AND status = 'waiting'"
                " AND submitted_at < now() - interval '0.7 s'",
                job,
            )
        sql(
            "UPDATE deliveries SET not_before = now(),"
            " created_at = created_at - make_interval(hours => %s)"
            " WHERE job_id = %s AND state IN ('pending', 'unknown') AND not_before > now()",
            int(case.expires),
            job,
        )

    def _seen(self, killed: bool) -> Seen:
        sent = self._stage.world.telegram.messages(self._user, of_bot=True)
        ledger = self._stage.sql("SELECT kind, amount FROM ledger WHERE job_id = %s", self._job)
        (user,) = self._stage.sql("SELECT balance FROM accounts WHERE user_id = %s", self._user)
        (calls,) = self._stage.sql(
            "SELECT coalesce(sum(unknowns), 0)::int AS unanswered FROM deliveries"
            # Progress that was cut off is dropped, and so never a duplicate.
            " WHERE job_id = %s AND kind <> 'status'",
            self._job,
        )
        return Seen(
            photos=sum(map(_is_result, sent)),
            messages=sum("text" in each and not each["text"].startswith("☝️") for each in sent),
            tasks=len(self._tasks()),
            unanswered=calls["unanswered"],
            strays=self._strays(),
            ledger=sorted((row["kind"], row["amount"]) for row in ledger),
            balance=user["balance"],
            status=self._state()[0],
            killed=killed,
        )

    def _tail(self) -> str:
        return self._stage.log.read_text(encoding="utf-8", errors="replace")[-3000:]


def _is_result(message: Mapping[str, Any]) -> bool:
    """A picture, a clip, or the first song of an album, which has the caption."""
    song = "audio" in message and "caption" in message
    return "photo" in message or "video" in message or song
