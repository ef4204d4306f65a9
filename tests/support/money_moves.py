"""The moves of users and operators with money that the machine of jobs makes between its own.

Payments in Stars, told once or again, before or after their return; refunds by an operator;
receipts; promo codes. Each may be the last thing that a process does.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from kie.money import orders, promos, receipts
from kie.money.packs import Pack
from kie.money.promos import Promo
from supervisor.database.transactions import Database
from tests.support import telegram_updates as telegram
from tests.support.job_world import ADMIN, USER, JobWorld
from tests.support.mortal_database import BOT_ID, IDENTITY

PACK = Pack(1, 7, 50)
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
        self.payloads: list[str] = []

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
            worth = PACK.credits if row["credits"] else 0
            kept = {"credited": worth, "returned": row["spent"], "stuck": 0}
            assert booked["sum"] == kept[row["state"]], row
        decided = self.world.rows("SELECT count(*)::int AS n FROM topups WHERE state = 'approved'")
        entered = self.world.rows(
            "SELECT count(*)::int AS n FROM ledger WHERE request_key LIKE 'receipt:%%'"
        )
        assert decided == entered
        (given,) = self.world.rows(
            "SELECT coalesce(sum(amount), 0)::int AS sum FROM ledger WHERE user_id = %(user)s"
            " AND (kind IN ('stars', 'stars_refund', 'promo', 'invite')"
            "      OR request_key LIKE 'receipt:%%')",
            user=USER,
        )
        return int(given["sum"])


def press_text(words: str) -> dict[str, Any]:
    return telegram.message(USER, text=words)


def _told(kind: str, charge: str, stars: int, payload: str) -> dict[str, Any]:
    update = telegram.message(USER)
    content = {"currency": "XTR", "total_amount": stars, "invoice_payload": payload}
    update["message"][kind] = {**content, "telegram_payment_charge_id": charge}
    return update
