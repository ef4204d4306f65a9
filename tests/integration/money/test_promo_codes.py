"""Promo codes: how often they are redeemed, and what they give."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from kie.money import ledger, orders, payments, promos
from kie.money.packs import Pack
from kie.money.payments import Arrived
from kie.money.promos import MOST_WRONG, Promo, Redeemed, Refused
from tests.support.chats.booked_jobs import balance_of
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.star_payments import handled, known, presses, told
from tests.support.edges import telegram_updates as telegram

LONG = bool(os.environ.get("LONG"))
FRIEND = 7


def test_a_code_of_so_many_uses_is_redeemed_so_often_by_all_at_once(talk: Conversation) -> None:
    users, uses = (500, 100) if LONG else (60, 12)
    for user in range(100, 100 + users):
        known(talk, user)
    with talk.database.transaction() as tx:
        assert promos.make(tx, BOT_ID, 4711, Promo("FOX", 7, uses))
        assert not promos.make(tx, BOT_ID, 4711, Promo("FOX", 9, 9))
    barrier = threading.Barrier(8)

    def redeem(part: int) -> int:
        barrier.wait(20)
        done = 0
        for user in range(100 + part, 100 + users, 8):
            with talk.database.transaction(talk.term) as tx:
                done += isinstance(promos.redeem(tx, BOT_ID, user, "fox"), Redeemed)
        return done

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(redeem, range(8))) == uses
    assert talk.rows("SELECT used FROM promos") == [{"used": uses}]
    (row,) = talk.rows("SELECT sum(amount)::int AS given FROM ledger WHERE kind = 'promo'")
    assert row["given"] == 7 * uses


def test_a_code_works_once_per_user_and_wrong_ones_end_in_silence(talk: Conversation) -> None:
    known(talk)
    with talk.database.transaction() as tx:
        promos.make(tx, BOT_ID, 4711, Promo("FOX", 7, 9))
        assert promos.redeem(tx, BOT_ID, FRIEND, "FОХ") == Redeemed(7, 7)  # Cyrillic О and Х
        for _ in range(MOST_WRONG):
            assert promos.redeem(tx, BOT_ID, FRIEND, "fox") is Refused.WRONG
        promos.make(tx, BOT_ID, 4711, Promo("HEN", 7, 9))
        assert promos.redeem(tx, BOT_ID, FRIEND, "hen") is Refused.SILENCED
    talk.rows("UPDATE promo_tries SET since = now() - interval '61 minutes' RETURNING user_id")
    with talk.database.transaction() as tx:
        assert promos.redeem(tx, BOT_ID, FRIEND, "hen") == Redeemed(7, 14)


def test_the_credits_of_a_code_bring_the_order_back_that_waited_for_them(
    talk: Conversation,
) -> None:
    with talk.database.transaction() as tx:
        promos.make(tx, BOT_ID, 4711, Promo("FOX", 100, 9))
    handled(talk, telegram.message(FRIEND, text="a red fox in the snow"))
    before = len(told(talk, "answer"))
    handled(
        talk,
        telegram.message(FRIEND, text="/promo fox"),
        telegram.message(FRIEND, text="/promo fox"),
    )

    said, card, refused = told(talk, "answer")[before:]
    assert ("100" in said["text"], said["keyboard"]) == (True, [])
    assert (card["card"], "a red fox in the snow" in card["text"]) == (True, True)
    assert any(press.startswith("create|") for press in presses(card))
    assert "card" not in refused


def test_a_code_by_a_link_is_followed_by_the_menu_alone(talk: Conversation) -> None:
    with talk.database.transaction() as tx:
        promos.make(tx, BOT_ID, 4711, Promo("FOX", 100, 9))
    handled(talk, telegram.message(FRIEND, text="a red fox in the snow"))
    before = len(told(talk, "answer"))
    handled(talk, telegram.message(FRIEND, text="/start p_fox"))

    assert ["100" in each["text"] for each in told(talk, "answer")[before:]] == [True, False]


def test_a_code_that_is_over_off_or_for_new_users_gives_nothing(talk: Conversation) -> None:
    known(talk)
    with talk.database.transaction() as tx:
        promos.make(tx, BOT_ID, 4711, Promo("OFF", 7, 9))
        assert promos.end(tx, BOT_ID, "OFF")
        assert not promos.end(tx, BOT_ID, "NOT")
        promos.make(tx, BOT_ID, 4711, Promo("OLD", 7, 9, 1))
        promos.make(tx, BOT_ID, 4711, Promo("NEW", 7, 9, only_new=True))
        tx.run("UPDATE promos SET until = now() - interval '1 second' WHERE code = 'OLD'")
        tx.run("UPDATE accounts SET first_seen = now() - interval '2 days'")
        for code in ("OFF", "OLD", "NEW"):
            assert promos.redeem(tx, BOT_ID, FRIEND, code) is Refused.WRONG


def test_a_code_with_percent_makes_the_next_pack_cheaper_once(talk: Conversation) -> None:
    known(talk)
    pack = Pack(1, 100, 50)
    with talk.database.transaction() as tx:
        promos.make(tx, BOT_ID, 4711, Promo("CHEAP", 0, 9, percent=20))
        promos.make(tx, BOT_ID, 4711, Promo("LESS", 0, 9, percent=10))
        assert promos.redeem(tx, BOT_ID, FRIEND, "cheap") == Redeemed(0, 0, 20)
        assert promos.redeem(tx, BOT_ID, FRIEND, "less") == Redeemed(0, 0, 10)
        assert ledger.accounts(tx, BOT_ID, [FRIEND])[FRIEND].discount == 20
        first = orders.place(tx, BOT_ID, FRIEND, pack)
        second = orders.place(tx, BOT_ID, FRIEND, Pack(2, 250, 120))
    assert first is not None
    assert second is not None
    assert (first.stars, second.stars) == (40, 96)

    with talk.database.transaction() as tx:
        paid = Arrived("a", FRIEND, "XTR", 40)
        recorded = payments.record(tx, BOT_ID, paid, first)
        assert recorded is not None
        assert recorded.credits == 100
        third = orders.place(tx, BOT_ID, FRIEND, pack)
        identity = talk.installation.identity
        others = [
            orders.named_by(tx, identity, orders.payload(identity, o)) for o in (first, second)
        ]
    assert third is not None
    assert third.stars == 50
    # The invoices that are left are over: they would be cheaper once more.
    assert [each.order is not None and each.order.expired for each in others] == [True, True]


def test_an_order_that_was_paid_at_the_lower_price_although_it_was_over_is_credited(
    talk: Conversation,
) -> None:
    known(talk)
    with talk.database.transaction() as tx:
        promos.make(tx, BOT_ID, 4711, Promo("CHEAP", 0, 9, percent=20))
        promos.redeem(tx, BOT_ID, FRIEND, "cheap")
        placed = orders.place(tx, BOT_ID, FRIEND, Pack(1, 100, 50))
        for charge in ("a", "b"):
            payments.record(tx, BOT_ID, Arrived(charge, FRIEND, "XTR", 40), placed)

    assert balance_of(talk, FRIEND) == 200
