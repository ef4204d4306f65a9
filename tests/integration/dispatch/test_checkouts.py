"""Payments that are about to be made: a lane of their own, and an answer within seconds."""

import threading
from typing import Any

from handlers.dispatch.dispatcher import TOGETHER, WORKERS
from handlers.dispatch.lanes import CHATS, PAYERS, InboxRow
from supervisor.runtime.term import Term
from tests.support.chats.conversation import Conversation
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.fakes import OneByOne
from tests.support.machine.waiting import within


class Stuck(OneByOne):
    """Every handler of a chat hangs until the test is over."""

    def __init__(self, talk: Conversation) -> None:
        self._real = talk.work
        self.released = threading.Event()
        self.hanging = threading.Semaphore(0)

    def handle(self, term: Term, row: InboxRow) -> None:
        if row.lane > 0:
            self.hanging.release()
            assert within(self.released.wait, 20)
        self._real.handle(term, row)

    def postpone(self, term: Term, row: InboxRow, error: str, pause: float) -> None:
        self._real.postpone(term, row, error, pause)

    def set_aside(self, term: Term, row: InboxRow, error: str) -> None:
        self._real.set_aside(term, row, error)


def test_a_payment_is_refused_politely_while_every_handler_of_the_chats_hangs(
    talk: Conversation,
) -> None:
    stuck = Stuck(talk)
    enough = range(1, WORKERS * TOGETHER + 1)
    talk.put(*(telegram.message(chat, text="/help") for chat in enough))
    with talk.dispatching(stuck), talk.dispatching(stuck, lane_range=PAYERS), talk.sending():
        for _ in range(WORKERS):
            assert stuck.hanging.acquire(timeout=10)
        talk.put(telegram.checkout(7, language="ru"))
        talk.until(lambda: talk.telegram.sent("answer_pre_checkout_query"), "refused")
        stuck.released.set()
        talk.until(
            lambda: not talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'new'"), "the rest"
        )

    (refusal,) = talk.telegram.sent("answer_pre_checkout_query")
    assert refusal["ok"] is False
    assert "не списаны" in refusal["error_message"]


def test_each_dispatcher_leaves_the_others_lanes_alone(talk: Conversation) -> None:
    talk.put(telegram.checkout(7), telegram.message(7, text="/help"))
    handled: dict[str, list[int]] = {"dispatcher": [], "checkouts": []}

    class Noting(OneByOne):
        def __init__(self, name: str) -> None:
            self.name = name

        def handle(self, term: Term, row: InboxRow) -> None:
            handled[self.name].append(row.lane)
            talk.work.handle(term, row)

        postpone = talk.work.postpone
        set_aside = talk.work.set_aside

    with (
        talk.dispatching(Noting("dispatcher"), lane_range=CHATS),
        talk.dispatching(Noting("checkouts"), lane_range=PAYERS),
    ):
        talk.until(lambda: all(handled.values()), "both handled")

    assert handled["dispatcher"] == [7]
    (payer,) = handled["checkouts"]
    assert payer < CHATS.after


def test_a_payment_goes_before_a_heap_of_presses(talk: Conversation) -> None:
    open_updates = "SELECT 1 FROM telegram_updates WHERE state = 'new'"
    talk.put(*(telegram.press("menu||", message_id=n) for n in range(60)))
    with talk.dispatching():
        talk.until(lambda: not talk.rows(open_updates), "the presses are handled")
    talk.put(telegram.checkout(7))
    with talk.dispatching(lane_range=PAYERS):
        talk.until(lambda: not talk.rows(open_updates), "then the payment")
    talk.rows("UPDATE deliveries SET created_at = now()")
    with talk.sending():
        talk.until(lambda: talk.telegram.sent("answer_pre_checkout_query"), "refused")

    order = [name for name, _ in talk.telegram.calls if name.startswith("answer_")]
    assert order.index("answer_pre_checkout_query") < 16


def test_an_answer_that_comes_too_late_for_the_payment_is_dropped(talk: Conversation) -> None:
    talk.put(telegram.checkout(7))
    with talk.dispatching(lane_range=PAYERS):
        talk.until(lambda: talk.rows("SELECT 1 FROM deliveries"), "decided")
    talk.rows("UPDATE deliveries SET created_at = now() - interval '9 seconds'")
    with talk.sending():
        talk.until(lambda: talk.rows("SELECT 1 FROM deliveries WHERE state = 'dropped'"), "dropped")

    assert talk.telegram.calls == []


def test_a_flood_of_chats_is_walked_without_the_payers(talk: Conversation) -> None:
    """The walk over the chats begins behind the payers and ends where it should."""
    rows: list[dict[str, Any]] = []
    talk.put(*(telegram.message(chat, text="/help") for chat in range(1, 131)))
    with talk.dispatching(lane_range=PAYERS):
        talk.put(telegram.checkout(9))
        rows = talk.until(
            lambda: talk.rows("SELECT kind FROM telegram_updates WHERE state = 'done'"), "done"
        )
        threading.Event().wait(0.2)
        rows = talk.rows("SELECT kind FROM telegram_updates WHERE state = 'done'")

    assert rows == [{"kind": "pre_checkout_query"}]
