"""No job waits without an end, whatever kie.ai answers and whatever breaks here."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

import sql
from kie.api.client import KieClient
from kie.api.limiter import Busy
from kie.api.outcome import Result
from kie.api.wire import Running
from kie.jobs import poller
from kie.jobs.job import Job
from kie.submission import queue_limits, submitter
from kie.submission.queue_limits import QueueLimits
from sandbox.kie.odd import BAD_LINKS, SHAPES
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.support.jobs.shop import CLOCK, Shop
from tests.support.machine.daemon_pool import pool_of_the_daemon

#: Links that a simulator on this machine may name, but no kie.ai elsewhere.
LOCAL = {name for name in BAD_LINKS if "loopback" in name} | {"mapped", "link local", "private"}


@pytest.fixture
def database(dsn: Secret, identity: Identity, wakeups: Wakeups) -> Iterator[Database]:
    with pool_of_the_daemon(dsn, identity, wakeups) as made:
        yield made


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
    def broken(_: KieClient, task: str, *_about: object) -> object:
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


def test_a_job_whose_files_end_each_process_waits_longer_and_is_given_back(shop: Shop) -> None:
    job = shop.order(price=5)
    release = sql.load("submission")["orphaned_submissions"]
    pauses: list[int] = []
    for _ in range(submitter.MOST_ENDED):
        run(
            shop,
            "UPDATE generation_jobs SET status = 'submitting', claim_token = gen_random_uuid(),"
            " uploading = TRUE",
        )
        run(shop, release, bot_id=shop.identity.bot_id, token=str(shop.term.token))
        with shop.database.transaction() as tx:
            row = tx.one(
                "SELECT status, extract(epoch FROM next_action_at - now())::int AS pause"
                " FROM generation_jobs"
            )
        assert row is not None
        assert row["status"] == "queued"
        pauses.append(round(row["pause"], -1))
    shop.hurry(job)
    shop.start()

    ended = shop.until_state(job, "fail")

    assert pauses == [0, 30, 60, 90]
    assert ended["failure"] == "refused_file"
    assert shop.kie.tasks() == []
