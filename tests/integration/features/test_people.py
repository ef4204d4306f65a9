"""What operators do to people, on a real PostgreSQL: booked, undone, banned, recorded, found."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.star_payments import handled, known
from tests.support.edges import telegram_updates as telegram

USER = 7


@pytest.fixture
def talk(talk: Conversation) -> Conversation:
    known(talk)
    known(talk, ADMIN)
    return talk


def acts(talk: Conversation) -> list[dict[str, Any]]:
    return talk.rows(
        "SELECT admin, act, target, before, after, user_id, undoes FROM admin_acts ORDER BY id"
    )


def balance(talk: Conversation) -> int:
    (row,) = talk.rows(
        "SELECT balance, (SELECT coalesce(sum(amount), 0)::bigint FROM ledger WHERE user_id = %s)"
        " AS sum FROM accounts WHERE user_id = %s",
        *(USER, USER),
    )
    assert row["balance"] == row["sum"]
    return int(row["balance"])


def newest(talk: Conversation, chat: int = ADMIN) -> dict[str, Any]:
    rows = talk.rows(
        "SELECT payload FROM deliveries WHERE chat_id = %s AND payload->>'do' <> 'toast'"
        " ORDER BY id DESC LIMIT 1",
        chat,
    )
    return dict(rows[0]["payload"])


def button(talk: Conversation, label: str) -> str:
    found = [each[1] for row in newest(talk)["keyboard"] for each in row if label in each[0]]
    assert len(found) == 1, newest(talk)
    return str(found[0])


def press(talk: Conversation, label: str) -> None:
    handled(talk, telegram.press(button(talk, label), ADMIN))


def booked(talk: Conversation, words: str) -> None:
    handled(talk, telegram.message(ADMIN, text=words))
    press(talk, "Book it")


def test_a_booking_is_recorded_with_both_balances_and_undone_once(talk: Conversation) -> None:
    booked(talk, f"/grant {USER} 100 thanks")
    undo = button(talk, "Undo")
    handled(talk, telegram.press(undo, ADMIN), telegram.press(undo, ADMIN))

    assert balance(talk) == 0
    assert "undone already" in newest(talk)["text"]
    assert [[each[1] for each in row] for row in newest(talk)["keyboard"]] == [[f"person||{USER}"]]
    first, second = acts(talk)
    assert (first["act"], first["before"], first["after"]) == ("grant", 0, 100)
    assert (second["act"], second["before"], second["after"]) == ("undo", 100, 0)
    assert talk.rows("SELECT update_seq IS NOT NULL AS there FROM admin_acts LIMIT 1") == [
        {"there": True}
    ]


@pytest.mark.parametrize("command", ["topup", "grant"])
def test_credits_of_an_operator_bring_the_order_back_that_waited_for_them(
    talk: Conversation, command: str
) -> None:
    handled(talk, telegram.message(USER, text="a red fox in the snow"))
    booked(talk, f"/{command} {USER} 100")

    said, card = talk.rows(
        "SELECT payload FROM deliveries WHERE chat_id = %s AND kind = 'answer'"
        " ORDER BY id DESC LIMIT 2",
        USER,
    )[::-1]
    assert "100" in said["payload"]["text"]
    assert said["payload"]["keyboard"] == []  # the card has the buttons
    assert card["payload"]["card"] is True
    assert "a red fox in the snow" in card["payload"]["text"]
    create = next(
        each for row in card["payload"]["keyboard"] for each in row if "Create" in each[0]
    )
    handled(talk, telegram.press(create[1], USER))
    assert talk.rows("SELECT user_id, status FROM generation_jobs") == [
        {"user_id": USER, "status": "queued"}
    ]


def test_the_order_follows_credits_of_an_operator_although_a_transfer_was_begun(
    talk: Conversation,
) -> None:
    handled(talk, telegram.message(USER, text="a red fox in the snow"))
    handled(talk, telegram.press("by_hand||", USER))
    booked(talk, f"/topup {USER} 100")

    card = newest(talk, USER)
    assert (card["card"], "a red fox in the snow" in card["text"]) == (True, True)
    handled(talk, telegram.press(card["keyboard"][0][0][1], USER))
    assert talk.rows("SELECT status FROM generation_jobs") == [{"status": "queued"}]


def test_an_operator_who_books_for_themselves_is_not_asked_again(talk: Conversation) -> None:
    booked(talk, f"/grant {ADMIN} 100")

    shown = [each["payload"] for each in talk.rows("SELECT payload FROM deliveries ORDER BY id")]
    asked = [each for each in shown if "book|" in str(each.get("keyboard"))]
    assert len(asked) == 1
    assert "<b>+100</b>" in shown[-1]["text"]
    assert shown[-1]["keyboard"]  # the way to the balance: no order waits


@pytest.mark.parametrize(
    ("before", "goes_on"),
    [
        ([], False),
        (["/start"], False),
        (["a red fox in the snow", "/start"], True),
        (["a red fox in the snow", "/cancel"], False),
    ],
)
def test_continue_stands_under_a_booking_only_where_something_waits(
    talk: Conversation, before: list[str], goes_on: bool
) -> None:
    for words in before:
        handled(talk, telegram.message(USER, text=words))
    booked(talk, f"/grant {USER} 100")

    buttons = [each[1] for row in newest(talk, USER)["keyboard"] for each in row]
    assert ("resume||" in buttons) is goes_on
    assert "balance||" in buttons


def test_two_operators_who_undo_at_once_undo_once(talk: Conversation) -> None:
    other = ADMIN + 1
    known(talk, other)
    shop = replace(talk.current_shop(), admins=frozenset({ADMIN, other}))
    talk.current_shop._shop = shop
    for _ in range(5):
        booked(talk, f"/grant {USER} 10")
        undo, barrier = button(talk, "Undo"), threading.Barrier(2)

        def pressed(who: int, undo: str = undo, barrier: threading.Barrier = barrier) -> None:
            barrier.wait(10)
            handled(talk, telegram.press(undo, who))

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(pressed, (ADMIN, other)))

    assert balance(talk) == 0
    assert len([each for each in acts(talk) if each["act"] == "undo"]) == 5


def test_what_is_spent_or_an_hour_old_is_not_undone(talk: Conversation) -> None:
    booked(talk, f"/topup {USER} 50")
    undo = button(talk, "Undo")
    booked(talk, f"/grant {USER} -20")
    handled(talk, telegram.press(undo, ADMIN))
    assert "balance is 30" in newest(talk)["text"]
    talk.rows("UPDATE admin_acts SET at = at - interval '61 minutes' RETURNING id")
    handled(talk, telegram.press(undo, ADMIN))

    assert "for an hour" in newest(talk)["text"]
    assert balance(talk) == 30


def test_an_approved_receipt_can_be_undone(talk: Conversation) -> None:
    talk.rows(
        "INSERT INTO topups (bot_id, user_id, credits, file_unique_id, file_id)"
        " VALUES (%s, %s, 80, 'u', 'f')",
        *(BOT_ID, USER),
    )
    handled(talk, telegram.press("receipt_yes||1", ADMIN))
    assert balance(talk) == 80
    press(talk, "Undo")

    assert balance(talk) == 0


def test_a_banned_user_pays_nothing_and_orders_nothing_until_let_in(talk: Conversation) -> None:
    handled(talk, telegram.press(f"person_ban||{USER}", ADMIN))
    assert "Banned" in newest(talk)["text"]
    handled(talk, telegram.press(f"person_ban||{USER}", ADMIN))
    handled(talk, telegram.press("by_hand||", USER))
    (toast,) = talk.rows(
        "SELECT payload FROM deliveries WHERE chat_id = %s AND payload->>'do' = 'toast'", USER
    )
    assert "/paysupport" in toast["payload"]["text"]
    press(talk, "Lift the ban")

    assert [each["act"] for each in acts(talk)] == ["ban", "unban"]
    assert talk.rows("SELECT banned FROM accounts WHERE user_id = %s", USER) == [{"banned": False}]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("SELECT 1", "✅ Sent to Anna"),
        (f"UPDATE chats SET reachable = FALSE WHERE chat_id = {USER} RETURNING 1", "has blocked"),
        (f"DELETE FROM accounts WHERE user_id = {USER} RETURNING 1", "no such user"),
    ],
)
def test_an_operator_hears_whether_a_letter_can_arrive(
    talk: Conversation, change: str, said: str
) -> None:
    handled(talk, telegram.message(USER, text="/help"))
    talk.rows("INSERT INTO chats (bot_id, chat_id) VALUES (%s, %s) RETURNING 1", BOT_ID, USER)
    handled(talk, telegram.press(f"letter||{USER}", ADMIN))
    talk.rows(change)

    handled(talk, telegram.message(ADMIN, text="It is there now."))

    assert said in newest(talk)["text"]


def test_maintenance_is_in_the_table_and_recorded(talk: Conversation) -> None:
    handled(talk, telegram.press("maintenance_on||15", ADMIN))
    assert talk.rows("SELECT until > now() AS on FROM maintenance") == [{"on": True}]
    handled(talk, telegram.press("maintenance_off||", ADMIN))

    assert talk.rows("SELECT 1 FROM maintenance") == []
    assert [each["after"] for each in acts(talk)][1] == "off"


@pytest.mark.parametrize("words", ["7", "@anna", "anna", "@old_name", "@ANNA"])
def test_a_user_is_found_by_number_name_and_former_name(talk: Conversation, words: str) -> None:
    talk.rows("UPDATE users SET username = 'old_name' WHERE user_id = %s", USER)
    talk.rows("UPDATE users SET username = 'anna' WHERE user_id = %s", USER)
    handled(talk, telegram.message(ADMIN, text=f"/user {words}"))

    assert "<b>@anna</b>" in newest(talk)["text"]


def test_a_name_that_its_user_gave_up_is_a_former_one(talk: Conversation) -> None:
    """Telegram gives it to anybody else, whom operators would pay or write to."""
    named: dict[str, Any] = {"from": {**telegram.person(USER), "username": "Anna_K"}}
    handled(talk, telegram.message(USER, text="/help", **named))
    handled(talk, telegram.message(USER, text="/help"))

    handled(talk, telegram.message(ADMIN, text="/user @anna_k"))
    assert "<b>Anna</b>" in newest(talk)["text"]
    assert "@Anna_K" not in newest(talk)["text"]


@pytest.mark.parametrize("command", ["/grant @anna_k 5", "/topup @Anna_K 5"])
def test_nobody_is_credited_by_a_name_that_was_given_up(talk: Conversation, command: str) -> None:
    """Whoever has it now may be the one who is meant, and has not written to the bot."""
    talk.rows("UPDATE users SET username = 'anna_k' WHERE user_id = %s RETURNING 1", USER)
    talk.rows("UPDATE users SET username = 'other' WHERE user_id = %s RETURNING 1", USER)

    handled(talk, telegram.message(ADMIN, text=command))

    assert "Nobody here has the name" in newest(talk)["text"]
    pressed = [each[1] for row in newest(talk)["keyboard"] for each in row]
    assert f"person||{USER}" in pressed
    assert not [each for each in pressed if each.startswith("book")]


def test_a_name_that_two_users_had_offers_both_and_a_receipt_leads_to_its_user(
    talk: Conversation,
) -> None:
    known(talk, 9)
    talk.rows("UPDATE users SET username = 'anna' WHERE user_id = %s", USER)
    talk.rows("UPDATE users SET username = 'other' WHERE user_id = %s", USER)
    talk.rows("UPDATE users SET username = 'anna' WHERE user_id = 9")
    handled(talk, telegram.message(ADMIN, text="/user @anna"))
    pressed = [each[1] for row in newest(talk)["keyboard"] for each in row]
    assert {f"person||{USER}", "person||9"} <= set(pressed)

    talk.rows(
        "INSERT INTO payments (bot_id, charge_id, user_id, stars, state, number)"
        " VALUES (%s, 'c', %s, 50, 'credited', 555)",
        *(BOT_ID, USER),
    )
    handled(talk, telegram.message(ADMIN, text="/user 555"))
    assert "@other" in newest(talk)["text"]
    assert "50\u00a0⭐" in newest(talk)["text"]


def test_history_and_jobs_are_read_in_pages(talk: Conversation) -> None:
    talk.rows(
        "INSERT INTO ledger (bot_id, user_id, kind, amount, note)"
        " SELECT %s, %s, 'grant', n, 'entry ' || n FROM generate_series(1, 10) AS n",
        *(BOT_ID, USER),
    )
    handled(talk, telegram.press(f"person_history||{USER}", ADMIN))
    assert "entry 10" in newest(talk)["text"]
    press(talk, "Older")

    assert "entry 2" in newest(talk)["text"]
    assert "entry 3)" not in newest(talk)["text"]


def test_an_update_that_was_set_aside_is_tried_again_from_the_chat(talk: Conversation) -> None:
    talk.rows(
        "INSERT INTO telegram_updates (bot_id, update_id, kind, body, state, error, attempts, lane)"
        " VALUES (%s, 5, 'message', %s, 'dead', 'KeyError', 5, %s)",
        *(BOT_ID, telegram.raw(telegram.message(USER, text="/help", update_id=5)).decode(), USER),
    )
    handled(talk, telegram.press("set_aside||", ADMIN))
    assert "KeyError" in newest(talk)["text"]
    press(talk, "Once more")

    assert talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'dead'") == []
    assert [each["act"] for each in acts(talk)] == ["retry"]
    assert "/balance" in newest(talk, USER)["text"]


def test_waiting_receipts_and_payments_are_listed_with_what_can_be_done(
    talk: Conversation,
) -> None:
    talk.rows(
        f"""
        INSERT INTO topups (bot_id, user_id, credits, file_unique_id, file_id)
        VALUES ({BOT_ID}, {USER}, 80, 'u', 'f1'), ({BOT_ID}, {USER}, 0, 'v', 'f2');
        INSERT INTO payments (bot_id, charge_id, user_id, stars, credits, state, number)
        SELECT {BOT_ID}, 'c' || n, {USER}, n, 10, 'credited', n FROM generate_series(1, 8) AS n;
        """
    )
    handled(talk, telegram.press("receipts||", ADMIN))
    shown = talk.rows("SELECT payload FROM deliveries WHERE kind = 'notice' ORDER BY id")
    assert [each["payload"]["file_id"] for each in shown] == ["f1", "f2"]

    handled(talk, telegram.press("payments||", ADMIN))
    assert "no. 8" in newest(talk)["text"]
    press(talk, "Older")
    assert "no. 2" in newest(talk)["text"]
    press(talk, "No. 2")
    assert "pay_refund||2" in str(newest(talk)["keyboard"])


def test_a_question_reaches_the_operator_and_the_answer_its_user(talk: Conversation) -> None:
    handled(talk, telegram.message(USER, text="/support"), telegram.message(USER, text="Help <me>"))
    assert "Help &lt;me&gt;" in newest(talk)["text"]
    press(talk, "Answer")
    handled(talk, telegram.message(ADMIN, text="It is <b>mended</b>"))

    assert "It is &lt;b&gt;mended&lt;/b&gt;" in newest(talk, USER)["text"]
    assert [each["act"] for each in acts(talk)] == ["answer"]
