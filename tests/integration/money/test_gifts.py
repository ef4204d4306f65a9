"""Invitations and promo codes on a real PostgreSQL."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from handlers.features.gifts.invitations import Thanks
from kie.money import invites, ledger, orders, payments, promos, receipts
from kie.money.invites import REWARD
from kie.money.packs import Pack
from kie.money.payments import Arrived
from kie.money.promos import MOST_WRONG, Promo, Redeemed, Refused
from kie.money.receipts import Sent
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Term
from supervisor.runtime.threads import ServiceThread
from supervisor.settings.identity import Identity
from tests.support.chats.booked_jobs import order, succeed, top_up
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.deliveries import settled
from tests.support.chats.star_payments import handled, known, ordered, presses, told
from tests.support.edges import telegram_updates as telegram

LONG = bool(os.environ.get("LONG"))
INVITER, FRIEND = 8, 7


def balance(talk: Conversation, user: int) -> int:
    (row,) = talk.rows(
        "SELECT a.balance, coalesce(sum(l.amount), 0)::bigint AS sum FROM accounts AS a"
        " LEFT JOIN ledger AS l USING (bot_id, user_id) WHERE a.user_id = %s GROUP BY a.balance",
        user,
    )
    assert row["balance"] == row["sum"] >= 0
    return int(row["balance"])


def code_of(talk: Conversation, user: int) -> str:
    known(talk, user)
    with talk.database.transaction(talk.term) as tx:
        return invites.of(tx, talk.installation.identity, user).code


def come(talk: Conversation, friend: int = FRIEND, inviter: int = INVITER) -> None:
    code = code_of(talk, inviter)
    handled(talk, telegram.message(friend, text=f"/start r_{code}"))


def test_a_link_leads_to_its_inviter_after_the_bot_got_another_token(talk: Conversation) -> None:
    old = code_of(talk, INVITER)
    renewed = Identity(Secret(f"{BOT_ID}:another-token"))
    with talk.database.transaction(talk.term) as tx:
        assert invites.of(tx, renewed, INVITER).code == old

    handled(talk, telegram.message(FRIEND, text=f"/start r_{old}"))

    assert talk.rows("SELECT friend, inviter FROM invites") == [
        {"friend": FRIEND, "inviter": INVITER}
    ]


def pays(talk: Conversation, user: int, charge: str = "ch") -> None:
    talk.rows("UPDATE orders SET created_at = now() - interval '1 hour' RETURNING id")
    placed, _ = ordered(talk, user)
    with talk.database.transaction(talk.term) as tx:
        assert payments.record(tx, BOT_ID, Arrived(charge, user, "XTR", 50), placed) is not None


def test_both_are_rewarded_once_when_the_friend_has_paid(talk: Conversation) -> None:
    come(talk)
    assert balance(talk, INVITER) == 0  # a bare start earns nothing

    pays(talk, FRIEND, "a")
    pays(talk, FRIEND, "b")

    assert balance(talk, FRIEND) == 200 + REWARD
    assert balance(talk, INVITER) == REWARD
    with talk.database.transaction() as tx:
        assert len(invites.to_tell(tx, BOT_ID)) == 2
        assert invites.to_tell(tx, BOT_ID) == []


def test_the_first_paid_result_rewards_too(talk: Conversation) -> None:
    come(talk)
    top_up(talk, 5)
    key = succeed(talk, order(talk))
    with talk.sending():
        settled(talk, key, "sent")

    talk.until(lambda: balance(talk, INVITER) == REWARD, "rewarded")
    assert balance(talk, FRIEND) == REWARD


def test_a_reward_wakes_who_tells_of_it(talk: Conversation) -> None:
    """The next look of its own would come after five minutes."""
    come(talk)
    looked = threading.Event()

    class Watched(Thanks):
        def look(self, term: Term) -> None:
            super().look(term)
            looked.set()

    service = ServiceThread("thanks", Watched(talk.parts()).run)
    service.start(talk.term, talk.gate)
    assert looked.wait(10)

    pays(talk, FRIEND)

    sent = "SELECT 1 FROM deliveries WHERE kind = 'result' AND chat_id = %s"
    talk.until(lambda: talk.rows(sent, INVITER) and talk.rows(sent, FRIEND), "both are told")
    service.stop()
    assert service.join(10)


def test_a_chargeback_takes_the_reward_back_and_never_below_zero(talk: Conversation) -> None:
    come(talk)
    pays(talk, FRIEND)
    with talk.database.transaction() as tx:
        ledger.book(tx, BOT_ID, INVITER, "grant", -15, note=None, key="spent")
        payments.returned(tx, BOT_ID, Arrived("ch", FRIEND, "XTR", 50))
    with talk.database.transaction() as tx:
        payments.returned(tx, BOT_ID, Arrived("ch", FRIEND, "XTR", 50))

    assert (balance(talk, FRIEND), balance(talk, INVITER)) == (0, 0)


@pytest.mark.parametrize("by_receipt", [True, False])
def test_an_operator_who_undoes_what_the_friend_has_paid_takes_the_reward_back(
    talk: Conversation, by_receipt: bool
) -> None:
    known(talk, ADMIN)
    come(talk)
    if by_receipt:
        with talk.database.transaction(talk.term) as tx:
            kept = receipts.keep(tx, BOT_ID, Sent(FRIEND, 100, "99", "f", "u"))
        assert kept is not None
        handled(talk, telegram.press(f"receipt_yes||{kept.id}", ADMIN))
    else:
        handled(talk, telegram.message(ADMIN, text=f"/topup {FRIEND} 100"))
        handled(talk, telegram.press("book|1|", ADMIN))
        with talk.database.transaction() as tx:
            invites.reward(tx, BOT_ID, [FRIEND])  # as the first result of theirs does
    assert (balance(talk, FRIEND), balance(talk, INVITER)) == (100 + REWARD, REWARD)

    (act,) = talk.rows("SELECT id FROM admin_acts")
    for _ in range(2):
        handled(talk, telegram.press(f"undo_act||{act['id']}", ADMIN))

    assert (balance(talk, FRIEND), balance(talk, INVITER)) == (0, 0)


def test_a_return_that_telegram_refuses_gives_the_reward_again(talk: Conversation) -> None:
    come(talk)
    pays(talk, FRIEND, "a")
    for _ in range(2):
        with talk.database.transaction() as tx:
            assert payments.begin_return(tx, BOT_ID, "a") is not None
        assert (balance(talk, FRIEND), balance(talk, INVITER)) == (0, 0)
        with talk.database.transaction() as tx:
            assert payments.end_return(tx, BOT_ID, "a", done=False) is not None
        assert (balance(talk, FRIEND), balance(talk, INVITER)) == (100 + REWARD, REWARD)


def test_the_return_of_a_payment_that_was_never_credited_takes_no_reward(
    talk: Conversation,
) -> None:
    come(talk)
    pays(talk, FRIEND, "a")
    foreign = Arrived("b", FRIEND, "XTR", 49)
    with talk.database.transaction() as tx:
        assert payments.record(tx, BOT_ID, foreign, None) is not None
    with talk.database.transaction() as tx:
        assert payments.returned(tx, BOT_ID, foreign) is not None

    assert (balance(talk, FRIEND), balance(talk, INVITER)) == (100 + REWARD, REWARD)


def test_credits_that_were_given_away_bring_no_inviter_a_reward(talk: Conversation) -> None:
    come(talk)
    with talk.database.transaction() as tx:
        promos.make(tx, BOT_ID, 4711, Promo("FOX", 5, 9))
        assert isinstance(promos.redeem(tx, BOT_ID, FRIEND, "fox"), Redeemed)
    key = succeed(talk, order(talk))
    with talk.sending():
        settled(talk, key, "sent")
    assert talk.rows("SELECT kind FROM ledger WHERE kind = 'capture'")

    assert (balance(talk, FRIEND), balance(talk, INVITER)) == (0, 0)


def test_friends_who_pay_at_once_do_not_exceed_the_limit_of_their_inviter(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invites, "MOST", 1)
    first, second = 21, 22
    for friend in (first, second):
        come(talk, friend)
        with talk.database.transaction(talk.term) as tx:
            ledger.book(tx, BOT_ID, friend, "topup", 9, note=None, key=f"topup:{friend}")

    def reward(friend: int) -> None:
        with talk.database.transaction() as tx:
            invites.reward(tx, BOT_ID, [friend])

    with ThreadPoolExecutor(1) as pool:
        with talk.database.transaction() as tx:
            invites.reward(tx, BOT_ID, [first])
            other = pool.submit(reward, second)
            talk.until(lambda: talk.lock_waits() or other.done(), "the second one waits")
        other.result(10)
    reward(second)

    assert (balance(talk, INVITER), balance(talk, second)) == (REWARD, 9)


def test_an_entry_and_an_account_that_is_seen_again_do_not_wait_in_a_circle(
    talk: Conversation,
) -> None:
    known(talk, FRIEND)

    def book() -> None:
        with talk.database.transaction() as tx:
            ledger.book(tx, BOT_ID, FRIEND, "topup", 1, note=None, key="other")

    with ThreadPoolExecutor(1) as pool:
        with talk.database.transaction() as tx:
            tx.one("SELECT ensure_account(%(b)s, %(u)s)", {"b": BOT_ID, "u": FRIEND})
            other = pool.submit(book)
            talk.until(talk.lock_waits, "the other one waits")
            ledger.book(tx, BOT_ID, FRIEND, "topup", 1, note=None, key="one")
        other.result(10)

    assert balance(talk, FRIEND) == 2


def test_nobody_is_the_own_friend_or_one_who_was_here_before(talk: Conversation) -> None:
    code = code_of(talk, FRIEND)
    handled(talk, telegram.message(FRIEND, text=f"/start r_{code}"))
    come(talk)  # FRIEND is known by now

    assert talk.rows("SELECT 1 FROM invites") == []


def test_a_ring_of_three_earns_nothing(talk: Conversation) -> None:
    codes = {user: code_of(talk, user) for user in (21, 22, 23)}
    for user, inviter in ((21, 22), (22, 23), (23, 21)):
        handled(talk, telegram.message(user, text=f"/start r_{codes[inviter]}"))

    assert talk.rows("SELECT 1 FROM invites") == []
    assert talk.rows("SELECT 1 FROM ledger") == []


def inline_query(user: int) -> dict[str, Any]:
    query = {"id": "q1", "from": telegram.person(user), "query": "", "offset": ""}
    return {"update_id": 900, "inline_query": query}


def in_group(user: int) -> dict[str, Any]:
    group = {"id": -100, "type": "supergroup", "title": "Us"}
    return telegram.message(user, chat=group, text="/help@painter_bot")


@pytest.mark.parametrize("met", [inline_query, in_group])
def test_who_was_only_met_elsewhere_comes_by_a_link_as_a_new_user(
    talk: Conversation, met: Callable[[int], dict[str, Any]]
) -> None:
    """A friend types the bot's name, or asks it in a group, before the first press on the link."""
    handled(talk, telegram.message(ADMIN, text="/promo link autumn"))
    handled(talk, met(FRIEND))
    assert talk.rows("SELECT 1 FROM accounts WHERE user_id = %s", FRIEND)

    handled(talk, telegram.message(FRIEND, text="/start c_autumn"))
    assert talk.rows("SELECT new FROM campaigns") == [{"new": 1}]
    talk.rows("DELETE FROM dialogues WHERE user_id = %s RETURNING user_id", FRIEND)
    come(talk)
    assert talk.rows("SELECT inviter FROM invites") == [{"inviter": INVITER}]


@pytest.mark.parametrize("change", ["first_seen = now() - interval '31 days'", "balance = balance"])
def test_who_has_been_here_for_long_or_has_paid_is_not_new(talk: Conversation, change: str) -> None:
    known(talk, FRIEND)
    if "balance" in change:
        pays(talk, FRIEND)
    talk.rows(f"UPDATE accounts SET {change} WHERE user_id = %s RETURNING user_id", FRIEND)

    come(talk)

    assert talk.rows("SELECT inviter FROM invites") == []


def test_links_of_campaigns_are_counted_and_new_users_apart(talk: Conversation) -> None:
    handled(talk, telegram.message(ADMIN, text="/promo link autumn"))
    for _ in range(2):
        handled(talk, telegram.message(FRIEND, text="/start c_autumn"))
        handled(talk, telegram.message(FRIEND, text="/start c_of_nobody"))

    assert talk.rows("SELECT name, visits, new FROM campaigns") == [
        {"name": "autumn", "visits": 2, "new": 1}
    ]


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

    assert balance(talk, FRIEND) == 200
