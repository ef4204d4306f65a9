"""Prices and packs on a real PostgreSQL: what operators change stays, and belongs to one bot."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from kie.money import ledger, packs, tariffs
from kie.money.packs import Pack
from kie.money.tariffs import Tariffs
from supervisor.runtime.errors import Contended
from tests.support.chats.conversation import BOT_ID, Conversation

FIRST = (Pack(1, 100, 50), Pack(2, 250, 120))


def test_the_packs_of_the_file_come_once_and_hidden_ones_do_not_come_back(
    talk: Conversation,
) -> None:
    with talk.database.transaction() as tx:
        packs.seed(tx, BOT_ID, FIRST)
        assert packs.shown(tx, BOT_ID) == FIRST
        for pack in FIRST:
            tariffs.hide_packs(tx, BOT_ID, 4711, pack.credits)
        packs.seed(tx, BOT_ID, FIRST)
        packs.seed(tx, BOT_ID + 1, FIRST)
        assert packs.shown(tx, BOT_ID) == ()
        assert packs.shown(tx, BOT_ID + 1) == FIRST


def test_a_pack_is_changed_in_place_and_a_new_one_goes_to_its_size(talk: Conversation) -> None:
    with talk.database.transaction() as tx:
        packs.seed(tx, BOT_ID, FIRST)
        tariffs.change_pack(tx, BOT_ID, 4711, Pack(0, 250, 99, "199 ₽"))
        tariffs.change_pack(tx, BOT_ID, 4711, Pack(0, 150, 70))
        found = packs.shown(tx, BOT_ID)

    assert [(each.id, each.credits, each.stars, each.money_text) for each in found] == [
        (1, 100, 50, None),
        (3, 150, 70, None),
        (2, 250, 99, "199 ₽"),
    ]
    noted = talk.rows("SELECT model, value::int AS value, changed_by FROM tariffs ORDER BY id")
    assert [(row["model"], row["value"], row["changed_by"]) for row in noted] == [
        ("250", 99, 4711),
        ("150", 70, 4711),
    ]


def test_the_latest_change_counts_until_it_is_reset(talk: Conversation) -> None:
    with talk.database.transaction() as tx:
        tariffs.change(tx, BOT_ID, 4711, "markup", "", 2.5)
        tariffs.change(tx, BOT_ID, 4711, "price", "z-image", 3)
        tariffs.change(tx, BOT_ID, 4711, "price", "z-image", 4)
        tariffs.change(tx, BOT_ID, 4711, "free", "z-image", 0)
        assert tariffs.read(tx, BOT_ID) == Tariffs(2.5, {"z-image": 4}, {"z-image": 0})
        assert tariffs.read(tx, BOT_ID + 1) == Tariffs()
        tariffs.reset(tx, BOT_ID, 4711, "z-image")
        assert tariffs.read(tx, BOT_ID) == Tariffs(2.5)
        tariffs.change(tx, BOT_ID, 4711, "budget", "", 30)
        tariffs.reset(tx, BOT_ID, 4711, "", "markup")
        assert tariffs.read(tx, BOT_ID) == Tariffs(budget=30)
        tariffs.reset(tx, BOT_ID, 4711, "", "budget")
        assert tariffs.read(tx, BOT_ID) == Tariffs()


def test_two_operators_who_add_a_pack_at_once_do_not_change_the_other_one(
    talk: Conversation,
) -> None:
    def add(pack: Pack) -> None:
        with talk.database.transaction() as tx:
            tariffs.change_pack(tx, BOT_ID, 4712, pack)

    with ThreadPoolExecutor(1) as pool:
        with talk.database.transaction() as tx:
            packs.seed(tx, BOT_ID, FIRST)
            tariffs.change_pack(tx, BOT_ID, 4711, Pack(0, 500, 230))
            other = pool.submit(add, Pack(0, 700, 310))
            talk.until(talk.lock_waits, "the second one waits")
        with pytest.raises(Contended):
            other.result(10)
    add(Pack(0, 700, 310))

    with talk.database.transaction() as tx:
        sold = [(each.credits, each.stars) for each in packs.shown(tx, BOT_ID)]
    assert sold == [(100, 50), (250, 120), (500, 230), (700, 310)]


def made_free(talk: Conversation, user: int) -> None:
    talk.rows(
        "INSERT INTO generation_jobs (bot_id, user_id, model, status, price)"
        " VALUES (%s, %s, 'z-image', 'queued', 0)",
        BOT_ID,
        user,
    )


def test_the_free_results_of_a_day_have_a_budget_of_all_users_together(talk: Conversation) -> None:
    for user in (7, 8):
        with talk.database.transaction() as tx:
            named = {"b": BOT_ID, "u": user}
            tx.one("SELECT ensure_user(%(u)s), ensure_account(%(b)s, %(u)s)", named)

    def spent(user: int, bot_id: int = BOT_ID, *, spending: bool = False) -> bool:
        with talk.database.transaction() as tx:
            return ledger.accounts(tx, bot_id, [user], spending=spending)[user].budget_spent

    def set_to(budget: int) -> None:
        with talk.database.transaction() as tx:
            tariffs.change(tx, BOT_ID, 4711, "budget", "", budget)

    made_free(talk, 7)
    assert not spent(8)  # there is no budget by default
    set_to(2)
    assert not spent(8)

    # Who orders at the same moment waits, and then the budget is spent.
    with ThreadPoolExecutor(1) as pool:
        with talk.database.transaction() as tx:
            assert not ledger.accounts(tx, BOT_ID, [7], spending=True)[7].budget_spent
            other = pool.submit(spent, 8, spending=True)
            talk.until(talk.lock_waits, "the other order waits")
            tx.run(
                "INSERT INTO generation_jobs (bot_id, user_id, model, status, price)"
                " VALUES (%(b)s, 7, 'z-image', 'queued', 0)",
                {"b": BOT_ID},
            )
        assert other.result(10)

    set_to(0)
    assert spent(7)
    talk.rows("UPDATE generation_jobs SET status = 'fail' RETURNING id")
    set_to(1)
    assert not spent(7)  # what failed has cost nothing
    with talk.database.transaction() as tx:
        tariffs.reset(tx, BOT_ID, 4711, "", "budget")
    assert not spent(7)
