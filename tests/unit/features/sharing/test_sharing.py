"""Sharing: what an inline query is answered with, and that nothing is made for it."""

from typing import Any

import pytest

from handlers.features.sharing.rules import AnswerQuery
from handlers.features.sharing.works import Page, Work
from tests.support.chats.talk import Talk
from tests.support.edges import telegram_updates as telegram

WORKS = (Work(5, 0, "photo", "AgAC5", "a <fox>"), Work(4, 1, "audio", "AgAC4", ""))


def asked(text: str = "", offset: str = "") -> dict[str, Any]:
    return {
        "update_id": 1,
        "inline_query": {
            **{"id": "q", "from": telegram.person(7), "chat_type": "group"},
            **{"query": text, "offset": offset},
        },
    }


def answer(page: Page, text: str = "", offset: str = "", language: str = "en") -> dict[str, Any]:
    talk = Talk(loads={"page_of_user": page})
    talk.language = language
    talk.hear(asked(text, offset))
    (effect,) = talk.effects
    assert isinstance(effect, AnswerQuery)
    return effect.payload


def test_works_are_listed_with_their_files_and_words() -> None:
    payload = answer(Page(WORKS, "12"))

    assert [each["id"] for each in payload["results"]] == ["5-0", "4-1"]
    assert [each["file_id"] for each in payload["results"]] == ["AgAC5", "AgAC4"]
    assert [each["title"] for each in payload["results"]] == ["a <fox>", "My work"]
    assert {each["caption"] for each in payload["results"]} == {"✨ Made with @painter_bot"}
    assert payload["next_offset"] == "12"
    assert payload["none"] == ""


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("", "en", "Nothing to share yet"),
        ("", "ru", "Делиться пока нечем"),
        ("wolf", "en", "No such work"),
        ("wolf", "ru", "Такой работы нет"),
    ],
)
def test_who_has_nothing_to_share_is_led_to_the_bot(text: str, language: str, told: str) -> None:
    payload = answer(Page((), ""), text, language=language)

    assert told in payload["none"]
    assert len(payload["none"]) <= 64


def test_the_end_of_the_list_says_nothing() -> None:
    assert answer(Page((), ""), offset="12")["none"] == ""


def test_a_query_neither_moves_the_dialogue_nor_opens_the_chat() -> None:
    talk = Talk(loads={"page_of_user": Page(WORKS, "")}, reachable=False).hear(asked())

    assert [type(each) for each in talk.effects] == [AnswerQuery]
