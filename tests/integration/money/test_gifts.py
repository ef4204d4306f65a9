"""Invitations and promo codes on a real PostgreSQL."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from kie.money import invites, ledger, payments, promos
from kie.money.invites import REWARD
from kie.money.payments import Arrived
from kie.money.promos import MOST_WRONG, Promo, Redeemed, Refused
from tests.integration.money.test_money import order, succeed, top_up
from tests.integration.money.test_stars import handled, known, ordered
from tests.support import telegram_updates as telegram
from tests.support.conversation import BOT_ID, Conversation
from tests.support.deliveries import settled

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


def test_a_chargeback_takes_the_reward_back_and_never_below_zero(talk: Conversation) -> None:
    come(talk)
    pays(talk, FRIEND)
    with talk.database.transaction() as tx:
        ledger.book(tx, BOT_ID, INVITER, "grant", -15, note=None, key="spent")
        payments.returned(tx, BOT_ID, Arrived("ch", FRIEND, "XTR", 50))
    with talk.database.transaction() as tx:
        payments.returned(tx, BOT_ID, Arrived("ch", FRIEND, "XTR", 50))

    assert (balance(talk, FRIEND), balance(talk, INVITER)) == (0, 0)


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


def test_links_of_campaigns_are_counted_and_new_users_apart(talk: Conversation) -> None:
    for _ in range(2):
        handled(talk, telegram.message(FRIEND, text="/start c_autumn"))

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
