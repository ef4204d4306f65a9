"""Credits are booked for a user at the very moment at which an update of theirs is handled."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from handlers.dispatch.lanes import InboxRow
from kie.money import payments
from supervisor.database.transactions import Tx
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.direct_talk import Decisions, DirectTalk
from tests.support.chats.star_payments import handled, known, ordered, pays
from tests.support.edges import telegram_updates as telegram
from tests.support.machine.waiting import within

USER = 7


@pytest.fixture
def booking(talk: Conversation) -> dict[str, Any]:
    """The press that books credits for a user, whose order waits for them."""
    known(talk)
    known(talk, ADMIN)
    handled(talk, telegram.message(USER, text="a red fox in the snow"))
    handled(talk, telegram.press("by_hand||", USER))
    assert step(talk)["step"] == "receipt"
    handled(talk, telegram.message(ADMIN, text=f"/topup {USER} 100"))
    return telegram.press(button(talk, ADMIN, "book"), ADMIN)


def step(talk: Conversation) -> dict[str, Any]:
    (row,) = talk.rows("SELECT step, version FROM dialogues WHERE user_id = %s", USER)
    return row


def button(talk: Conversation, chat: int, action: str) -> str:
    """The newest button of that name in the chat."""
    rows = talk.rows("SELECT payload FROM deliveries WHERE chat_id = %s ORDER BY id DESC", chat)
    shown = [
        each[1] for row in rows for line in row["payload"].get("keyboard") or () for each in line
    ]
    return str(next(each for each in shown if each.startswith(f"{action}|")))


def stored(talk: Conversation, update: dict[str, Any]) -> InboxRow:
    chat, body = telegram_chat(update), json.dumps(update)
    (row,) = talk.rows(
        "INSERT INTO telegram_updates (bot_id, update_id, lane, kind, body)"
        " VALUES (%s, %s, %s, 'test', %s) RETURNING seq",
        *(BOT_ID, update["update_id"], chat, body),
    )
    return InboxRow(row["seq"], chat, update["update_id"], body, 0)


def telegram_chat(update: dict[str, Any]) -> int:
    message = update.get("message") or update["callback_query"]["message"]
    return int(message["chat"]["id"])


def books(talk: Conversation, press: dict[str, Any]) -> None:
    talk.work.handle(talk.term, stored(talk, press))


def can_order(talk: Conversation) -> None:
    """The order that waited can be created by the button that was shown last."""
    assert step(talk)["step"] == "confirm"
    handled(talk, telegram.press(button(talk, USER, "create"), USER))
    assert talk.rows("SELECT status FROM generation_jobs") == [{"status": "queued"}]


@pytest.mark.parametrize("words", ["/help", "a song about a fox"])
def test_credits_that_come_before_an_update_is_decided_end_the_step_that_waited(
    talk: Conversation, booking: dict[str, Any], words: str
) -> None:
    decisions, update = Decisions(talk), telegram.message(USER, text=words)
    decisions.before[update["update_id"]] = lambda _tx: books(talk, booking)

    decisions.handle(talk.term, stored(talk, update))

    can_order(talk)


@pytest.mark.parametrize("words", ["/help", "a song about a fox"])
def test_so_do_credits_that_come_while_an_update_is_handled_directly(
    direct: DirectTalk, booking: dict[str, Any], words: str
) -> None:
    update = telegram.message(USER, text=words)

    with direct.acting():
        direct.decisions.directly_before[update["update_id"]] = lambda _: books(
            direct.talk, booking
        )
        direct.acknowledged(update)

    assert direct.decisions.directly == [update["update_id"]]
    can_order(direct.talk)


class Held(Decisions):
    """It has decided about an update, and does not commit yet."""

    def __init__(self, talk: Conversation) -> None:
        super().__init__(talk)
        self.decided, self.go_on = Event(), Event()

    def decide(self, tx: Tx, *given: Any) -> Any:
        found = super().decide(tx, *given)
        self.decided.set()
        assert within(self.go_on.wait, 60)
        return found


def test_credits_that_come_after_it_was_decided_wait_for_its_end(
    talk: Conversation, booking: dict[str, Any]
) -> None:
    held, row = Held(talk), stored(talk, telegram.message(USER, text="/help"))

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(held.handle, talk.term, row)
        assert within(held.decided.wait, 60)
        second = pool.submit(books, talk, booking)
        talk.until(talk.lock_waits, "the booking waits")
        held.go_on.set()
        first.result(60)
        second.result(60)

    can_order(talk)


def test_a_payment_of_the_user_and_credits_that_are_booked_do_not_wait_in_a_circle(
    talk: Conversation, booking: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both take the money of the user, and what the user has begun."""
    _, payload = ordered(talk)
    row, record = stored(talk, pays(payload)), payments.record
    reached, go_on = Event(), Event()

    def recorded(*given: Any) -> Any:
        reached.set()
        assert within(go_on.wait, 60)
        return record(*given)

    monkeypatch.setattr(payments, "record", recorded)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(talk.work.handle, talk.term, row)
        assert within(reached.wait, 60)
        second = pool.submit(books, talk, booking)
        talk.until(talk.lock_waits, "the booking waits")
        go_on.set()
        first.result(60)
        second.result(60)

    balances = talk.rows("SELECT balance FROM accounts WHERE user_id = %s", USER)
    assert balances == [{"balance": 200}]
    can_order(talk)
