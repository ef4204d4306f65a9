"""A process is killed with SIGKILL at each statement and each commit of an act about money.

What it leaves is all of the act or nothing, and its successor ends it once. ``mortal_process.py``
is the process; it is really killed.
"""

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from threading import Event
from typing import Any

import pytest

from kie.money import invites, ledger, orders, promos, receipts
from kie.money.invites import REWARD
from kie.money.promos import Promo
from kie.money.receipts import Sent
from supervisor.database.transactions import Database
from supervisor.runtime.secret import Secret
from tests.support.edges import telegram_updates as telegram
from tests.support.jobs.job_world import ADMIN, PRICE, USER, JobWorld, press
from tests.support.jobs.mortal_process import PACK, lives
from tests.support.postgres.mortal_database import BOT_ID, IDENTITY

INVITER = 21
FEWEST = 6  #: places to die at that every act has

Facts = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """What the process does, and what there is when it has done it."""

    prepare: Callable[[JobWorld], None]
    after: Facts
    does: str = "handle"


# ------------------------------------------------------------------ the acts --


def _press_of_a_pack(world: JobWorld) -> None:
    world.store(press("buy||1"))


def _invoice(world: JobWorld) -> str:
    with Database.transaction(world.database) as tx:
        made = orders.place(tx, BOT_ID, USER, PACK)
    assert made is not None
    return orders.payload(IDENTITY, made)


def _checkout(world: JobWorld) -> None:
    update = telegram.checkout(USER)
    asked = {"invoice_payload": _invoice(world), "total_amount": PACK.stars}
    update["pre_checkout_query"] |= asked
    world.store(update)


def _payment(world: JobWorld) -> None:
    """With a request that waits for it."""
    world.confirm_screen()
    world.store(_paid(_invoice(world)))


def _payment_of_a_friend(world: JobWorld) -> None:
    _invited(world)
    world.store(_paid(_invoice(world)))


def _result_of_a_friend(world: JobWorld) -> None:
    """Who has bought credits, and gets the first result for them."""
    _invited(world)
    _books(world, "topup", 2 * PRICE)
    _makes(world)


def _receipt(world: JobWorld) -> None:
    with Database.transaction(world.database) as tx:
        kept = receipts.keep(tx, BOT_ID, Sent(USER, 40, "99", "f", "u"))
    assert kept is not None
    world.store(telegram.press(f"receipt_yes||{kept.id}", ADMIN))


def _refund(world: JobWorld) -> None:
    world.hear(_paid(_invoice(world)))
    (row,) = world.rows("SELECT number FROM payments")
    world.store(telegram.press(f"pay_return||{row['number']}", ADMIN))


def _chargeback(world: JobWorld) -> None:
    _payment_of_a_friend(world)
    world.handle_updates()
    world.store(_paid("", "refunded_payment"))


def _promo(world: JobWorld) -> None:
    world.rows("DELETE FROM promos")
    with Database.transaction(world.database) as tx:
        promos.make(tx, BOT_ID, ADMIN, Promo("FOX", 7, 9))
    world.store(telegram.message(USER, text="/promo fox"))


def _paid(payload: str, kind: str = "successful_payment") -> dict[str, Any]:
    update = telegram.message(USER)
    content = {"currency": "XTR", "total_amount": PACK.stars, "invoice_payload": payload}
    update["message"][kind] = {**content, "telegram_payment_charge_id": "ch"}
    return update


def _invited(world: JobWorld) -> None:
    world.rows("INSERT INTO users (user_id) VALUES (%(id)s)", id=INVITER)
    world.rows("SELECT ensure_account(%(bot)s, %(id)s)", bot=BOT_ID, id=INVITER)
    with Database.transaction(world.database) as tx:
        code = invites.of(tx, IDENTITY, INVITER).code
        tx.run("UPDATE accounts SET first_seen = now() WHERE user_id = 7")
        assert invites.note(tx, BOT_ID, USER, code)


def _books(world: JobWorld, kind: str, credits: int) -> None:
    with Database.transaction(world.database) as tx:
        ledger.book(tx, BOT_ID, USER, kind, credits, note=None, key="given")


def _makes(world: JobWorld) -> None:
    """A result that Telegram is to get."""
    world.hear(press(world.confirm_screen()))
    world.submit()
    (task,) = world.kie.running()
    task.end = "success"
    world.hurry()
    world.poll()
    world.kie.tasks.clear()


ACTS = {
    "the press of a pack": Act(_press_of_a_pack, {"orders": 1, "invoices": 1}),
    "the question before a payment": Act(_checkout, {"orders": 1, "agreed": 1}),
    "a payment": Act(
        _payment,
        {"orders": 1, "payments": {"credited": 1}, "cards": 1, "receipts": 1}
        | {"ledger": {(USER, "stars"): 100}},
    ),
    "the first payment of a friend": Act(
        _payment_of_a_friend,
        {"orders": 1, "payments": {"credited": 1}, "receipts": 1}
        | {"ledger": {(USER, "stars"): 100, (USER, "invite"): REWARD, (INVITER, "invite"): REWARD}},
    ),
    "the first result of a friend": Act(
        _result_of_a_friend,
        {
            "results": 1,
            "ledger": {
                (USER, "topup"): 2 * PRICE,
                (USER, "reserve"): -PRICE,
                (USER, "capture"): 0,
                (USER, "invite"): REWARD,
                (INVITER, "invite"): REWARD,
            },
        },
        "deliver",
    ),
    "the approval of a receipt": Act(_receipt, {"receipts": 1, "ledger": {(USER, "topup"): 40}}),
    "a refund": Act(
        _refund,
        {"orders": 1, "payments": {"returning": 1}, "receipts": 1, "refunds": 1}
        | {"ledger": {(USER, "stars"): 100, (USER, "stars_refund"): -100}},
    ),
    "a chargeback": Act(
        _chargeback,
        {
            "orders": 1,
            "payments": {"returned": 1},
            "receipts": 2,
            "ledger": {
                (USER, "stars"): 100,
                (USER, "stars_refund"): -100,
                (USER, "invite"): 0,
                (INVITER, "invite"): 0,
            },
        },
    ),
    "a promo code": Act(_promo, {"ledger": {(USER, "promo"): 7}}),
}


# ----------------------------------------------------------------- the facts --


def facts(world: JobWorld) -> Facts:
    """What there is of money, and of what was told about it; nothing that is zero."""
    (counted,) = world.rows(
        "SELECT (SELECT count(*)::int FROM orders) AS orders,"
        " count(*) FILTER (WHERE payload->>'do' = 'invoice')::int AS invoices,"
        " count(*) FILTER (WHERE payload->>'do' = 'checkout' AND payload->>'refusal' = '')::int"
        "  AS agreed,"
        " count(*) FILTER (WHERE kind = 'answer' AND payload::text LIKE '%%create|%%')::int"
        "  AS cards,"
        " count(*) FILTER (WHERE kind = 'result' AND chat_id = 7 AND job_id IS NULL)::int"
        "  AS receipts,"
        " count(*) FILTER (WHERE kind = 'refund')::int AS refunds,"
        " count(*) FILTER (WHERE job_id IS NOT NULL AND state = 'sent' AND kind = 'result')::int"
        "  AS results"
        " FROM deliveries"
    )
    paid = world.rows("SELECT state, count(*)::int AS n FROM payments GROUP BY state")
    entries = world.rows("SELECT user_id, kind, sum(amount)::int AS sum FROM ledger GROUP BY 1, 2")
    found = {
        **counted,
        "payments": {row["state"]: row["n"] for row in paid},
        "ledger": {(row["user_id"], row["kind"]): row["sum"] for row in entries},
    }
    return {name: value for name, value in found.items() if value}


def books_are_right(world: JobWorld) -> None:
    wrong = world.rows(
        "SELECT user_id FROM accounts AS a WHERE balance <> (SELECT coalesce(sum(amount), 0)"
        " FROM ledger AS l WHERE l.bot_id = a.bot_id AND l.user_id = a.user_id)"
    )
    assert wrong == []
    assert world.audit.check(world.term, Event()) == []


@pytest.fixture
def world(dsn: Secret) -> Iterator[JobWorld]:
    made = JobWorld(dsn, packs=(PACK,))
    yield made
    made.close()


@pytest.mark.parametrize("name", ACTS)
def test_a_kill_at_any_statement_or_commit_leaves_all_or_nothing_and_the_successor_ends_it_once(
    world: JobWorld, dsn: Secret, name: str
) -> None:
    act = ACTS[name]
    for places in count(1):
        world.wipe()
        world.take_over()
        act.prepare(world)
        before = facts(world)
        code = lives(dsn, act.does, places)
        left = facts(world)
        assert left in (before, {**before, **act.after}), places

        world.take_over()
        world.handle_updates()
        if act.does == "deliver":
            world.hurry()
            world.deliver("sent")
        assert facts(world) == act.after, places
        books_are_right(world)
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert places > FEWEST
