"""Invitations on a real PostgreSQL."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from handlers.features.gifts.invitations import Thanks
from kie.money import invites, ledger, payments, promos, receipts
from kie.money.invites import REWARD
from kie.money.payments import Arrived
from kie.money.promos import Promo, Redeemed
from kie.money.receipts import Sent
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Term
from supervisor.runtime.threads import ServiceThread
from supervisor.settings.identity import Identity
from tests.support.chats.booked_jobs import balance_of, order, succeed, top_up
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.deliveries import settled
from tests.support.chats.star_payments import handled, known, ordered
from tests.support.edges import telegram_updates as telegram

LONG = bool(os.environ.get("LONG"))
INVITER, FRIEND = 8, 7


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
    assert balance_of(talk, INVITER) == 0  # a bare start earns nothing

    pays(talk, FRIEND, "a")
    pays(talk, FRIEND, "b")

    assert balance_of(talk, FRIEND) == 200 + REWARD
    assert balance_of(talk, INVITER) == REWARD
    with talk.database.transaction() as tx:
        assert len(invites.to_tell(tx, BOT_ID)) == 2
        assert invites.to_tell(tx, BOT_ID) == []


def test_the_first_paid_result_rewards_too(talk: Conversation) -> None:
    come(talk)
    top_up(talk, 5)
    key = succeed(talk, order(talk))
    with talk.sending():
        settled(talk, key, "sent")

    talk.until(lambda: balance_of(talk, INVITER) == REWARD, "rewarded")
    assert balance_of(talk, FRIEND) == REWARD


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

    assert (balance_of(talk, FRIEND), balance_of(talk, INVITER)) == (0, 0)


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
    assert (balance_of(talk, FRIEND), balance_of(talk, INVITER)) == (100 + REWARD, REWARD)

    (act,) = talk.rows("SELECT id FROM admin_acts")
    for _ in range(2):
        handled(talk, telegram.press(f"undo_act||{act['id']}", ADMIN))

    assert (balance_of(talk, FRIEND), balance_of(talk, INVITER)) == (0, 0)


def test_a_return_that_telegram_refuses_gives_the_reward_again(talk: Conversation) -> None:
    come(talk)
    pays(talk, FRIEND, "a")
    for _ in range(2):
        with talk.database.transaction() as tx:
            assert payments.begin_return(tx, BOT_ID, "a") is not None
        assert (balance_of(talk, FRIEND), balance_of(talk, INVITER)) == (0, 0)
        with talk.database.transaction() as tx:
            assert payments.end_return(tx, BOT_ID, "a", done=False) is not None
        assert (balance_of(talk, FRIEND), balance_of(talk, INVITER)) == (100 + REWARD, REWARD)


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

    assert (balance_of(talk, FRIEND), balance_of(talk, INVITER)) == (100 + REWARD, REWARD)


def test_credits_that_were_given_away_bring_no_inviter_a_reward(talk: Conversation) -> None:
    come(talk)
    with talk.database.transaction() as tx:
        promos.make(tx, BOT_ID, 4711, Promo("FOX", 5, 9))
        assert isinstance(promos.redeem(tx, BOT_ID, FRIEND, "fox"), Redeemed)
    key = succeed(talk, order(talk))
    with talk.sending():
        settled(talk, key, "sent")
    assert talk.rows("SELECT kind FROM ledger WHERE kind = 'capture'")

    assert (balance_of(talk, FRIEND), balance_of(talk, INVITER)) == (0, 0)


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

    assert (balance_of(talk, INVITER), balance_of(talk, second)) == (REWARD, 9)


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

    assert balance_of(talk, FRIEND) == 2


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
