"""A capability is a folder: one that no other file knows works through the real dispatcher."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handlers.dispatch.routing import Router
from handlers.dispatch.unit_of_work import UnitOfWork
from handlers.features import COMMANDS, FEATURES, LAYOUT
from tests.support import toy_feature
from tests.support.chats.conversation import Conversation
from tests.support.edges import telegram_updates as telegram

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def talk(talk: Conversation) -> Iterator[Conversation]:
    talk.rows(toy_feature.TABLE)
    layout = {**LAYOUT, "menu": (("notes",), *LAYOUT["menu"])}
    router = Router((*FEATURES, toy_feature.FEATURE), layout, (*COMMANDS, "note"))
    work = UnitOfWork(talk.database, talk.installation, router, talk.current_shop)
    with talk.dispatching(work), talk.sending():
        yield talk


def told(talk: Conversation, words: str) -> dict[str, Any]:
    """The message, or the edit, that says so."""

    def found() -> list[dict[str, Any]]:
        calls = [*talk.telegram.sent("send_message"), *talk.telegram.sent("edit_message_text")]
        return [each for each in calls if words in each["text"]]

    return dict(talk.until(found, repr(words))[-1])


def button(details: dict[str, Any], label: str) -> str:
    rows = details["reply_markup"].inline_keyboard
    (found,) = [each.callback_data for row in rows for each in row if label in each.text]
    return str(found)


def test_command_step_text_effect_and_table_work_without_another_file(talk: Conversation) -> None:
    talk.put(telegram.message(text="/note"))
    told(talk, "What shall I keep?")
    talk.put(telegram.message(text="buy <milk>"))
    told(talk, "Kept. You have 1\u00a0note.")
    talk.put(telegram.message(text="/note"), telegram.message(text="and bread"))
    told(talk, "Kept. You have 2\u00a0notes.")

    assert [row["words"] for row in talk.rows("SELECT words FROM toy_notes ORDER BY seq")] == [
        "buy <milk>",
        "and bread",
    ]
    assert b'trt_feature_events_total{event="kept",feature="notes"} 2.0' in talk.counted()


def test_its_button_stands_in_the_menu_of_another_feature_and_shows_what_it_loaded(
    talk: Conversation,
) -> None:
    talk.put(telegram.message(text="/note"), telegram.message(text="x & y"))
    told(talk, "Kept.")
    talk.put(telegram.message(text="/start"))
    press = button(told(talk, "Free today"), "Notes")
    talk.put(telegram.press(press))

    assert "x &amp; y" in told(talk, "Your notes")["text"]


def test_its_step_asks_again_and_its_button_leads_home(talk: Conversation) -> None:
    talk.put(telegram.message(text="/note"))
    asked = told(talk, "What shall I keep?")
    talk.put(telegram.message(location={"longitude": 1.0, "latitude": 1.0}))
    talk.until(lambda: len(talk.telegram.sent("send_message")) == 2, "asked again")
    talk.put(telegram.press(button(asked, "Leave it")))

    talk.until(
        lambda: talk.rows("SELECT 1 FROM dialogues WHERE step = 'idle'"), "the dialogue is idle"
    )
    assert talk.rows("SELECT * FROM toy_notes") == []


def test_it_speaks_russian_with_the_right_form_of_the_word(talk: Conversation) -> None:
    talk.put(*(each for n in range(2) for each in _in_russian("/note", f"{n}")))

    told(talk, "Готово. У вас 2\u00a0заметки.")


def test_nothing_of_the_bot_knows_the_toy() -> None:
    for path in (ROOT / "handlers").rglob("*.py"):
        assert "toy_" not in path.read_text(encoding="utf-8"), path


def _in_russian(*texts: str) -> list[dict[str, Any]]:
    updates = [telegram.message(text=text) for text in texts]
    for each in updates:
        each["message"]["from"]["language_code"] = "ru"
    return updates
