"""What is scrubbed, what is pruned, and what stays, on a real PostgreSQL."""

import json
from typing import Any

import pytest

from handlers.process import housekeeping as module
from handlers.process.housekeeping import CHORES, Chore, Housekeeping
from supervisor.runtime.errors import Fenced
from supervisor.runtime.term import Term
from supervisor.runtime.threads import ServiceThread
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.machine.waiting import within


@pytest.fixture
def keeping(talk: Conversation) -> Housekeeping:
    return Housekeeping(
        database=talk.database, bot_id=BOT_ID, clock=talk.clock, metrics=talk.metrics
    )


def update(talk: Conversation, number: int, state: str, days: float, bot: int = BOT_ID) -> None:
    talk.rows(
        "INSERT INTO telegram_updates (bot_id, update_id, kind, body, state, received_at)"
        " VALUES (%s, %s, 'message', '{}', %s, now() - make_interval(secs => 86400 * %s))",
        *(bot, number, state, days),
    )


def chore(name: str) -> Chore:
    (found,) = [each for each in CHORES if each.do == name]
    return found


def bodies(talk: Conversation) -> dict[int, bool]:
    rows = talk.rows("SELECT update_id, body IS NOT NULL AS body FROM telegram_updates")
    return {row["update_id"]: row["body"] for row in rows}


def all_chores(talk: Conversation, keeping: Housekeeping) -> None:
    for each in CHORES:
        keeping.batch(talk.term, each, [])


def test_bodies_are_scrubbed_after_a_week_and_work_is_not(
    talk: Conversation, keeping: Housekeeping
) -> None:
    for number, (state, days) in enumerate(
        [("done", 6.9), ("done", 7.1), ("dead", 7.1), ("new", 40)]
    ):
        update(talk, number, state, days)

    all_chores(talk, keeping)

    assert bodies(talk) == {0: True, 1: False, 2: False, 3: True}


def test_rows_go_after_a_month_and_only_those_of_this_bot(
    talk: Conversation, keeping: Housekeeping
) -> None:
    update(talk, 1, "done", 29)
    update(talk, 2, "done", 31)
    update(talk, 3, "new", 31)
    update(talk, 4, "done", 31, bot=5)

    all_chores(talk, keeping)

    assert bodies(talk) == {1: False, 3: True, 4: True}


def test_a_number_is_known_for_as_long_as_telegram_may_repeat_it(
    talk: Conversation, keeping: Housekeeping
) -> None:
    update(talk, 9, "done", 2.9)
    all_chores(talk, keeping)

    talk.put({"update_id": 9, "message": {"chat": {"id": 7}}})

    assert talk.rows("SELECT state FROM telegram_updates") == [{"state": "done"}]


def test_old_deliveries_go_and_open_ones_and_results_stay(
    talk: Conversation, keeping: Housekeeping
) -> None:
    for number, (kind, state, days) in enumerate(
        [
            ("answer", "sent", 31),
            ("answer", "sent", 29),
            ("answer", "pending", 31),
            ("status", "dropped", 31),
            ("result", "sent", 31),
        ]
    ):
        talk.rows(
            "INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, state, created_at)"
            " VALUES (%s, 7, %s, '{}', %s, %s, now() - make_interval(days => %s))",
            *(BOT_ID, kind, str(number), state, days),
        )

    all_chores(talk, keeping)

    left = talk.rows("SELECT dedupe_key FROM deliveries ORDER BY 1")
    assert [row["dedupe_key"] for row in left] == ["1", "2", "4"]


def job(talk: Conversation, status: str, days: int, *, paid: bool) -> int:
    talk.rows("INSERT INTO users (user_id) VALUES (7) ON CONFLICT DO NOTHING")
    (row,) = talk.rows(
        "INSERT INTO generation_jobs (bot_id, user_id, model, status, input_params, completed_at,"
        " result_text, result_url, result_urls, result_songs)"
        " VALUES (%s, 7, 'm', %s, %s, now() - make_interval(days => %s), 't', 'u', '[]', '[]')"
        " RETURNING id",
        *(BOT_ID, status, json.dumps({"prompt": "p"}), days),
    )
    number: int = row["id"]
    talk.rows(
        "INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, state, job_id)"
        " VALUES (%s, 7, 'result', '{}', %s, 'sent', %s)",
        *(BOT_ID, f"job:{number}", number),
    )
    if paid:
        talk.rows(
            "INSERT INTO ledger (bot_id, user_id, job_id, kind, amount)"
            " VALUES (%s, 7, NULL, 'topup', 5), (%s, 7, %s, 'reserve', -5)",
            *(BOT_ID, BOT_ID, number),
        )
    return number


def test_an_old_job_goes_unless_money_moved_and_then_its_content_goes(
    talk: Conversation, keeping: Housekeeping
) -> None:
    free = job(talk, "success", 181, paid=False)
    paid = job(talk, "fail", 181, paid=True)
    young = job(talk, "success", 179, paid=False)
    running = job(talk, "waiting", 181, paid=True)

    all_chores(talk, keeping)

    left = talk.rows(
        "SELECT id, num_nonnulls(input_params, result_text, result_url, result_urls, result_songs)"
        " AS kept FROM generation_jobs"
    )
    assert {row["id"]: row["kept"] for row in left} == {paid: 0, young: 5, running: 5}
    told = talk.rows("SELECT job_id FROM deliveries ORDER BY 1")
    assert [row["job_id"] for row in told] == [young, running]
    assert free not in {row["id"] for row in left}
    assert len(talk.rows("SELECT 1 FROM ledger WHERE kind = 'reserve'")) == 2


def test_a_favourite_keeps_its_job_inputs_and_result_however_old_it_is(
    talk: Conversation, keeping: Housekeeping
) -> None:
    kept = job(talk, "success", 400, paid=True)
    job(talk, "success", 400, paid=False)
    talk.rows("UPDATE generation_jobs SET starred_at = now() WHERE id = %s RETURNING id", kept)

    all_chores(talk, keeping)

    (left,) = talk.rows("SELECT id, input_params FROM generation_jobs")
    assert (left["id"], left["input_params"]) == (kept, {"prompt": "p"})
    assert talk.rows("SELECT job_id FROM deliveries") == [{"job_id": kept}]


def test_callbacks_that_fitted_no_job_go_after_a_month_and_only_those_of_this_bot(
    talk: Conversation, keeping: Housekeeping
) -> None:
    for number, (bot, days, processed) in enumerate(
        [(BOT_ID, 29, False), (BOT_ID, 31, False), (BOT_ID, 31, True), (None, 31, False)]
        + [(5, 31, False)]
    ):
        talk.rows(
            "INSERT INTO orphan_callbacks (bot_id, task_id, payload, processed, received_at)"
            " VALUES (%s, %s, '{}', %s, now() - make_interval(days => %s))",
            *(bot, f"t-{number}", processed, days),
        )

    all_chores(talk, keeping)

    left = talk.rows("SELECT task_id FROM orphan_callbacks ORDER BY 1")
    assert [row["task_id"] for row in left] == ["t-0", "t-4"]


def test_a_batch_is_bounded_and_a_round_takes_them_all(
    talk: Conversation,
    keeping: Housekeeping,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "BATCH", 10)
    monkeypatch.setattr(module, "BATCH_PAUSE", 0.0)
    monkeypatch.setattr(module, "FIRST_AFTER", 0.0)
    for number in range(25):
        update(talk, number, "done", 40)
    sizes: list[int] = []
    real = keeping.batch

    def watched(term: Term, each: Chore, left: list[int]) -> tuple[int, int]:
        found, touched = real(term, each, left)
        sizes.append(touched)
        return found, touched

    monkeypatch.setattr(keeping, "batch", watched)
    service = ServiceThread("housekeeping", keeping.run)

    service.start(talk.term, talk.gate)
    talk.until(lambda: bodies(talk) == {}, "all gone")
    service.stop()

    assert within(service.join, 5)
    assert service.failure is None
    assert sizes[:6] == [10, 10, 5, 10, 10, 5]
    assert b'trt_rows_tidied_total{table="telegram_updates"} 50.0' in talk.counted()


def test_a_row_that_somebody_holds_is_left_for_the_next_round(
    talk: Conversation, keeping: Housekeeping, connect: Any
) -> None:
    update(talk, 1, "done", 8)
    update(talk, 2, "done", 8)
    holder = connect()
    holder.autocommit = False
    holder.cursor().execute("SELECT 1 FROM telegram_updates WHERE update_id = 1 FOR UPDATE")

    all_chores(talk, keeping)

    assert bodies(talk) == {1: True, 2: False}
    holder.rollback()


@pytest.mark.parametrize(
    ("state", "raised"), [("23514", "Rejected"), ("53100", "Unavailable"), ("40001", "Contended")]
)
def test_a_row_that_cannot_be_removed_keeps_no_other_row(
    talk: Conversation,
    keeping: Housekeeping,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
    raised: str,
) -> None:
    del raised  # what the database layer makes of it
    monkeypatch.setattr(module, "BATCH", 5)
    monkeypatch.setattr(module, "BATCH_PAUSE", 0.0)
    for number in range(12):
        update(talk, number, "done", 8)
    talk.rows(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION 'not this one' USING ERRCODE = '{state}'; END $$;"
        " CREATE TRIGGER refuse BEFORE UPDATE ON telegram_updates FOR EACH ROW"
        " WHEN (OLD.update_id = 3) EXECUTE FUNCTION refuse()"
    )
    left: list[int] = []
    for _ in range(4):
        keeping.batch(talk.term, chore("scrub_updates"), left)
    talk.rows("DROP TRIGGER refuse ON telegram_updates; DROP FUNCTION refuse()")

    assert bodies(talk) == {number: number == 3 for number in range(12)}
    assert len(left) == 1


def test_rows_that_somebody_holds_do_not_keep_a_round_from_its_end(
    talk: Conversation, keeping: Housekeeping, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    for number in range(6):
        update(talk, number, "done", 8)
    holder = connect()
    holder.autocommit = False
    holder.cursor().execute("SELECT 1 FROM telegram_updates WHERE update_id < 3 FOR UPDATE")
    left: list[int] = []

    batches = [keeping.batch(talk.term, chore("scrub_updates"), left) for _ in range(4)]

    assert batches == [(2, 0), (2, 1), (2, 2), (0, 0)]
    assert bodies(talk) == {number: number < 3 for number in range(6)}
    holder.rollback()


def test_a_term_that_is_over_removes_nothing(talk: Conversation, keeping: Housekeeping) -> None:
    update(talk, 1, "done", 40)
    over = talk.term
    talk.new_term()

    with pytest.raises(Fenced):
        keeping.batch(over, chore("scrub_updates"), [])

    assert bodies(talk) == {1: True}


@pytest.mark.parametrize("name", [each.find for each in CHORES])
def test_every_chore_walks_an_index_of_its_own(talk: Conversation, connect: Any, name: str) -> None:
    """A walk over the whole table would cost more the longer the bot lives."""
    import sql

    cursor = connect().cursor()
    # Jobs that have been tidied: in an empty table two indexes of the same columns cost the same.
    cursor.execute("SELECT ensure_user(7, NULL, NULL)")
    cursor.execute(
        "INSERT INTO generation_jobs (bot_id, user_id, model, status, input_params, completed_at)"
        " SELECT %s, 7, 'm', 'success', NULL, now() - make_interval(days => n)"
        " FROM generate_series(1, 500) AS n",
        (BOT_ID,),
    )
    cursor.execute("ANALYZE generation_jobs")
    cursor.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
    cursor.execute(
        "EXPLAIN " + sql.load("housekeeping")[name],
        {"bot_id": BOT_ID, "days": 7, "limit": 500, "but": []},
    )
    plan = "\n".join(row[0] for row in cursor.fetchall())

    wanted = {
        "updates_to_scrub": "telegram_updates_with_body",
        "updates_to_prune": "telegram_updates_scrubbed",
        "deliveries_to_prune": "deliveries_ended",
        "jobs_to_prune": "generation_jobs_ended",
        "orphans_to_prune": "orphan_callbacks_age",
        "wishes_to_prune": "group_wishes_age",
        "files_to_prune": "made_files_age",
    }
    assert wanted[name] in plan
    assert "Sort" not in plan
