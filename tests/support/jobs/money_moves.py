"""The moves of users and operators with money that the machine of jobs makes between its own.

Payments in Stars, told once or again, before or after their return; months of subscriptions, also
of one that an earlier bot has sold; refunds by an operator; receipts; promo codes; friends who come
by an invitation, pay, take their payment back and are forgotten. Each may be the last thing that a
process does. The user has an account at a second bot of the same database, which is no concern of
the first one.
"""

import time
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from kie.money import invites, ledger, orders, payments, promos, receipts, tariffs
from kie.money.packs import Pack
from kie.money.promos import Promo
from supervisor.database.transactions import Database
from tests.support.edges import telegram_updates as telegram
from tests.support.jobs.job_world import ADMIN, USER, JobWorld
from tests.support.postgres.mortal_database import BOT_ID, IDENTITY

PACK = Pack(1, 7, 50)
MONTHLY = Pack(2, 9, 60, monthly=True)
EARLIER = 30  #: Stars of a month that an earlier bot has sold
#: Stars of a payment → its credits; those of an earlier bot by the operator's rule of a half.
WORTH = {PACK.stars: PACK.credits, MONTHLY.stars: MONTHLY.credits, EARLIER: EARLIER // 2}
MONTH = 2_592_000
FIRST = int(time.time()) - MONTH // 2  #: the first month began a while ago
FRIEND = 21  #: the first of the user's friends
OTHER_BOT = BOT_ID + 1
fates = st.one_of(st.just(0), st.just(0), st.integers(1, 14))
charges = st.sampled_from(["a", "b", "c", "d"])


class MoneyMoves(RuleBasedStateMachine):
    """What the other rules need is in ``world`` and ``do``."""

    world: JobWorld
    steps: int
    do: Callable[..., None]

    def open_money(self) -> None:
        self.world.rows("DELETE FROM promos")
        with Database.transaction(self.world.database) as tx:
            promos.make(tx, BOT_ID, ADMIN, Promo("FOX", 3, 1))
            promos.make(tx, OTHER_BOT, ADMIN, Promo("FOX", 3, 1))
            tariffs.change(tx, BOT_ID, ADMIN, "renewals", "", 0.5)
            self.code = invites.of(tx, IDENTITY, USER).code
        self.payloads: list[str] = []
        self.monthly: list[str] = ["an earlier bot's"]
        self.friends: dict[int, str] = {}
        self.elsewhere = 0

    @precondition(lambda self: len(self.payloads) < 3)
    @rule()
    def make_an_order(self) -> None:
        self.world.rows("UPDATE orders SET created_at = now() - interval '1 hour'")
        with Database.transaction(self.world.database) as tx:
            made = orders.place(tx, BOT_ID, USER, PACK)
        assert made is not None
        self.payloads.append(orders.payload(IDENTITY, made))

    @precondition(lambda self: self.payloads and self.steps % 4 == 0)
    @rule(
        charge=charges, which=st.integers(0, 2), stars=st.sampled_from([50, 50, 50, 49]), fate=fates
    )
    def pay(self, charge: str, which: int, stars: int, fate: int) -> None:
        payload = self.payloads[which % len(self.payloads)]
        update = _told("successful_payment", charge, stars, payload)
        self.do(lambda: self.world.hear(update), fate)

    @precondition(lambda self: len(self.monthly) < 3 and self.steps % 5 == 1)
    @rule()
    def ask_for_a_subscription(self) -> None:
        self.world.rows("UPDATE orders SET created_at = now() - interval '1 hour'")
        with Database.transaction(self.world.database) as tx:
            made = orders.place(tx, BOT_ID, USER, MONTHLY)
        assert made is not None
        self.monthly.append(orders.payload(IDENTITY, made))

    @precondition(lambda self: self.steps % 4 == 1)
    @rule(which=st.integers(0, 2), month=st.integers(1, 3), again=st.booleans(), fate=fates)
    def a_month_is_paid(self, which: int, month: int, again: bool, fate: int) -> None:
        """In any order. Perhaps the same invoice begins a second subscription."""
        which %= len(self.monthly)
        stars = MONTHLY.stars if which else EARLIER
        charge = f"s{which}-{month}{'b' if again and month == 1 else ''}"
        update = _told("successful_payment", charge, stars or 0, self.monthly[which])
        paid = {"is_recurring": True, "subscription_expiration_date": FIRST + month * MONTH}
        first = {"is_first_recurring": True} if month == 1 and which else {}
        update["message"]["successful_payment"] |= {**paid, **first}
        self.do(lambda: self.world.hear(update), fate)

    @precondition(lambda self: self.steps % 6 == 4)
    @rule(
        which=st.integers(0, 2),
        state=st.sampled_from(["canceled", "active", "failed"]),
        pressed=st.booleans(),
        fate=fates,
    )
    def a_subscription_changes(self, which: int, state: str, pressed: bool, fate: int) -> None:
        """Its user presses the button, or does something in Telegram."""
        update = press_of(self.world.rows("SELECT id FROM subscriptions ORDER BY id"), which)
        if not pressed or update is None:
            update = telegram.message(USER)
            del update["message"]
            payload = self.monthly[which % len(self.monthly)]
            news = {"user": telegram.person(USER), "invoice_payload": payload, "state": state}
            update["subscription"] = news
        self.do(lambda: self.world.hear(update), fate)

    @precondition(lambda self: self.payloads and self.steps % 6 == 1)
    @rule(charge=charges, fate=fates)
    def charge_back(self, charge: str, fate: int) -> None:
        self.do(lambda: self.world.hear(_told("refunded_payment", charge, 50, "")), fate)

    @precondition(lambda self: self.steps % 5 == 2)
    @rule(which=st.integers(0, 3), anyway=st.booleans(), fate=fates)
    def return_stars(self, which: int, anyway: bool, fate: int) -> None:
        known = self.world.rows("SELECT number FROM payments ORDER BY number")
        if not known:
            return
        action = "pay_return_anyway" if anyway else "pay_return"
        number = known[which % len(known)]["number"]
        update = telegram.press(f"{action}||{number}", ADMIN)
        self.do(lambda: self.world.hear(update), fate)

    @precondition(lambda self: self.steps % 5 == 3)
    @rule(twice=st.booleans(), refused=st.booleans(), fate=fates)
    def send_a_receipt(self, twice: bool, refused: bool, fate: int) -> None:
        with Database.transaction(self.world.database) as tx:
            kept = receipts.keep(tx, BOT_ID, receipts.Sent(USER, 4, None, "f", "u"))
        if kept is None:
            return
        answers = ["receipt_ban"] if refused else ["receipt_yes"]
        for action in answers * (1 + twice):
            update = telegram.press(f"{action}||{kept.id}", ADMIN)
            self.do(lambda update=update: self.world.hear(update), fate)

    @precondition(lambda self: self.steps % 7 == 4)
    @rule(fate=fates)
    def redeem(self, fate: int) -> None:
        self.do(lambda: self.world.hear(press_text("/promo fox")), fate)

    @precondition(lambda self: len(self.friends) < 3 and self.steps % 6 == 3)
    @rule(fate=fates)
    def a_friend_comes(self, fate: int) -> None:
        friend = FRIEND + len(self.friends)
        update = telegram.message(friend, text=f"/start r_{self.code}")
        self.do(lambda: self.world.hear(update), fate)
        with Database.transaction(self.world.database) as tx:
            made = orders.place(tx, BOT_ID, friend, PACK)
        assert made is not None
        self.friends[friend] = orders.payload(IDENTITY, made)

    @precondition(lambda self: self.friends and self.steps % 2 == 0)
    @rule(which=st.integers(0, 2), fate=fates)
    def a_friend_pays(self, which: int, fate: int) -> None:
        friend = FRIEND + which % len(self.friends)
        update = _told("successful_payment", f"f{friend}", 50, self.friends[friend], user=friend)
        self.do(lambda: self.world.hear(update), fate)

    @precondition(lambda self: self.friends and self.steps % 3 == 2)
    @rule(which=st.integers(0, 2), refused=st.booleans(), fate=fates)
    def a_friend_takes_the_payment_back(self, which: int, refused: bool, fate: int) -> None:
        """By a chargeback, or by an operator to whom Telegram says no."""
        friend = FRIEND + which % len(self.friends)
        if not refused:
            update = _told("refunded_payment", f"f{friend}", 50, "", user=friend)
            self.do(lambda: self.world.hear(update), fate)
            return

        def begun_and_refused() -> None:
            charge = f"f{friend}"
            with self.world.database.transaction(self.world.term) as tx:
                payments.begin_return(tx, BOT_ID, charge, anyway=True)
            with self.world.database.transaction(self.world.term) as tx:
                payments.end_return(tx, BOT_ID, charge, done=False)

        self.do(begun_and_refused, fate)

    @precondition(lambda self: self.friends and self.steps % 5 == 0)
    @rule(which=st.integers(0, 2), fate=fates)
    def a_friend_is_forgotten(self, which: int, fate: int) -> None:
        """As far as no refund stands against it; who pays later begins anew."""
        friend = FRIEND + which % len(self.friends)
        self.world.rows(
            "INSERT INTO forgettings (bot_id, user_id, language) VALUES (%(bot)s, %(user)s, 'en')"
            " ON CONFLICT DO NOTHING",
            bot=BOT_ID,
            user=friend,
        )
        self.world.rows(
            "UPDATE deliveries SET state = 'sent' WHERE chat_id IN (%(user)s, %(admin)s)"
            " AND state IN ('pending', 'sending', 'unknown') AND kind <> 'refund'",
            user=friend,
            admin=ADMIN,
        )

        def go_on() -> None:
            for asked in self.world.eraser.asked():
                self.world.eraser.go_on(self.world.term, asked)

        self.do(go_on, fate)

    @precondition(lambda self: self.steps % 4 == 3)
    @rule(credits=st.integers(1, 5))
    def something_happens_at_the_other_bot(self, credits: int) -> None:
        with Database.transaction(self.world.database) as tx:
            self.elsewhere += 1
            key = f"other:{self.elsewhere}"
            tx.one("SELECT ensure_account(%(b)s, %(u)s)", {"b": OTHER_BOT, "u": USER})
            ledger.book(tx, OTHER_BOT, USER, "topup", credits, note=None, key=key)
            promos.redeem(tx, OTHER_BOT, USER, "fox")

    def check_money(self) -> int:
        """Every Star is credited once or back. Returns what was given beside jobs and top-ups."""
        for row in self.world.rows("SELECT * FROM payments"):
            keys = [f"stars:{row['charge_id']}", f"stars_refund:{row['charge_id']}:%"]
            (booked,) = self.world.rows(
                "SELECT coalesce(sum(amount), 0)::int AS sum FROM ledger"
                " WHERE request_key = %(a)s OR request_key LIKE %(b)s",
                a=keys[0],
                b=keys[1],
            )
            worth = WORTH[row["stars"]] if row["credits"] else 0
            assert worth == row["credits"]
            kept = {"credited": worth, "returned": row["spent"], "stuck": 0}
            if row["user_id"] != USER:
                kept["returning"] = row["spent"]
            if row["paid_until"] is not None and row["credits"]:
                assert row["subscription"] is not None
            assert booked["sum"] == kept[row["state"]], row
        decided = self.world.rows("SELECT count(*)::int AS n FROM topups WHERE state = 'approved'")
        entered = self.world.rows(
            "SELECT count(*)::int AS n FROM ledger WHERE request_key LIKE 'receipt:%%'"
        )
        assert decided == entered
        (given,) = self.world.rows(
            "SELECT coalesce(sum(amount), 0)::int AS sum FROM ledger WHERE user_id = %(user)s"
            " AND bot_id = %(bot)s AND (kind IN ('stars', 'stars_refund', 'promo', 'invite')"
            "      OR request_key LIKE 'receipt:%%')",
            user=USER,
            bot=BOT_ID,
        )
        self._check_friends()
        return int(given["sum"])

    def let_forgettings_end(self) -> None:
        """Whoever asked for it is forgotten as soon as nothing of theirs is under way."""
        eraser = self.world.eraser
        for _ in range(20):
            for asked in eraser.asked():
                eraser.go_on(self.world.term, asked)
            self.world.hurry()
            self.world.deliver("sent")
        assert self.world.rows("SELECT * FROM forgettings") == []
        for person in self.world.rows("SELECT * FROM forgotten_people"):
            assert person["bot_id"] == BOT_ID
        left = self.world.rows(
            "SELECT d.user_id FROM dialogues AS d WHERE NOT EXISTS ("
            " SELECT 1 FROM accounts AS a WHERE a.bot_id = d.bot_id AND a.user_id = d.user_id)"
        )
        assert left == []

    def _check_friends(self) -> None:
        """All balances are the sums of their entries, and a reward is both sides' or nobody's."""
        wrong = self.world.rows(
            "SELECT a.* FROM accounts AS a WHERE balance < 0 OR balance <> ("
            " SELECT coalesce(sum(amount), 0) FROM ledger AS l"
            " WHERE l.bot_id = a.bot_id AND l.user_id = a.user_id)"
        )
        assert wrong == []
        (rewarded,) = self.world.rows(
            "SELECT count(rewarded_at)::int AS friends, (SELECT count(*)::int FROM ledger"
            " WHERE request_key ~ '^invite:') AS entries FROM invites"
        )
        assert rewarded["entries"] == 2 * rewarded["friends"]


def press_of(rows: list[dict[str, Any]], which: int) -> dict[str, Any] | None:
    """The button that ends a subscription; None: there is none yet."""
    if not rows:
        return None
    return telegram.press(f"end_monthly||{rows[which % len(rows)]['id']}", USER)


def press_text(words: str) -> dict[str, Any]:
    return telegram.message(USER, text=words)


def _told(kind: str, charge: str, stars: int, payload: str, *, user: int = USER) -> dict[str, Any]:
    update = telegram.message(user)
    content = {"currency": "XTR", "total_amount": stars, "invoice_payload": payload}
    update["message"][kind] = {**content, "telegram_payment_charge_id": charge}
    return update
