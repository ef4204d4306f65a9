"""A row that cannot be written waits alone: other jobs, users and notices do not wait with it."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from kie.api.client import KieClient
from kie.api.outcome import Failure
from kie.jobs import orphans, poller
from kie.jobs.checkup import Checkup
from kie.submission.queue_limits import QueueLimits
from kie.submission.queue_notices import QueueNotices
from supervisor.database.transactions import Database, Row
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.support.jobs.shop import CLOCK, Shop
from tests.support.machine.daemon_pool import pool_of_the_daemon

#: Errors that PostgreSQL reports alike for a row and for an outage.
OUTAGE_LIKE = ["53100", "57014", "40001", "40P01", "55P03", "25006"]


@pytest.fixture
def database(dsn: Secret, identity: Identity, wakeups: Wakeups) -> Iterator[Database]:
    with pool_of_the_daemon(dsn, identity, wakeups) as made:
        yield made


def run(shop: Shop, statement: str, **named: Any) -> None:
    with shop.database.transaction() as tx:
        tx.run(statement, named)


@pytest.fixture
def fault(shop: Shop) -> Iterator[Any]:
    """From now on a change of this user's job raises this SQLSTATE."""

    def strike(sqlstate: str, user: int) -> None:
        run(
            shop,
            "CREATE OR REPLACE FUNCTION refuse_user() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF NEW.user_id = {user} THEN RAISE EXCEPTION 'a row at fault' USING"
            f" ERRCODE = '{sqlstate}'; END IF; RETURN NEW; END $$;"
            " CREATE TRIGGER refuse_user BEFORE UPDATE ON generation_jobs"
            " FOR EACH ROW EXECUTE FUNCTION refuse_user()",
        )

    yield strike
    run(shop, "DROP FUNCTION IF EXISTS refuse_user CASCADE")


@pytest.mark.parametrize("sqlstate", OUTAGE_LIKE)
def test_a_job_that_cannot_be_claimed_lets_the_others_pass(
    shop: Shop, fault: Any, sqlstate: str
) -> None:
    stuck = shop.order("a", user=7)
    others = [shop.order(key, user=8) for key in "bcd"]
    fault(sqlstate, 7)

    shop.start()

    for job in others:
        shop.until_state(job, "waiting", "success")
    assert shop.row(stuck)["status"] == "queued"


@contextmanager
def locked(connect: Any, statement: str) -> Iterator[None]:
    """Another transaction holds these rows."""
    other = connect()
    other.autocommit = False
    with other.cursor() as cursor:
        cursor.execute(statement)
        yield
    other.rollback()


def test_jobs_that_another_transaction_holds_let_the_others_end(shop: Shop, connect: Any) -> None:
    """More of them than there are workers, and due before the others."""
    shop.start(shop.submitter)
    held = [shop.order(f"h{number}", user=7) for number in range(poller.WORKERS + 2)]
    free = shop.order("free", user=8)
    for job in (*held, free):
        shop.until_state(job, "waiting")
    run(
        shop,
        "UPDATE generation_jobs SET next_action_at = now() - interval '1 minute' * (9 - user_id)",
    )
    with locked(connect, "SELECT 1 FROM generation_jobs WHERE user_id = 7 FOR UPDATE"):
        shop.start(shop.poller)

        shop.until_state(free, "success", seconds=30)
    for job in held:
        shop.until_state(job, "success", seconds=30)


@pytest.mark.parametrize("sqlstate", OUTAGE_LIKE)
def test_a_user_who_cannot_be_told_of_an_outage_does_not_silence_the_others(
    shop: Shop, fault: Any, sqlstate: str
) -> None:
    stuck, other = shop.order("a", user=7), shop.order("b", user=8)
    limits = QueueLimits(
        database=shop.database, news=shop.told, clock=CLOCK, bot_id=shop.identity.bot_id
    )
    fault(sqlstate, 7)

    limits.while_away(shop.term)

    assert shop.row(other)["told_delayed"]
    assert not shop.row(stuck)["told_delayed"]


def test_a_job_that_cannot_be_given_back_does_not_keep_the_credits_of_others(
    shop: Shop, fault: Any
) -> None:
    stuck, other = shop.order("a", 5, user=7), shop.order("b", 5, user=8)
    run(shop, "UPDATE generation_jobs SET created_at = now() - interval '2 hours'")
    limits = QueueLimits(
        database=shop.database, news=shop.told, clock=CLOCK, bot_id=shop.identity.bot_id
    )
    fault("55P03", 7)

    limits.while_away(shop.term)

    assert shop.row(other)["failure"] == Failure.UNAVAILABLE
    assert shop.row(stuck)["status"] == "queued"


def test_a_user_whose_place_cannot_be_told_does_not_silence_the_others(
    shop: Shop, fault: Any
) -> None:
    jobs = [shop.order(key, user=user) for key, user in (("a", 7), ("b", 8), ("c", 9))]
    run(shop, "UPDATE generation_jobs SET place_told = 99, status_message_id = 1")
    notices = QueueNotices(
        database=shop.database,
        news=shop.told,
        wakeups=Wakeups(),
        clock=CLOCK,
        bot_id=shop.identity.bot_id,
    )
    fault("40001", 7)

    assert notices.tell(shop.term)

    assert [shop.row(job)["place_told"] for job in jobs] == [99, 2, 3]


def _old(shop: Shop) -> Sequence[Row]:
    with shop.database.transaction() as tx:
        return orphans.old(tx, shop.identity.bot_id)


def test_an_orphan_that_cannot_be_noticed_does_not_hide_the_others(
    shop: Shop, connect: Any
) -> None:
    bot_id = shop.identity.bot_id
    with shop.database.transaction() as tx:
        for task in ("t-1", "t-2"):
            orphans.keep(tx, bot_id, task, b"{}")
        tx.run("UPDATE orphan_callbacks SET received_at = now() - interval '25 hours'")
    looking = Checkup(
        client=shop.client,
        account=shop.account,
        database=shop.database,
        news=shop.told,
        clock=CLOCK,
        bot_id=bot_id,
    )
    with locked(connect, "SELECT 1 FROM orphan_callbacks WHERE task_id = 't-1' FOR UPDATE"):
        looking._noticing.run(
            shop.term,
            _old(shop),
            lambda tx, rows: orphans.notice(tx, rows, shop.told),
        )
        looking._noticing.run(
            shop.term,
            _old(shop),
            lambda tx, rows: orphans.notice(tx, rows, shop.told),
        )
    assert [alert for alert in shop.told.alerts if "t-2" in alert]


def test_an_outcome_that_cannot_be_written_does_not_hold_up_the_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, connect: Any
) -> None:
    monkeypatch.setattr("kie.submission.outcomes.STORE_PATIENCE", 0.0)
    monkeypatch.setattr("kie.submission.submitter.AWAY", 0.1)
    stuck = shop.order("a", user=7)
    create = KieClient.create_task
    with ExitStack() as holding:

        def created(client: KieClient, *args: Any, **kwargs: Any) -> str:
            task = create(client, *args, **kwargs)
            if shop.tasks() == 1:
                held = f"SELECT 1 FROM generation_jobs WHERE id = {stuck} FOR UPDATE"
                holding.enter_context(locked(connect, held))
            return task

        monkeypatch.setattr(KieClient, "create_task", created)
        shop.start()
        shop.until(lambda: shop.tasks() == 1, "the first task exists")
        other = shop.order("b", user=8)

        shop.until_state(other, "waiting", "success")
        assert shop.row(stuck)["status"] == "submitting"
    shop.until_state(stuck, "waiting", "success", seconds=30)
