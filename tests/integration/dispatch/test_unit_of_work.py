"""Jobs and credits through the conversation on a real PostgreSQL, also when all press at once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import sql
from handlers.dispatch.lanes import InboxRow
from kie.submission.queue_notices import QueueNotices
from supervisor.runtime.secret import Secret
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.front_desk import USER, Counter
from tests.support.edges import telegram_updates as telegram
from tests.support.words.wording import plain


@pytest.fixture
def counter(dsn: Secret) -> Iterator[Counter]:
    talk = Conversation(dsn)
    yield Counter(talk)
    talk.close()


def test_an_operator_tops_up_and_both_are_told(counter: Counter) -> None:
    counter.tops_up(40)

    assert counter.balance() == 40
    assert any("+40" in text and "Balance: 40" in text for text in counter.told(ADMIN))
    assert any("+40" in text and "Your balance: 40" in text for text in counter.told())
    assert counter.counted("trt_credits_in_total") == 40


def test_what_was_booked_by_mistake_is_taken_back_but_never_below_zero(counter: Counter) -> None:
    counter.tops_up(40)
    for amount in (-41, -30):
        counter.books(f"/grant {USER} {amount} a mistake")

    assert counter.balance() == 10
    assert sum("less than nothing" in text for text in counter.told(ADMIN)) == 1
    assert counter.counted("trt_credits_out_total") == 30


def test_an_update_that_is_handled_again_books_nothing_again(counter: Counter) -> None:
    counter.tops_up(40)
    counter.talk.rows("UPDATE telegram_updates SET state = 'new'")
    rows = counter.talk.rows("SELECT seq, update_id, body FROM telegram_updates")

    for row in rows:
        waiting = InboxRow(row["seq"], USER, row["update_id"], row["body"], 0)
        counter.work.handle(counter.talk.term, waiting)

    assert counter.balance() == 40


def test_a_booking_for_a_stranger_is_refused_and_nobody_is_told_of_it(counter: Counter) -> None:
    counter.hear(telegram.message(ADMIN, text="/topup 404 5"))

    assert any("404 has written" in text for text in counter.told(ADMIN))
    assert counter.told(404) == []
    assert counter.talk.rows("SELECT 1 FROM ledger") == []


def test_a_request_costs_its_price_and_a_second_one_is_refused_when_nothing_is_left(
    counter: Counter,
) -> None:
    counter.sells(price=5)
    counter.tops_up(7)
    counter.order()
    assert counter.balance() == 2

    counter.hear(telegram.press(counter.at_confirm()))

    assert len(counter.jobs()) == 1
    assert counter.balance() == 2
    assert any("You need 5\u00a0credits and have 2. 3 short." in text for text in counter.told())


def test_pressing_again_after_a_top_up_makes_the_job(counter: Counter) -> None:
    counter.sells(price=5)
    create = counter.at_confirm()
    counter.hear(telegram.press(create))
    assert counter.jobs() == []

    counter.tops_up(5)
    counter.hear(telegram.press(create))

    assert len(counter.jobs()) == 1
    assert counter.balance() == 0


def test_presses_of_the_same_button_at_once_make_one_job(counter: Counter) -> None:
    counter.sells(price=5)
    counter.tops_up(100)
    create = counter.at_confirm()

    errors = counter.hear_at_once(*(telegram.press(create) for _ in range(6)))

    assert errors == []
    assert len(counter.jobs()) == 1
    assert counter.balance() == 95


def test_different_requests_at_once_never_spend_more_than_there_is(counter: Counter) -> None:
    counter.sells(price=5)
    counter.tops_up(7)
    create = counter.at_confirm()

    # The same step shown in several messages: each of them would be a job of its own.
    presses = [telegram.press(create, message_id=100 + number) for number in range(6)]
    errors = counter.hear_at_once(*presses)

    assert errors == []
    assert len(counter.jobs()) == 1
    assert counter.balance() == 2


def test_the_free_quota_of_a_day_holds_also_for_presses_at_once(counter: Counter) -> None:
    counter.sells(price=0, free_per_day=2)
    create = counter.at_confirm()
    presses = [telegram.press(create, message_id=100 + number) for number in range(6)]

    errors = counter.hear_at_once(*presses)

    assert errors == []
    assert len(counter.jobs()) == 2


def test_what_failed_or_was_made_yesterday_does_not_count_against_the_quota(
    counter: Counter,
) -> None:
    counter.sells(price=5, free_per_day=2)
    for _ in range(2):
        counter.order()
    counter.talk.rows("UPDATE generation_jobs SET status = 'fail' WHERE id = %s", 1)
    counter.talk.rows(
        "UPDATE generation_jobs SET status = 'success', created_at = date_trunc('day', now() AT"
        " TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '1 second' WHERE id = 2"
    )

    for _ in range(2):
        counter.order()
    assert [job["price"] for job in counter.jobs()] == [0, 0, 0, 0]
    counter.tops_up(5)
    counter.order()

    assert counter.jobs()[-1]["price"] == 5


def test_a_fourth_picture_waits_until_one_of_three_has_its_end(counter: Counter) -> None:
    for _ in range(3):
        counter.order()
    create = counter.at_confirm()
    counter.hear(telegram.press(create))
    assert len(counter.jobs()) == 3
    assert plain("en", "toast_enough_running", n=3, max=3) in counter.told(kind="toast")

    counter.talk.rows("UPDATE generation_jobs SET status = 'fail' WHERE id = 2")
    counter.hear(telegram.press(create))

    assert len(counter.jobs()) == 4


def test_the_limit_of_running_jobs_holds_also_for_presses_at_once(counter: Counter) -> None:
    create = counter.at_confirm()

    presses = [telegram.press(create, message_id=100 + number) for number in range(8)]
    errors = counter.hear_at_once(*presses)

    assert errors == []
    assert len(counter.jobs()) == 3


def test_a_queued_job_shows_its_place_and_the_button_that_stops_it(counter: Counter) -> None:
    counter.order()
    second = counter.order()

    first_text, second_text = counter.told(kind="status")
    assert "in the queue" not in first_text
    assert "Number 2 in the queue" in second_text
    keyboards = counter.talk.rows(
        "SELECT payload->'keyboard' AS rows FROM deliveries WHERE job_id = %s", second
    )
    assert keyboards[0]["rows"][0][0][1] == f"stop||{second}"


def test_a_queued_job_is_cancelled_once_and_its_price_goes_back(counter: Counter) -> None:
    counter.sells(price=5)
    counter.tops_up(5)
    job = counter.order()

    errors = counter.hear_at_once(*(telegram.press(f"stop||{job}") for _ in range(4)))

    assert errors == []
    (row,) = counter.jobs()
    assert (row["status"], row["failure"]) == ("fail", "cancelled")
    assert counter.balance() == 5
    assert counter.told(kind="status") == []
    assert counter.told().count(plain("en", "failed_cancelled")) == 1
    assert counter.told(kind="toast").count(plain("en", "toast_cancelled")) == 4


def test_nobody_cancels_somebody_elses_job(counter: Counter) -> None:
    job = counter.order()

    counter.hear(telegram.press(f"stop||{job}", user=8))

    assert counter.jobs()[0]["status"] == "queued"
    assert counter.told(8, kind="toast")[-1] == plain("en", "toast_gone")


@pytest.mark.parametrize(
    ("status", "failure", "toast"),
    [
        ("submitting", None, "toast_too_late"),
        ("waiting", None, "toast_too_late"),
        ("success", None, "toast_ended"),
        ("fail", "broken", "toast_ended"),
        ("fail", "cancelled", "toast_cancelled"),
    ],
)
def test_why_a_job_cannot_be_cancelled_is_said(
    counter: Counter, status: str, failure: str | None, toast: str
) -> None:
    job = counter.order()
    ended = "UPDATE generation_jobs SET status = %s, failure = %s WHERE id = %s"
    counter.talk.rows(ended, status, failure, job)

    counter.hear(telegram.press(f"stop||{job}"))

    assert counter.told(kind="toast")[-1] == plain("en", toast)
    assert counter.jobs()[0]["status"] == status


def test_a_job_that_is_cancelled_elsewhere_shows_its_end_where_its_progress_was(
    counter: Counter,
) -> None:
    job = counter.order()
    counter.talk.rows("UPDATE generation_jobs SET status_message_id = 41 WHERE id = %s", job)

    counter.hear(telegram.press(f"stop||{job}", message_id=50))

    told = counter.talk.rows(
        "SELECT payload FROM deliveries WHERE payload ->> 'text' = %s ORDER BY id",
        plain("en", "failed_cancelled"),
    )
    shown = {row["payload"]["message_id"]: str(row["payload"]["keyboard"]) for row in told}
    assert set(shown) == {41, 50}
    assert "again|" in shown[41]
    assert "balance|" in shown[50]


def test_cancelling_and_claiming_at_once_is_one_of_the_two(counter: Counter) -> None:
    counter.sells(price=1)
    counter.tops_up(100)
    claim_queued = sql.load("submission")["claim_queued"]
    for _ in range(12):
        job = counter.order()
        stored = counter._stored(telegram.press(f"stop||{job}"))
        barrier = threading.Barrier(2)

        def cancel(stored: InboxRow = stored, barrier: threading.Barrier = barrier) -> None:
            barrier.wait(10)
            counter.work.handle(counter.talk.term, stored)

        def claim(job: int = job, barrier: threading.Barrier = barrier) -> list[Any]:
            barrier.wait(10)
            with counter.talk.database.transaction(counter.talk.term) as tx:
                token = str(counter.talk.term.token)
                return tx.all(claim_queued, {"ids": [job], "token": token})

        with ThreadPoolExecutor(2) as pool:
            both: list[Callable[[], Any]] = [cancel, claim]
            _, claimed = [future.result() for future in [pool.submit(act) for act in both]]
        status = counter.jobs()[-1]["status"]
        assert status == ("submitting" if claimed else "fail")
        counter.talk.rows("UPDATE generation_jobs SET status = 'fail' WHERE id = %s", job)

    returned = counter.talk.rows("SELECT count(*) AS n FROM ledger WHERE kind = 'release'")
    cancelled = counter.talk.rows(
        "SELECT count(*) AS n FROM generation_jobs WHERE failure = 'cancelled'"
    )
    assert returned == cancelled


def test_the_balance_screen_shows_what_was_booked(counter: Counter) -> None:
    counter.sells(price=5, free_per_day=None)
    counter.tops_up(7)
    counter.order()
    counter.hear(telegram.message(text="/balance"))

    text = counter.told()[-1]
    assert "2\u00a0credits" in text
    assert "Z-Image “a fox”: <b>−5</b>" in text
    assert "top-up: <b>+7</b>" in text


def test_when_the_queue_moves_those_who_wait_are_told_once(counter: Counter) -> None:
    talk = counter.talk
    queue = QueueNotices(
        database=talk.database,
        news=talk.news,
        wakeups=talk.wakeups,
        clock=talk.clock,
        bot_id=BOT_ID,
    )
    first, second, third = (counter.order() for _ in range(3))
    talk.rows("UPDATE deliveries SET state = 'sent'")
    assert queue.tell(talk.term)
    assert counter.told(kind="status", state="pending") == []

    talk.rows("UPDATE generation_jobs SET status = 'waiting' WHERE id = %s", first)
    assert queue.tell(talk.term)
    assert queue.tell(talk.term)

    second_text, third_text = counter.told(kind="status", state="pending")
    assert "in the queue" not in second_text
    assert "Number 2 in the queue" in third_text
    talk.rows("UPDATE generation_jobs SET status = 'waiting'")
    assert not queue.tell(talk.term)
    assert {second, third} == {job["id"] for job in counter.jobs()} - {first}


def test_who_was_told_that_the_service_is_away_is_not_told_of_places(counter: Counter) -> None:
    talk = counter.talk
    queue = QueueNotices(
        database=talk.database,
        news=talk.news,
        wakeups=talk.wakeups,
        clock=talk.clock,
        bot_id=BOT_ID,
    )
    first, _ = counter.order(), counter.order()
    talk.rows("UPDATE generation_jobs SET told_delayed = TRUE")
    talk.rows("UPDATE deliveries SET state = 'sent'")
    talk.rows("UPDATE generation_jobs SET status = 'waiting' WHERE id = %s", first)

    queue.tell(talk.term)

    assert counter.told(kind="status", state="pending") == []


def unkeyed(talk: Conversation) -> list[bool]:
    rows = talk.rows("SELECT payload FROM deliveries WHERE kind = 'answer' ORDER BY id")
    return ["unkey" in row["payload"] for row in rows]


@pytest.mark.parametrize("first", ["/start", "/help", "/balance", "a fox in the snow"])
def test_the_first_answer_of_a_private_chat_takes_an_older_keyboard_away_once(
    talk: Conversation, first: str
) -> None:
    with talk.dispatching():
        talk.put(telegram.message(text=first))
        talk.until(lambda: unkeyed(talk), "the first answer")
        talk.put(telegram.message(text="/help"))
        talk.until(lambda: len(unkeyed(talk)) > 1, "the second one")

    first_answer, *others = unkeyed(talk)
    assert first_answer
    assert not any(others)


def test_the_keyboards_of_groups_are_left_alone(talk: Conversation) -> None:
    with talk.dispatching():
        group = {"id": -100, "type": "supergroup", "title": "Foxes"}
        talk.put(telegram.message(chat=group, text="/start"))
        talk.until(lambda: unkeyed(talk), "the answer")

    assert unkeyed(talk) == [False]
