"""A broadcast on a real PostgreSQL: everybody gets one, whatever ends, and hurts nobody else."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from handlers.delivery import pacing
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.dialogue.effects import Screen
from handlers.features.broadcast import service as module
from handlers.features.broadcast.service import Broadcasts
from handlers.words.texts import Markup
from supervisor.runtime.secret import Secret
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.telegram_answers import refused
from tests.support.postgres.mortal_database import Crash, MortalDatabase

FIRST = 500_000  #: the numbers of receivers begin here


@pytest.fixture
def talk(dsn: Secret, monkeypatch: pytest.MonkeyPatch) -> Iterator[Conversation]:
    """A bot that may send faster than in life."""
    monkeypatch.setattr(pacing, "PRIVATE_RATE", 1000.0)
    monkeypatch.setattr("handlers.delivery.pacing.BACKGROUND_RATE", 1000.0)
    monkeypatch.setattr("handlers.delivery.pacing.BACKGROUND_BURST", 50.0)
    made = Conversation(dsn)
    with made.storing(), made.dispatching():
        yield made
    made.close()


def quiet(talk: Conversation) -> None:
    """Everything but news has been sent."""
    open_ones = "SELECT 1 FROM deliveries WHERE kind <> 'news' AND state IN ('pending', 'sending')"
    talk.until(lambda: not talk.rows(open_ones), "all else sent")


def handled(talk: Conversation, *updates: dict[str, Any]) -> None:
    talk.put(*updates)
    talk.until(
        lambda: not talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'new'"), "handled"
    )
    quiet(talk)


def people(talk: Conversation, count: int) -> None:
    talk.rows(
        "INSERT INTO users (user_id) SELECT %s + n FROM generate_series(1, %s) AS n", FIRST, count
    )
    talk.rows(
        "INSERT INTO accounts (bot_id, user_id, last_language_code)"
        " SELECT %s, %s + n, CASE WHEN n %% 2 = 0 THEN 'ru' ELSE 'en' END"
        " FROM generate_series(1, %s) AS n",
        *(BOT_ID, FIRST, count),
    )


def press(talk: Conversation, action: str, argument: object = "") -> None:
    (row,) = talk.rows("SELECT version FROM dialogues WHERE user_id = %s", ADMIN)
    handled(talk, telegram.press(f"{action}|{row['version']}|{argument}", ADMIN))


def started(talk: Conversation, text: str = "News!", bonus: int = 0, to: str = "all") -> int:
    """A broadcast that the operator has written and started."""
    handled(talk, telegram.message(ADMIN, text="/broadcast"), telegram.press("news_write||", ADMIN))
    handled(talk, telegram.message(ADMIN, text=text))
    press(talk, "news_to", to)
    if bonus:
        press(talk, "news_bonus")
        handled(talk, telegram.message(ADMIN, text=str(bonus)))
    press(talk, "news_send")
    press(talk, "news_start")
    (row,) = talk.rows("SELECT max(id) AS id FROM broadcasts")
    return int(row["id"])


def got(talk: Conversation) -> Counter[int]:
    """How many messages each receiver got."""
    return Counter(
        each["chat_id"]
        for method, each in talk.telegram.calls
        if method in {"send_message", "send_photo"} and each["chat_id"] > FIRST
    )


def row(talk: Conversation, number: int) -> dict[str, Any]:
    (found,) = talk.rows("SELECT * FROM broadcasts WHERE id = %s", number)
    return found


def until_done(talk: Conversation, serving: Broadcasts, number: int) -> dict[str, Any]:
    def done() -> bool:
        serving.look(talk.term)
        return bool(row(talk, number)["state"] == "done")

    talk.until(done, "done", 120)
    return row(talk, number)


def test_everybody_gets_one_and_the_bonus_once_through_crashes_and_a_hand_over(
    talk: Conversation, dsn: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WINDOW", 20)
    people(talk, 200)
    with talk.sending():
        number = started(talk, "Hello <b>all</b>", bonus=5)
        # The process ends at every statement in turn; the next one goes on where the table stands.
        mortal = MortalDatabase(dsn, talk.wakeups)
        serving, crashes = Broadcasts(talk.parts(database=mortal)), 0
        try:
            for turn in range(40):
                mortal.fate.left = 1 + turn % 25
                try:
                    for _ in range(3):
                        serving.look(talk.term)
                except Crash:
                    crashes += 1
                    serving = Broadcasts(talk.parts(database=mortal))
        finally:
            mortal.close()
    assert crashes > 20
    # The next term, as after a hand-over, with a sender of its own.
    talk.new_term()
    with talk.sending():
        ended = until_done(talk, Broadcasts(talk.parts()), number)
        quiet(talk)

    assert ended["receivers"] == 201
    assert (ended["sent"], ended["failed"], ended["doubtful"]) == (201, 0, 0)
    assert got(talk) == {FIRST + n: 1 for n in range(1, 201)}
    booked = talk.rows("SELECT amount, count(*)::int AS n FROM ledger GROUP BY amount")
    assert booked == [{"amount": 5, "n": 201}]
    reports = [
        each["text"] for each in talk.telegram.sent("send_message") if each["chat_id"] == ADMIN
    ]
    assert "Arrived: 201" in reports[-1]


def test_a_storm_of_429_is_no_failure_and_who_has_blocked_the_bot_is_marked(
    talk: Conversation,
) -> None:
    people(talk, 30)
    flood = refused(429, "Too Many Requests: retry after 1", retry_after=1)
    blocked = refused(403, "Forbidden: bot was blocked by the user")
    with talk.sending():
        number = started(talk)
        talk.telegram.script["send_message"] = [*[flood] * 12, blocked]
        ended = until_done(talk, Broadcasts(talk.parts()), number)
        quiet(talk)

    assert (ended["sent"], ended["failed"], ended["doubtful"]) == (30, 1, 0)
    assert len(talk.rows("SELECT 1 FROM chats WHERE NOT reachable")) == 1
    # The thirteen refused calls are not counted: each of the others got exactly one.
    assert sum(got(talk).values()) <= 31 + 13


def test_who_wants_no_news_is_left_out_for_good_and_the_forgotten_are_skipped(
    talk: Conversation,
) -> None:
    people(talk, 4)
    with talk.sending():
        number = started(talk)
        serving = Broadcasts(talk.parts())
        serving.look(talk.term)
        talk.rows("UPDATE broadcasts SET state = 'running', started_at = now()")
        serving._choose(talk.term, {**row(talk, number), "seconds": 0.0})
        handled(talk, telegram.press(f"news_off||{number}", FIRST + 1, text="News!"))
        talk.rows("DELETE FROM accounts WHERE user_id = %s", FIRST + 2)
        ended = until_done(talk, serving, number)
        assert (ended["sent"], ended["skipped"]) == (3, 2)

        second = started(talk, "More")
        assert until_done(talk, serving, second)["receivers"] == 3
    assert FIRST + 2 not in got(talk)


def test_a_pause_holds_at_once_and_a_stop_ends_it(talk: Conversation, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "WINDOW", 10)
    people(talk, 40)
    number = started_unsent(talk)
    serving = Broadcasts(talk.parts())
    for _ in range(3):
        serving.look(talk.term)
    waiting = "SELECT 1 FROM deliveries WHERE kind = 'news' AND state = 'pending'"
    assert len(talk.rows(waiting)) == 10

    talk.put(telegram.press(f"news_pause||{number}", ADMIN))
    talk.until(lambda: row(talk, number)["state"] == "paused", "paused")
    with talk.sending():
        serving.look(talk.term)
        quiet(talk)
        assert got(talk) == {}
        second = started(talk, "Second")
        serving.look(talk.term)
        assert row(talk, second)["state"] == "queued"

        talk.put(telegram.press(f"news_resume||{number}", ADMIN))
        talk.until(lambda: serving.look(talk.term) and len(got(talk)) > 5, "goes on")
        talk.put(telegram.press(f"news_stop_sure||{number}", ADMIN))
        talk.until(lambda: row(talk, number)["state"] == "stopped", "stopped")
        until_done(talk, serving, second)
        quiet(talk)
    assert set(got(talk)) == {FIRST + n for n in range(1, 41)}
    # Nobody got the first one after the stop.
    firsts = [each for each in talk.telegram.sent("send_message") if each["text"] == "News!"]
    assert len(firsts) < 42
    acts = [each["after"] for each in talk.rows("SELECT after FROM admin_acts ORDER BY id")]
    assert acts[1:] == ["paused", acts[2], "running", "stopped"]


def started_unsent(talk: Conversation) -> int:
    with talk.sending():
        return started(talk)


def test_results_and_answers_go_before_a_broadcast(talk: Conversation) -> None:
    people(talk, 60)
    number = started_unsent(talk)
    serving = Broadcasts(talk.parts())
    for _ in range(3):
        serving.look(talk.term)
    talk.telegram.calls.clear()
    with talk.database.transaction(talk.term) as tx:
        said = saying(Screen(Markup("a result")))
        talk.outbox.enqueue(tx, [Delivery(999_999, "result", said, "late result")])
    with talk.sending():
        until_done(talk, serving, number)
    assert talk.telegram.sent("send_message")[0]["text"] == "a result"
