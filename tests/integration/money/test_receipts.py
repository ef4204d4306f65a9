"""Receipts on a real PostgreSQL: kept once, decided once, whoever presses."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from handlers.features.receipts.reminders import Reminders
from kie.money import receipts
from kie.money.receipts import MOST_OPEN, MOST_PAGES, Sent
from tests.support.chats.booked_jobs import balance
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.receipt_files import edited, pages
from tests.support.chats.star_payments import handled, known, ordered, pays, told
from tests.support.edges import telegram_updates as telegram
from tests.support.postgres.failing_rows import held

LONG = bool(os.environ.get("LONG"))
USER = 7
PHOTO = [{"file_id": "f1", "file_unique_id": "u1", "width": 9, "height": 9}]


def dialogues(talk: Conversation, user: int) -> list[dict[str, Any]]:
    return talk.rows("SELECT step, version, answers FROM dialogues WHERE user_id = %s", user)


def sent(talk: Conversation, unique: str = "u1", credits: int = 100) -> receipts.Kept | None:
    known(talk)
    with talk.database.transaction(talk.term) as tx:
        return receipts.keep(tx, BOT_ID, Sent(USER, credits, "99 ₽", "f1", unique))


def test_a_receipt_reaches_each_operator_and_its_approval_the_user(talk: Conversation) -> None:
    known(talk, ADMIN)
    handled(talk, telegram.press("by_hand||"))
    handled(talk, telegram.message(USER, photo=PHOTO))
    with talk.sending():
        talk.until(lambda: talk.telegram.sent("send_photo"), "brought to the operator")
        talk.until(
            lambda: talk.rows("SELECT 1 FROM deliveries WHERE kind = 'notice' AND state = 'sent'"),
            "recorded",
        )
    (shown,) = talk.telegram.sent("send_photo")
    assert (shown["chat_id"], shown["photo"]) == (ADMIN, "f1")

    handled(talk, telegram.press("receipt_amount||1", ADMIN))
    handled(talk, telegram.message(ADMIN, text="120"))
    handled(talk, telegram.press("receipt_yes||1", ADMIN))

    booked = talk.rows("SELECT balance FROM accounts WHERE user_id = %s", USER)
    assert booked == [{"balance": 120}]
    assert ["+120" in each["text"] for each in told(talk, "result")] == [True]
    changed = [each for each in told(talk, "notice") if each["do"] == "buttons"]
    assert len(changed) == 1


@pytest.mark.parametrize(("language", "named"), [("en", "Receipt no. "), ("ru", "Чек № ")])
def test_a_receipt_of_stars_and_one_by_hand_of_the_same_user_have_different_numbers(
    talk: Conversation, language: str, named: str
) -> None:
    _, payload = ordered(talk)
    talk.rows("UPDATE accounts SET language = %s RETURNING user_id", language)
    handled(talk, pays(payload), telegram.press("by_hand||"))
    handled(talk, telegram.message(USER, photo=PHOTO))

    said = [each["payload"] for each in talk.rows("SELECT payload FROM deliveries ORDER BY id")]
    numbers = [
        each["text"].partition(named)[2].split()[0]
        for each in said
        if named in each.get("text", "") and each.get("keyboard") is not None
    ]
    assert numbers == ["1", "2"]


def test_the_pages_of_an_album_are_one_receipt_and_the_request_is_offered_again(
    talk: Conversation,
) -> None:
    known(talk, ADMIN)
    handled(talk, telegram.message(USER, text="a red fox in the snow"))
    (request,) = dialogues(talk, USER)
    handled(talk, telegram.press("by_hand||"))
    page = [{**PHOTO[0], "file_unique_id": "u2"}]
    handled(talk, telegram.message(USER, photo=PHOTO, media_group_id="a"))
    handled(talk, telegram.message(USER, photo=page, media_group_id="a"))

    assert talk.rows("SELECT count(*)::int AS n FROM topups") == [{"n": 1}]
    brought = [each for each in told(talk, "notice") if each["do"] == "kept"]
    assert ["page" in each["caption"] for each in brought] == [False, True]
    (kept,) = dialogues(talk, USER)
    assert (kept["step"], kept["answers"]) == (request["step"], request["answers"])

    handled(talk, telegram.press("receipt_amount||1", ADMIN), telegram.message(ADMIN, text="9"))
    (approved,) = [each for each in told(talk, "result") if "+9" in each["text"]]
    assert approved["keyboard"] == []
    card = told(talk, "answer")[-1]  # the request with its price, and the first press creates it
    assert card["card"] is True
    assert "a red fox in the snow" in card["text"]
    assert any("Create" in row[0][0] for row in card["keyboard"])


def test_a_photo_within_half_an_hour_is_asked_about_and_later_ones_are_not(
    talk: Conversation,
) -> None:
    known(talk, ADMIN)
    handled(talk, telegram.press("by_hand||"), telegram.message(USER, text="/start"))
    handled(talk, telegram.message(USER, photo=PHOTO))
    assert [row["step"] for row in dialogues(talk, USER)] == ["receipt_doubted"]

    handled(talk, telegram.press(f"doubt_no|{dialogues(talk, USER)[0]['version']}|"))
    handled(talk, telegram.message(USER, photo=PHOTO))
    assert [row["step"] for row in dialogues(talk, USER)] == ["idle"]

    handled(talk, telegram.press("by_hand||"), telegram.message(USER, text="/start"))
    talk.rows("UPDATE requisites_shown SET shown_at = now() - interval '31 minutes' RETURNING 1")
    handled(talk, telegram.message(USER, photo=PHOTO))
    assert [row["step"] for row in dialogues(talk, USER)] == ["idle"]


def test_a_ban_is_pressed_twice_stops_receipts_and_is_lifted(talk: Conversation) -> None:
    known(talk, ADMIN)
    handled(talk, telegram.press("by_hand||"), telegram.message(USER, photo=PHOTO))
    handled(talk, telegram.press("receipt_ban||1", ADMIN))
    assert talk.rows("SELECT 1 FROM accounts WHERE banned") == []
    handled(talk, telegram.press("by_hand||"))
    handled(talk, telegram.press("receipt_ban_yes||1", ADMIN))
    handled(talk, telegram.message(USER, photo=PHOTO))
    assert [row["state"] for row in talk.rows("SELECT state FROM topups")] == ["refused"]

    handled(talk, telegram.press("receipt_unban||1", ADMIN))
    handled(talk, telegram.press("by_hand||"), telegram.message(USER, photo=PHOTO))
    states = [row["state"] for row in talk.rows("SELECT state FROM topups ORDER BY id")]
    assert states == ["refused", "new"]


def test_two_operators_who_press_at_once_book_it_once(talk: Conversation) -> None:
    for number in range(1, (200 if LONG else 20) + 1):
        kept = sent(talk, f"u{number}")
        assert kept is not None
        barrier = threading.Barrier(2)

        def press(who: int, number: int = kept.id, barrier: Any = barrier) -> bool:
            barrier.wait(10)
            with talk.database.transaction(talk.term) as tx:
                if who % 2 and number % 3 == 0:
                    return receipts.refuse(tx, BOT_ID, number, who, "used")
                return receipts.approve(tx, BOT_ID, number, who, None) is not None

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(press, (1, 2))) == [False, True]
        talk.rows("UPDATE topups SET created_at = now() - interval '2 days' RETURNING id")

    approved = talk.rows("SELECT count(*)::int AS n FROM topups WHERE state = 'approved'")
    assert balance(talk) == 100 * approved[0]["n"]


def test_a_receipt_that_nobody_has_valued_stays_open(talk: Conversation) -> None:
    kept = sent(talk, credits=0)
    assert kept is not None
    with talk.database.transaction(talk.term) as tx:
        assert receipts.approve(tx, BOT_ID, kept.id, ADMIN, None) is None
        assert receipts.approve(tx, BOT_ID, kept.id, ADMIN, 40) is not None

    assert balance(talk) == 40


def test_the_same_file_is_taken_and_marked_and_too_many_are_not(talk: Conversation) -> None:
    first, second = sent(talk), sent(talk)
    assert first is not None
    assert second is not None
    assert (first.seen_before, second.seen_before) == (None, first.id)
    for number in range(2, MOST_OPEN):
        assert sent(talk, f"more-{number}") is not None

    assert sent(talk, "one more") is None


def test_operators_are_reminded_once_and_users_told_at_last(talk: Conversation) -> None:
    kept = sent(talk)
    assert kept is not None
    with talk.database.transaction() as tx:
        assert receipts.waiting(tx, BOT_ID) == []
    talk.rows("UPDATE topups SET created_at = now() - interval '49 hours' RETURNING id")
    with talk.database.transaction() as tx:
        assert receipts.waiting(tx, BOT_ID) == [kept.id]
        assert receipts.remind(tx, BOT_ID, [kept.id]) == [kept.id]
        assert receipts.waiting(tx, BOT_ID) == receipts.remind(tx, BOT_ID, [kept.id]) == []
        assert receipts.expired(tx, BOT_ID) == []
    talk.rows("UPDATE topups SET reminded_at = NULL RETURNING id")
    Reminders(talk.parts()).look(talk.term)
    (again,) = [each for each in told(talk, "notice") if each["do"] == "kept"]
    assert again["file_id"] == "f1"
    notices = [each for each in told(talk, "notice") if "more than two days" in str(each)]
    assert [each["keyboard"][0][0][1] for each in notices] == ["receipts||"]
    talk.rows("UPDATE topups SET created_at = now() - interval '8 days' RETURNING id")
    with talk.database.transaction() as tx:
        assert [row["id"] for row in receipts.expired(tx, BOT_ID)] == [kept.id]
        assert receipts.approve(tx, BOT_ID, kept.id, ADMIN, None) is None
    assert balance(talk) == 0


def test_a_reminder_marks_a_file_that_was_seen_before(talk: Conversation) -> None:
    known(talk, ADMIN)
    first, second = sent(talk), sent(talk)
    assert first is not None
    assert second is not None
    talk.rows("UPDATE topups SET created_at = now() - interval '49 hours' RETURNING id")

    Reminders(talk.parts()).look(talk.term)

    shown = [each["caption"] for each in told(talk, "notice") if each["do"] == "kept"]
    assert [f"seen before: no. {first.id}" in each for each in shown] == [False, True], shown


def test_a_file_that_its_user_replaces_reaches_the_operators_until_one_decides(
    talk: Conversation,
) -> None:
    known(talk, ADMIN)
    handled(talk, telegram.press("by_hand||"))
    first = telegram.message(USER, photo=PHOTO)
    other = {"file_id": "f2", "file_unique_id": "u2", "mime_type": "application/pdf"}
    third = [{**PHOTO[0], "file_id": "f3", "file_unique_id": "u3"}]
    handled(talk, first, edited(first, photo=PHOTO, caption="paid"))  # only the words under it
    assert len(pages(talk)) == 1
    handled(talk, edited(first, document=other), edited(first, document=other))

    assert ["put this file in place" in each for each in pages(talk)] == [False, True]
    assert talk.rows("SELECT file_id, file_unique_id FROM topups") == [
        {"file_id": "f2", "file_unique_id": "u2"}
    ]
    assert "new file of receipt no. 1" in told(talk, "answer")[-1]["text"]

    handled(talk, telegram.press("receipt_no||1", ADMIN))
    handled(talk, telegram.press("receipt_why||1:unreadable", ADMIN))
    handled(talk, edited(first, photo=third))
    assert "decided before the change" in told(talk, "answer")[-1]["text"]
    assert talk.rows("SELECT file_id FROM topups") == [{"file_id": "f2"}]


def test_a_page_of_an_album_that_its_user_replaces_reaches_the_operators(
    talk: Conversation,
) -> None:
    known(talk, ADMIN)
    second = [{**PHOTO[0], "file_unique_id": "u2"}]
    handled(talk, telegram.press("by_hand||"))
    handled(talk, telegram.message(USER, photo=PHOTO, media_group_id="a"))
    page = telegram.message(USER, photo=second, media_group_id="a")
    handled(talk, page, edited(page, photo=second, caption="2"))
    handled(talk, edited(page, photo=[{**PHOTO[0], "file_id": "f4", "file_unique_id": "u4"}]))

    assert ["place of another" in each for each in pages(talk)] == [False, False, True]
    assert talk.rows("SELECT file_id FROM topups") == [{"file_id": "f1"}]


def test_a_file_that_is_still_asked_about_is_replaced_there(talk: Conversation) -> None:
    known(talk, ADMIN)
    handled(talk, telegram.press("by_hand||"), telegram.message(USER, text="/start"))
    first = telegram.message(USER, photo=PHOTO)
    handled(talk, first)
    handled(talk, edited(first, photo=[{**PHOTO[0], "file_id": "f2", "file_unique_id": "u2"}]))
    version = dialogues(talk, USER)[0]["version"]
    handled(talk, telegram.press(f"doubt_yes|{version}|"))

    rows = talk.rows("SELECT file_id, message_id FROM topups")
    assert rows == [{"file_id": "f2", "message_id": first["message"]["message_id"]}]
    assert len(pages(talk)) == 1


def test_a_receipt_that_another_session_holds_keeps_no_other_waiting(
    talk: Conversation, connect: Any
) -> None:
    first, second = sent(talk, "u1"), sent(talk, "u2")
    assert first is not None
    assert second is not None
    talk.rows("UPDATE topups SET created_at = now() - interval '8 days' RETURNING id")
    with (
        held(connect, f"SELECT 1 FROM topups WHERE id = {first.id} FOR UPDATE"),
        talk.database.transaction(talk.term) as tx,
    ):
        assert [row["id"] for row in receipts.expired(tx, BOT_ID)] == [second.id]
    with talk.database.transaction(talk.term) as tx:
        assert [row["id"] for row in receipts.expired(tx, BOT_ID)] == [first.id]


def test_a_user_who_replaces_the_file_again_and_again_does_not_fill_the_operators_line(
    talk: Conversation,
) -> None:
    known(talk, ADMIN)
    handled(talk, telegram.press("by_hand||"))
    first = telegram.message(USER, photo=PHOTO)
    files = [[{**PHOTO[0], "file_id": f"g{n}", "file_unique_id": f"v{n}"}] for n in range(30)]
    handled(talk, first, *(edited(first, photo=each) for each in files))

    assert len(pages(talk)) == 1 + MOST_PAGES
    assert "Please wait" in told(talk, "answer")[-1]["text"]
