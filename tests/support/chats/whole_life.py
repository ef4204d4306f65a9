"""A user who has left words, names and file ids in every table that takes some."""

import json
from typing import Any

from kie.api.outcome import Failure, Result
from kie.api.wire import Succeeded
from kie.jobs import job_table, settle
from kie.jobs.job import NewJob
from kie.money.packs import Pack
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram

USER = 900712345
GROUP = -1009007
#: What may be found of the user nowhere afterwards. The first two are the names.
MARKS = ("wordsmith_zoe", "Зоя <Ы>", "zebra")
PHOTO = [{"file_id": "zebra-photo", "file_unique_id": "zebra-unique", "width": 9, "height": 9}]
LINK = "http://zebra.example/1.png"


def by_user(update: dict[str, Any]) -> dict[str, Any]:
    """The update with the user's names."""
    (part,) = [value for key, value in update.items() if key != "update_id"]
    names = {"username": MARKS[0], "first_name": MARKS[1], "language_code": "en"}
    part["from"] = {**part["from"], **names}
    return update


def said(text: str) -> dict[str, Any]:
    return by_user(telegram.message(USER, text=text))


def pressed(data: str, **where: Any) -> dict[str, Any]:
    return by_user(telegram.press(data, USER, **where))


def handled(talk: Conversation, *updates: dict[str, Any]) -> None:
    """All of them are done, and everything that follows has been sent."""
    talk.put(*updates)
    talk.until(
        lambda: not talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'new'"), "handled"
    )
    quiet(talk)


def quiet(talk: Conversation) -> None:
    open_ones = "SELECT 1 FROM deliveries WHERE state NOT IN ('sent', 'dropped', 'failed')"
    talk.until(lambda: not talk.rows(open_ones), "all sent")


def order(talk: Conversation, words: str, price: int) -> int:
    """A job that runs."""
    with talk.database.transaction(talk.term) as tx:
        inputs = {"prompt": f"zebra {words}", "image": LINK}
        asked = NewJob(USER, USER, "en", "z-image", inputs, price, f"{USER}:{words}", None)
        return job_table.create(tx, BOT_ID, asked)


def ends(talk: Conversation, number: int, *, fails: bool = False) -> None:
    """The job has ended, and its end has been told."""
    (row,) = talk.rows("SELECT *, 0.0 AS seconds FROM generation_jobs WHERE id = %s", number)
    found = job_table.from_row(row)
    with talk.database.transaction(talk.term) as tx:
        if fails:
            settle.fail(tx, found, Failure.REFUSED_CONTENT, "zebra is not allowed", talk.news)
        else:
            settle.succeed(tx, found, Succeeded(Result((LINK,)), None), talk.news)
    quiet(talk)


def job(talk: Conversation, words: str, price: int, *, fails: bool = False) -> int:
    number = order(talk, words, price)
    ends(talk, number, fails=fails)
    return number


def operator_reads(talk: Conversation, text: str) -> dict[str, Any]:
    """An operator presses a button under a message that names the user."""
    return telegram.press("admin||", ADMIN, text=text)


def live(talk: Conversation) -> None:
    """The user pays, asks, orders, gets results, and is talked about."""
    talk.sell(Pack(1, 100, 50, "99 ₽"))
    # They had another name before.
    earlier = said("/start")
    earlier["message"]["from"]["username"] = "zebra_before"
    handled(talk, earlier, said("/start"), telegram.message(ADMIN, text="/start"))
    handled(talk, pressed("by_hand||"), pressed("receipt_pack||1"))
    for name in ("zebra-unique", "zebra-page"):
        page = [{**PHOTO[0], "file_unique_id": name}]
        handled(talk, by_user(telegram.message(USER, photo=page, media_group_id="zebra-album")))
    handled(talk, telegram.press("receipt_yes||1", ADMIN))
    handled(talk, said("/paysupport"), said("where are my zebra credits?"))
    handled(talk, telegram.press(f"letter||{USER}", ADMIN))
    handled(talk, telegram.message(ADMIN, text="They are there."))
    handled(talk, telegram.message(ADMIN, text=f"/grant {USER} 7 for Зоя <Ы>, the zebra"))
    version = talk.rows("SELECT version FROM dialogues WHERE user_id = %s", ADMIN)[0]["version"]
    handled(talk, telegram.press(f"book|{version}|", ADMIN))
    job(talk, "paid", 5)
    free = job(talk, "free", 0)
    job(talk, "failed", 3, fails=True)
    talk.rows("UPDATE generation_jobs SET starred_at = now() WHERE id = %s", free)
    in_group = by_user(telegram.message(USER, text="@painter_bot a zebra in a hat"))
    in_group["message"]["chat"] = {"id": GROUP, "type": "supergroup", "title": "friends"}
    handled(talk, in_group)
    handled(talk, operator_reads(talk, f"💬 Help\n{MARKS[1]} asks about a zebra, {USER}"))
    talk.closed = "maintenance at kie.ai"
    handled(talk, pressed("tell||"))
    talk.closed = None
    # An operator is about to answer, and the user has a draft.
    handled(talk, telegram.press(f"letter||{USER}", ADMIN))
    handled(talk, said("/new"), said("a zebra that I have not ordered yet"))


def stuffed(talk: Conversation, columns: list[str]) -> None:
    """Each of these columns (``table.column``) gets the user's words, in the user's rows."""
    for column in columns:
        table, _, name = column.partition(".")
        rows = talk.rows(
            "SELECT column_name AS name, data_type AS type FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s",
            table,
        )
        types = {row["name"]: row["type"] for row in rows}
        key = next(key for key in ("user_id", "lane", "chat_id") if key in types)
        value = json.dumps({"zebra": "zebra"}) if types[name] == "jsonb" else "a zebra"
        if types[name] == "text" or types[name] == "jsonb":
            talk.rows(f"UPDATE {table} SET {name} = %s WHERE {key} = %s", value, USER)


def forms_of(mark: str) -> set[str]:
    """As it stands, in JSON, and in the markup of messages."""
    return {mark, json.dumps(mark)[1:-1], mark.replace("<", "&lt;").replace(">", "&gt;")}


def traces(talk: Conversation) -> list[str]:
    """Every column of every table that still holds one of the marks."""
    columns = talk.rows(
        "SELECT c.table_name AS t, c.column_name AS c, c.data_type AS type"
        " FROM information_schema.columns AS c JOIN information_schema.tables AS t"
        "   USING (table_schema, table_name)"
        " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
        "   AND (c.data_type IN ('text', 'jsonb', 'json', 'bytea', 'ARRAY', 'character varying'))"
    )
    found = []
    for each in columns:
        as_text = (
            f"encode({each['c']}, 'escape')" if each["type"] == "bytea" else f"{each['c']}::text"
        )
        hits = (
            f"SELECT form FROM unnest(%s) AS form"
            f" WHERE EXISTS (SELECT 1 FROM {each['t']} WHERE strpos({as_text}, form) > 0)"
        )
        forms = [form for mark in MARKS for form in sorted(forms_of(mark))]
        found += [f"{each['t']}.{each['c']}: {row['form']}" for row in talk.rows(hits, forms)]
    return found
