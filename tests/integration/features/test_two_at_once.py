"""Two presses at the same moment, on a real PostgreSQL: each act happens once, and both are told.

Two operators press the same button; where a button belongs to one operator's own dialogue, two
presses of theirs are handled at once, as two instances or a repeated update would. Lanes are left
out, so that only the database decides.
"""

import ast
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from handlers.dispatch.lanes import InboxRow
from kie.money import packs, tariffs
from supervisor.runtime.errors import Unavailable
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.star_payments import PACK, known, ordered, pays
from tests.support.edges import telegram_updates as telegram

FEATURES = Path(__file__).resolve().parents[3] / "handlers" / "features"
OTHER, USER = ADMIN + 1, 7
ROUNDS = 3

Update = dict[str, Any]
Prepared = Callable[[Conversation], Callable[[int], Update]]


def stored(talk: Conversation, update: Update) -> InboxRow:
    body = json.dumps(update)
    (row,) = talk.rows(
        "INSERT INTO telegram_updates (bot_id, update_id, lane, kind, body)"
        " VALUES (%s, %s, 7, 'test', %s) RETURNING seq",
        *(BOT_ID, update["update_id"], body),
    )
    return InboxRow(row["seq"], USER, update["update_id"], body, 0)


def hear(talk: Conversation, *updates: Update) -> None:
    for update in updates:
        talk.work.handle(talk.term, stored(talk, update))


def at_once(talk: Conversation, *updates: Update) -> None:
    rows, barrier = [stored(talk, update) for update in updates], threading.Barrier(len(updates))

    def handle(row: InboxRow) -> None:
        barrier.wait(20)
        try:
            talk.work.handle(talk.term, row)
        except Unavailable:  # a conflict, or a lock that came late: the dispatcher repeats it
            talk.work.handle(talk.term, row)

    with ThreadPoolExecutor(len(rows)) as pool:
        list(pool.map(handle, rows))


def said(talk: Conversation, after: int) -> list[str]:
    """What both operators were told since."""
    rows = talk.rows(
        "SELECT payload FROM deliveries WHERE chat_id IN (%s, %s) AND id > %s ORDER BY id",
        *(ADMIN, OTHER, after),
    )
    toasts = talk.rows(
        "SELECT payload FROM deliveries WHERE payload->>'do' = 'toast' AND id > %s ORDER BY id",
        after,
    )
    return [str(row["payload"].get("text") or "") for row in [*rows, *toasts]]


def newest_id(talk: Conversation) -> int:
    return int(talk.rows("SELECT coalesce(max(id), 0) AS id FROM deliveries")[0]["id"])


def on_card(talk: Conversation, action: str, argument: object = "") -> Update:
    """A press on the operator's own question, of its newest version."""
    (row,) = talk.rows("SELECT version FROM dialogues WHERE user_id = %s", ADMIN)
    return telegram.press(f"{action}|{row['version']}|{argument}", ADMIN)


def both(data: str) -> Callable[[int], Update]:
    return lambda who: telegram.press(data, who)


def mine(talk: Conversation, action: str) -> Callable[[int], Update]:
    """Two presses of the operator whose question it is."""
    (row,) = talk.rows("SELECT version FROM dialogues WHERE user_id = %s", ADMIN)
    return lambda _who: telegram.press(f"{action}|{row['version']}|", ADMIN)


# ------------------------------------------------------------------ the table --


def asked_to_book(words: str) -> Prepared:
    def prepare(talk: Conversation) -> Callable[[int], Update]:
        hear(talk, telegram.message(ADMIN, text=words))
        return mine(talk, "book")

    return prepare


def banned(talk: Conversation) -> Callable[[int], Update]:
    hear(talk, telegram.press(f"person_unban||{USER}", ADMIN))
    return both(f"person_ban||{USER}")


def let_in(talk: Conversation) -> Callable[[int], Update]:
    hear(talk, telegram.press(f"person_ban||{USER}", ADMIN))
    return both(f"person_unban||{USER}")


def model_off(talk: Conversation) -> Callable[[int], Update]:
    hear(talk, telegram.message(ADMIN, text="/model z-image on"))
    return both("model_off||z-image")


def model_on(talk: Conversation) -> Callable[[int], Update]:
    hear(talk, telegram.message(ADMIN, text="/model z-image off"))
    return both("model_on||z-image")


def maintenance_on(talk: Conversation) -> Callable[[int], Update]:
    hear(talk, telegram.press("maintenance_off||", ADMIN))
    return both("maintenance_on||")


def maintenance_longer(talk: Conversation) -> Callable[[int], Update]:
    hear(talk, telegram.press("maintenance_on||", ADMIN))
    return both("maintenance_on||60")


def maintenance_off(talk: Conversation) -> Callable[[int], Update]:
    hear(talk, telegram.press("maintenance_on||", ADMIN))
    return both("maintenance_off||")


def set_aside(talk: Conversation) -> Callable[[int], Update]:
    (row,) = talk.rows(
        "INSERT INTO telegram_updates (bot_id, update_id, kind, body, state, error)"
        " SELECT %s, coalesce(max(update_id), 0) + 1000000, 'message', '{}', 'dead', 'KeyError'"
        " FROM telegram_updates RETURNING seq",
        BOT_ID,
    )
    return both(f"retry_update||{row['seq']}")


def promo_made(talk: Conversation) -> Callable[[int], Update]:
    number = talk.rows("SELECT count(*) AS n FROM promos")[0]["n"]
    return lambda who: telegram.message(who, text=f"/promo new FOX{number} 5 5")


def promo_ended(talk: Conversation) -> Callable[[int], Update]:
    number = talk.rows("SELECT count(*) AS n FROM promos")[0]["n"]
    hear(talk, telegram.message(ADMIN, text=f"/promo new END{number} 5 5"))
    return lambda who: telegram.message(who, text=f"/promo off END{number}")


def campaign_made(talk: Conversation) -> Callable[[int], Update]:
    number = talk.rows("SELECT count(*) AS n FROM campaigns")[0]["n"]
    return lambda who: telegram.message(who, text=f"/promo link summer{number}")


def limit_set(talk: Conversation) -> Callable[[int], Update]:
    number = talk.rows("SELECT count(*) + 100 AS n FROM admin_acts")[0]["n"]
    return lambda who: telegram.message(who, text=f"/money limit {number}")


def each_asked(talk: Conversation, words: str, action: str) -> Callable[[int], Update]:
    """Both operators have asked for the same; each has the button of their own question."""
    hear(talk, *(telegram.message(who, text=words) for who in (ADMIN, OTHER)))
    versions = {
        row["user_id"]: row["version"]
        for row in talk.rows("SELECT user_id, version FROM dialogues WHERE step <> 'idle'")
    }
    return lambda who: telegram.press(f"{action}|{versions[who]}|", who)


def price(words: str, *before: str) -> Prepared:
    """Both confirm the same change; ``before`` was in force. `{n}` is another number each time."""

    def prepare(talk: Conversation) -> Callable[[int], Update]:
        number = talk.rows("SELECT count(*) + 20 AS n FROM tariffs")[0]["n"]
        for asked in before:
            learn_prices(talk)
            press = each_asked(talk, f"/prices {asked.format(n=number)}", "price_set")
            hear(talk, press(ADMIN))
        learn_prices(talk)
        return each_asked(talk, f"/prices {words.format(n=number)}", "price_set")

    return prepare


def learn_prices(talk: Conversation) -> None:
    """The shop is as the database says, as after the wake-up of a change."""
    with talk.database.transaction() as tx:
        talk.display = replace(
            talk.display, tariffs=tariffs.read(tx, BOT_ID), packs=packs.shown(tx, BOT_ID)
        )


def refunded(talk: Conversation) -> Callable[[int], Update]:
    (row,) = talk.rows(
        "INSERT INTO generation_jobs (bot_id, user_id, chat_id, model, status, price,"
        " input_params, completed_at) VALUES (%s, %s, %s, 'z-image', 'success', 5, '{}', now())"
        " RETURNING id",
        *(BOT_ID, USER, USER),
    )
    talk.rows(
        "INSERT INTO ledger (bot_id, user_id, job_id, kind, amount)"
        " VALUES (%s, %s, %s, 'reserve', -5), (%s, %s, %s, 'capture', 0) RETURNING id",
        *(BOT_ID, USER, row["id"]) * 2,
    )
    return each_asked(talk, f"/refund {row['id']}", "book")


def undone(talk: Conversation) -> Callable[[int], Update]:
    hear(talk, telegram.message(ADMIN, text=f"/grant {USER} 10"))
    hear(talk, on_card(talk, "book"))
    (row,) = talk.rows("SELECT max(id) AS id FROM admin_acts WHERE act = 'grant'")
    return both(f"undo_act||{row['id']}")


def letter(talk: Conversation) -> Callable[[int], Update]:
    """Both write to the same user: words of two people, each once."""
    hear(talk, *(telegram.press(f"letter||{USER}", who) for who in (ADMIN, OTHER)))
    return lambda who: telegram.message(who, text=f"Yours, {who}")


def receipt(action: str, argument: str = "") -> Prepared:
    def prepare(talk: Conversation) -> Callable[[int], Update]:
        (row,) = talk.rows(
            "INSERT INTO topups (bot_id, user_id, credits, file_unique_id, file_id)"
            " VALUES (%s, %s, 80, gen_random_uuid()::text, 'f') RETURNING id",
            *(BOT_ID, USER),
        )
        return both(f"{action}||{row['id']}{argument}")

    return prepare


def stars_back(talk: Conversation) -> Callable[[int], Update]:
    talk.sell(PACK)
    talk.rows("UPDATE orders SET created_at = created_at - interval '1 hour' RETURNING id")
    number = talk.rows("SELECT count(*) AS n FROM payments")[0]["n"] + 1
    hear(talk, pays(ordered(talk)[1], f"ch-{number}"))
    return both(f"pay_return||{number}")


def drafted(talk: Conversation) -> None:
    talk.rows("UPDATE broadcasts SET state = 'done' WHERE state <> 'draft' RETURNING id")
    hear(talk, telegram.press("news_write||", ADMIN), telegram.message(ADMIN, text="News!"))
    hear(talk, on_card(talk, "news_send"))


def news_started(talk: Conversation) -> Callable[[int], Update]:
    drafted(talk)
    return mine(talk, "news_start")


def news(action: str, state: str) -> Prepared:
    def prepare(talk: Conversation) -> Callable[[int], Update]:
        drafted(talk)
        hear(talk, on_card(talk, "news_start"))
        (row,) = talk.rows("SELECT max(id) AS id FROM broadcasts")
        talk.rows("UPDATE broadcasts SET state = %s WHERE id = %s RETURNING id", state, row["id"])
        return both(f"{action}||{row['id']}")

    return prepare


MEANWHILE = "another operator has just changed it"


@dataclass(frozen=True)
class Act:
    prepare: Prepared
    acts: str  #: what the log of acts calls it
    told: str  #: what one of the two reads …
    or_else: str = "\0"  #: … or this, as they came
    times: int = 1  #: how often it happens


ACTS = {
    "grant": Act(asked_to_book(f"/grant {USER} 10"), "grant", "button has expired"),
    "debit": Act(asked_to_book(f"/grant {USER} -1"), "grant", "button has expired"),
    "top-up": Act(asked_to_book(f"/topup {USER} 10"), "topup", "button has expired"),
    "ban": Act(banned, "ban", "<b>Banned</b>"),
    "unban": Act(let_in, "unban", "💎 100"),
    "model off": Act(model_off, "model", "was off the menu already"),
    "model on": Act(model_on, "model", "was on the menu already"),
    "maintenance on": Act(maintenance_on, "maintenance", "in force already"),
    "maintenance, another end": Act(maintenance_longer, "maintenance", "in force already"),
    "maintenance off": Act(maintenance_off, "maintenance", "was off already"),
    "once more": Act(set_aside, "retry", "not set aside any more"),
    "promo code made": Act(promo_made, "promo", "There is a code of that name"),
    "promo code ended": Act(promo_ended, "promo", "off already"),
    "link of a campaign": Act(campaign_made, "campaign_made", "There is a link of that name"),
    "limit of kie.ai's balance": Act(limit_set, "kie_limit", "limit"),
    "refund of a job": Act(refunded, "refund", "Not booked"),
    "undo": Act(undone, "undo", "was undone already"),
    "letter": Act(letter, "answer", "Sent", times=2),
    "markup": Act(price("markup {n}"), "price_markup", MEANWHILE),
    "budget": Act(price("budget {n}"), "price_budget", MEANWHILE),
    "renewals": Act(price("renewals {n}"), "price_renewals", MEANWHILE),
    "price of a model": Act(price("z-image {n}"), "price_price", MEANWHILE),
    "free uses": Act(price("z-image free {n}"), "price_free", MEANWHILE),
    "pack": Act(price("pack 500 {n}00"), "price_pack", MEANWHILE),
    "subscription": Act(price("monthly 500 {n}00"), "price_pack", MEANWHILE),
    "pack hidden": Act(price("hide 500", "pack 500 {n}00"), "price_hide", MEANWHILE),
    "price reset": Act(price("reset z-image", "z-image {n}"), "price_reset", MEANWHILE),
    "markup reset": Act(price("reset markup", "markup {n}"), "price_reset", MEANWHILE),
    "receipt approved": Act(receipt("receipt_yes"), "receipt_approved", "was decided already"),
    "receipt refused": Act(receipt("receipt_why", ":used"), "receipt_refused", "decided already"),
    "Stars back": Act(stars_back, "stars_refund", "cannot be returned: it is on its way back"),
    "broadcast started": Act(news_started, "broadcast", "button has expired", "draft is not there"),
    "broadcast paused": Act(news("news_pause", "running"), "broadcast", "paused"),
    "broadcast resumed": Act(news("news_resume", "paused"), "broadcast", "is being sent"),
    "broadcast stopped": Act(news("news_stop_sure", "running"), "broadcast", "stopped"),
}


@pytest.fixture
def talk(talk: Conversation) -> Conversation:
    for user in (USER, ADMIN, OTHER):
        known(talk, user)
    talk.rows(
        "INSERT INTO ledger (bot_id, user_id, kind, amount) VALUES (%s, %s, 'grant', 100)",
        *(BOT_ID, USER),
    )
    shop = replace(talk.current_shop(), admins=frozenset({ADMIN, OTHER}))
    talk.current_shop._shop = shop
    return talk


def acts(talk: Conversation, name: str) -> int:
    rows = talk.rows("SELECT count(*)::int AS n FROM admin_acts WHERE act = %s", name)
    return int(rows[0]["n"])


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_is_pressed_twice_at_once_happens_once_and_both_are_told(
    talk: Conversation, name: str
) -> None:
    act = ACTS[name]
    for _ in range(ROUNDS):
        pressed = act.prepare(talk)
        before, heard = acts(talk, act.acts), newest_id(talk)

        at_once(talk, pressed(ADMIN), pressed(OTHER))

        told = said(talk, heard)
        assert acts(talk, act.acts) == before + act.times, told
        assert len(told) >= 2, told
        assert any(act.told in each or act.or_else in each for each in told), told


def named_acts() -> tuple[set[str], set[str]]:
    """What the code calls the acts that it records: whole names, and beginnings of names."""
    whole: set[str] = set()
    begun: set[str] = set()
    for path in FEATURES.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            if call.func.attr != "acted":
                continue
            name = call.args[0]
            if isinstance(name, ast.JoinedStr):
                begun |= {str(each.value) for each in name.values if isinstance(each, ast.Constant)}
            else:
                found = (each for each in ast.walk(name) if isinstance(each, ast.Constant))
                whole |= {str(each.value) for each in found}
    return whole, begun


def test_every_act_that_the_code_records_is_in_the_table() -> None:
    whole, begun = named_acts()
    tried = {act.acts for act in ACTS.values()}

    assert len(whole) >= 11
    assert whole - tried == set()
    assert all(any(each.startswith(start) for each in tried) for start in begun)
