"""Prices and packs on a real PostgreSQL: what operators change stays, and belongs to one bot."""

from kie.money import packs, tariffs
from kie.money.packs import Pack
from kie.money.tariffs import Tariffs
from tests.support.conversation import BOT_ID, Conversation

FIRST = (Pack(1, 100, 50), Pack(2, 250, 120))


def test_the_packs_of_the_file_come_once_and_hidden_ones_do_not_come_back(
    talk: Conversation,
) -> None:
    with talk.database.transaction() as tx:
        assert packs.shown(tx, BOT_ID, FIRST) == FIRST
        for pack in FIRST:
            tariffs.change_pack(tx, BOT_ID, 4711, pack, shown=False)
        assert packs.shown(tx, BOT_ID, FIRST) == ()
        assert packs.shown(tx, BOT_ID + 1, FIRST) == FIRST


def test_a_pack_is_changed_in_place_and_a_new_one_goes_to_its_size(talk: Conversation) -> None:
    with talk.database.transaction() as tx:
        packs.shown(tx, BOT_ID, FIRST)
        tariffs.change_pack(tx, BOT_ID, 4711, Pack(0, 250, 99, "199 ₽"), shown=True)
        tariffs.change_pack(tx, BOT_ID, 4711, Pack(0, 150, 70), shown=True)
        found = packs.shown(tx, BOT_ID, FIRST)

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
        tariffs.reset(tx, BOT_ID, 4711, "")
        assert tariffs.read(tx, BOT_ID) == Tariffs()
