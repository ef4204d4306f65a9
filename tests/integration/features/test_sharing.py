"""Inline queries from the inbox to Telegram: own works, page by page, and nobody else's."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from supervisor.runtime.errors import Rejected
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram
from tests.support.shipped import shipped

ME, OTHER = 7, 8


@pytest.fixture
def talk(talk: Conversation) -> Iterator[Conversation]:
    for user in (ME, OTHER):
        talk.rows("SELECT ensure_user(%s)", user)
    with talk.dispatching(), talk.sending():
        yield talk


def made(talk: Conversation, prompt: str, *files: tuple[str, str], user: int = ME) -> int:
    """A job of that user, done and delivered."""
    inputs = json.dumps({"prompt": prompt})
    (job,) = talk.rows(
        "INSERT INTO generation_jobs (bot_id, user_id, model, status, input_params, price)"
        " VALUES (%s, %s, 'z-image', 'success', %s, 0) RETURNING id",
        *(BOT_ID, user, inputs),
    )
    one = len(files) == 1
    kinds = {"kind": files[0][0]} if one else {"files": [[kind, "u"] for kind, _ in files]}
    payload = {"do": "media" if one else "album", "urls": ["u"], **kinds}
    known = files[0][1] if one else json.dumps([each for _, each in files])
    talk.rows(
        "INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, job_id, state,"
        " file_id) VALUES (%s, %s, 'result', %s, %s, %s, 'sent', %s)",
        *(BOT_ID, user, json.dumps(payload), f"job:{job['id']}:end", job["id"], known),
    )
    return int(job["id"])


def ask(talk: Conversation, text: str = "", offset: str = "") -> dict[str, Any]:
    """What Telegram is answered; the query is known by its number."""
    before = len(talk.telegram.sent("answer_inline_query"))
    query = {"id": f"q{before}", "from": telegram.person(ME), "query": text, "offset": offset}
    talk.put({"update_id": 900 + before, "inline_query": query})
    answers = talk.until(
        lambda: len(found := talk.telegram.sent("answer_inline_query")) > before and found[before:],
        "the answer",
    )
    found: dict[str, Any] = answers[-1]
    return found


def names(answer: dict[str, Any]) -> list[str]:
    return [each.to_dict().get(f"{each.type}_file_id") for each in answer["results"]]


def test_everybody_shares_their_own_works_and_only_those(talk: Conversation) -> None:
    first = made(talk, "a fox", ("photo", "fox"))
    made(talk, "a song", ("audio", "one"), ("audio", "two"))
    made(talk, "a secret", ("photo", "secret"), user=OTHER)

    answer = ask(talk)

    assert names(answer) == ["one", "two", "fox"]
    assert answer["is_personal"] is True
    assert names(ask(talk, str(first))) == ["fox"]
    assert names(ask(talk, "SONG")) == ["one", "two"]
    assert names(ask(talk, "secret")) == []
    assert answer["button"] is None


def test_a_work_of_a_preset_is_called_and_found_by_its_users_own_words(
    talk: Conversation,
) -> None:
    sticker = next(each for each in shipped().presets if each.name == "sticker")
    made(talk, sticker.complete({"words": "рыжий кот"})["prompt"], ("photo", "cat"))
    made(talk, "a fox on a white border", ("photo", "fox"))

    (cat,) = ask(talk, "кот")["results"]

    assert cat.title == "рыжий кот"
    assert names(ask(talk, "white border")) == ["fox"]


def test_the_list_goes_on_at_its_offset(talk: Conversation) -> None:
    for number in range(14):
        made(talk, f"work {number}", ("photo", f"w{number}"))

    first = ask(talk)
    assert len(first["results"]) == 12
    second = ask(talk, offset=first["next_offset"])

    assert names(second) == ["w1", "w0"]
    assert second["next_offset"] == ""


def test_a_file_of_another_kind_than_it_was_meant_is_a_document(talk: Conversation) -> None:
    made(talk, "a fox", ("photo", "fox"))
    talk.telegram.script["answer_inline_query"] = [Rejected("wrong file identifier")]

    ask(talk)
    talk.until(lambda: len(talk.telegram.sent("answer_inline_query")) == 2, "the second answer")

    assert names(talk.telegram.sent("answer_inline_query")[-1]) == ["fox"]
    assert talk.telegram.sent("answer_inline_query")[-1]["results"][0].type == "document"


def test_a_file_that_was_sent_as_a_document_does_not_hide_the_others(talk: Conversation) -> None:
    """A large picture goes as a file. One refused result refuses the whole answer."""
    made(talk, "a fox", ("photo", "AgACphoto"))
    made(talk, "a large fox", ("photo", "BQACfile"))
    made(talk, "a silent clip", ("video", "CgACclip"))
    made(talk, "a song", ("audio", "CQACsong"), ("video", "BAACfilm"))
    talk.telegram.script["answer_inline_query"] = [Rejected("wrong file identifier")]

    ask(talk)
    talk.until(lambda: len(talk.telegram.sent("answer_inline_query")) == 2, "the second answer")

    results = [each.to_dict() for each in talk.telegram.sent("answer_inline_query")[-1]["results"]]
    kinds = ("audio", "video", "mpeg4", "document", "photo")
    shown = [
        (kind, each[f"{kind}_file_id"])
        for each in results
        for kind in kinds
        if f"{kind}_file_id" in each
    ]
    assert shown == [
        ("audio", "CQACsong"),
        ("video", "BAACfilm"),
        ("mpeg4", "CgACclip"),
        ("document", "BQACfile"),
        ("photo", "AgACphoto"),
    ]


def test_who_has_nothing_is_led_to_the_bot(talk: Conversation) -> None:
    answer = ask(talk)

    assert answer["button"].start_parameter == "share"
    assert answer["results"] == []
