"""No job waits without an end, whatever kie.ai answers and whatever breaks here; and a row at
fault waits alone."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from handlers.process.composition import POOL_SIZE
from kie.api.client import KieClient
from kie.api.limiter import Busy
from kie.api.outcome import Failure, Result
from kie.api.wire import Running
from kie.jobs import orphans, poller
from kie.jobs.checkup import Checkup
from kie.jobs.job import Job
from kie.submission import queue_limits
from kie.submission.queue_limits import QueueLimits
from kie.submission.queue_notices import QueueNotices
from sandbox.kie.odd import BAD_LINKS, SHAPES
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.support.shop import CLOCK, Shop

#: Links that a simulator on this machine may name, but no kie.ai elsewhere.
LOCAL = {name for name in BAD_LINKS if "loopback" in name} | {"mapped", "link local", "private"}


@pytest.fixture
def database(dsn: Secret, identity: Identity, wakeups: Wakeups) -> Iterator[Database]:
    """As many connections as the daemon has: workers that wait for a row hold one each."""
    made = Database(
        dsn,
        size=POOL_SIZE,
        bot_id=identity.bot_id,
        fence_key=identity.fence_key,
        name="test",
        wakeups=wakeups,
    )
    yield made
    made.close()


def run(shop: Shop, statement: str, **named: Any) -> None:
    with shop.database.transaction() as tx:
        tx.run(statement, named)


def ordered(shop: Shop, **options: Any) -> int:
    """A job that kie.ai has, and that will be asked for when the test says so."""
    job = shop.order(price=5, **options)
    shop.until_state(job, "waiting", "success", "fail")
    shop.hurry(job)
    return job


# ------------------------------------------------------------------- answers of kie.ai --


@pytest.mark.parametrize("name", sorted(set(BAD_LINKS) - LOCAL))
def test_links_that_nobody_can_open_end_the_job_with_the_credits_back(
    shop: Shop, name: str
) -> None:
    shop.kie.fault("links", [BAD_LINKS[name]])
    shop.start()

    row = shop.until_state(ordered(shop), "fail")

    assert row["failure"] == "no_result"
    assert shop.balance() == 5
    (alert,) = shop.told.alerts
    assert "resultUrls" in alert
    assert alert.isprintable()


@pytest.mark.parametrize("name", sorted(set(SHAPES) - {"null", "other words"}))
def test_a_result_in_another_form_is_brought(shop: Shop, name: str) -> None:
    shop.kie.fault("shape", name)
    shop.start()

    row = shop.until_state(ordered(shop), "success")

    assert row["result_url"].startswith("http://127.0.0.1")
    assert shop.told.ends() == ["succeeded"]


def test_an_answer_that_breaks_the_reader_does_not_keep_the_job(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: KieClient, task: str, model: str) -> object:
        raise RuntimeError(f"an answer about {task} that nobody expected")

    monkeypatch.setattr(KieClient, "record_info", broken)
    shop.start()
    job = shop.order(price=5)
    shop.until_state(job, "waiting")
    run(shop, "UPDATE generation_jobs SET deadline_at = now() - interval '1 second'")
    shop.hurry(job)

    assert shop.until_state(job, "fail")["failure"] == "timed_out"
    assert shop.balance() == 5


def test_a_job_without_a_deadline_has_one_all_the_same(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KieClient, "record_info", lambda *_: Running())
    shop.start()
    job = shop.order(price=5)
    shop.until_state(job, "waiting")
    run(
        shop,
        "UPDATE generation_jobs SET deadline_at = NULL, created_at = now() - interval '25 hours'",
    )
    shop.hurry(job)

    assert shop.until_state(job, "fail")["failure"] == "timed_out"


def test_a_job_that_cannot_be_asked_for_ends_after_a_while(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> object:
        raise Busy("kie.ai's rate limit is used up", retry_after=1.0)

    monkeypatch.setattr(KieClient, "record_info", busy)
    monkeypatch.setattr(poller, "UNASKED_PATIENCE", 0.5)
    shop.start()
    job = shop.order(price=5)
    shop.until_state(job, "waiting")
    run(shop, "UPDATE generation_jobs SET deadline_at = now() - interval '1 second'")
    shop.hurry(job)

    assert shop.until_state(job, "fail")["failure"] == "timed_out"


# ------------------------------------------------------------------ what breaks here --


def test_a_result_that_cannot_be_told_ends_the_job_as_broken(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(tx: Tx, job: Job, result: Result) -> None:
        raise ValueError("Invalid IPv6 URL")

    monkeypatch.setattr(shop.told, "succeeded", breaks)
    shop.start()

    row = shop.until_state(ordered(shop), "fail")

    assert row["failure"] == "broken"
    assert shop.balance() == 5
    assert shop.told.ends() == ["broken"]
    (alert,) = shop.told.alerts
    assert "Invalid IPv6 URL" in alert


@pytest.mark.parametrize("value", ["'NaN'::float8::int::text", "NULL::text || (1 / 0)"])
def test_a_result_that_the_database_refuses_ends_the_job_as_broken(shop: Shop, value: str) -> None:
    run(
        shop,
        "CREATE OR REPLACE FUNCTION refuse_success() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF NEW.status = 'success' THEN NEW.result_text := {value}; END IF;"
        " RETURN NEW; END $$;"
        " CREATE TRIGGER refuse_success BEFORE UPDATE ON generation_jobs"
        " FOR EACH ROW EXECUTE FUNCTION refuse_success()",
    )
    try:
        shop.start()
        assert shop.until_state(ordered(shop), "fail")["failure"] == "broken"
    finally:
        run(shop, "DROP FUNCTION refuse_success CASCADE")
    assert shop.balance() == 5


def test_a_job_that_waits_in_the_queue_for_hours_ends(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kie.ai is there and says "too many calls" all day."""

    def busy(*_: object, **__: object) -> str:
        raise Busy("kie.ai: 429 too many calls", retry_after=0.1)

    monkeypatch.setattr(KieClient, "create_task", busy)
    monkeypatch.setattr(queue_limits, "EVERY", 0.1)
    job = shop.order(price=5)
    run(shop, "UPDATE generation_jobs SET created_at = now() - interval '7 hours'")
    shop.start()

    assert shop.until_state(job, "fail")["failure"] == "unavailable"
    assert shop.balance() == 5


@pytest.mark.parametrize(
    ("uploading", "task", "state"),
    [(False, None, "unclear"), (True, None, "queued"), (False, "t-1", "waiting")],
)
def test_a_claim_that_nobody_works_on_is_taken_back(
    shop: Shop, uploading: bool, task: str | None, state: str
) -> None:
    job = shop.order()
    run(
        shop,
        "UPDATE generation_jobs SET status = 'submitting', claim_token = %(token)s::uuid,"
        " uploading = %(uploading)s, task_id = %(task)s,"
        " submitted_at = now() - interval '11 minutes'",
        token=str(shop.term.token),
        uploading=uploading,
        task=task,
    )
    limits = QueueLimits(
        database=shop.database, news=shop.told, clock=CLOCK, bot_id=shop.identity.bot_id
    )

    limits.look(shop.term, {job})
    assert shop.row(job)["status"] == "submitting"
    limits._next_look = 0.0
    limits.look(shop.term, set())

    assert shop.row(job)["status"] == state


def test_a_claim_of_a_moment_ago_is_left_alone(shop: Shop) -> None:
    job = shop.order()
    run(
        shop,
        "UPDATE generation_jobs SET status = 'submitting', claim_token = %(token)s::uuid,"
        " submitted_at = now() - interval '9 minutes'",
        token=str(shop.term.token),
    )
    limits = QueueLimits(
        database=shop.database, news=shop.told, clock=CLOCK, bot_id=shop.identity.bot_id
    )

    limits.look(shop.term, set())

    assert shop.row(job)["status"] == "submitting"


# ------------------------------------------------------------- a row at fault waits alone --

#: Errors that PostgreSQL reports alike for a row and for an outage.
OUTAGE_LIKE = ["53100", "57014", "40001", "40P01", "55P03", "25006"]


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


# -------------------------------------------------------------- what kie.ai took for it --


def test_a_charge_above_what_the_price_assumes_is_told_to_the_operator(shop: Shop) -> None:
    shop.kie.fault("consumed", 7.5)
    shop.start()

    shop.until_state(ordered(shop), "success")

    (alert,) = shop.told.alerts
    assert "took 7.5 credits" in alert
    assert "assumes 0.8" in alert


def test_the_usual_charge_is_told_to_nobody(shop: Shop) -> None:
    shop.kie.fault("consumed", 0.8)
    shop.start()

    shop.until_state(ordered(shop), "success")

    assert shop.told.alerts == []


def test_a_term_that_is_over_ends_no_job(shop: Shop) -> None:
    job = shop.order()
    limits = QueueLimits(
        database=shop.database, news=shop.told, clock=CLOCK, bot_id=shop.identity.bot_id
    )
    run(shop, "UPDATE generation_jobs SET created_at = now() - interval '2 hours'")
    run(shop, "UPDATE lock_epochs SET ended_at = now(), token = %(t)s::uuid", t=str(uuid.uuid4()))

    with pytest.raises(Exception, match="term is over") as caught:
        limits.while_away(shop.term)

    assert not isinstance(caught.value, Unavailable)
    assert shop.row(job)["status"] == "queued"
