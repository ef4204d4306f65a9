"""What the simulated Telegram makes of texts, albums and payments."""

import asyncio
import json
import time
from typing import Any

import aiohttp
import pytest

from sandbox.files.picture import draw
from sandbox.telegram import TelegramSandbox, answers
from sandbox.telegram.entities import parse
from sandbox.telegram.errors import ApiError
from sandbox.telegram.faults import Fault
from tests.support.sandbox_telegram import TOKEN, USER, Api, serve

PNG = draw("x", "1:1")


@pytest.mark.parametrize(
    ("text", "plain", "entities"),
    [
        (
            "*bold* _it_ __un__",
            "bold it un",
            [("bold", 0, 4), ("italic", 5, 2), ("underline", 8, 2)],
        ),
        ("~gone~ ||hush||", "gone hush", [("strikethrough", 0, 4), ("spoiler", 5, 4)]),
        (r"1\.5 \- \*no\*", "1.5 - *no*", []),
        ("🐈 *кот*", "🐈 кот", [("bold", 3, 3)]),
        ("*a _b_ c*", "a b c", [("bold", 0, 5), ("italic", 2, 1)]),
        ("`a*b\\`c`", "a*b`c", [("code", 0, 5)]),
        ("```python\nx = 1```", "x = 1", [("pre", 0, 5)]),
        ("[here](https://example.org/a)", "here", [("text_link", 0, 4)]),
        (">one\n>two\nthree", "one\ntwo\nthree", [("blockquote", 0, 7)]),
    ],
)
def test_markdown_v2_becomes_text_and_entities(
    text: str, plain: str, entities: list[tuple[str, int, int]]
) -> None:
    found = parse(text, "MarkdownV2")

    assert found[0] == plain
    assert [(e["type"], e["offset"], e["length"]) for e in found[1]] == entities


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a lone _", "Can't find end of Italic entity at byte offset 7"),
        ("*open", "Can't find end of Bold entity at byte offset 0"),
        ("1.5", "Character '.' is reserved"),
        ("a > b", "Character '>' is reserved"),
        ("кот_", "Can't find end of Italic entity at byte offset 6"),
        ("`open", "Can't find end of Code entity"),
        ("[text] x", "Can't find the URL"),
        ("*a _b* c_", "Can't find end of"),
    ],
)
def test_markdown_v2_that_telegram_cannot_parse_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ApiError, match=problem):
        parse(text, "MarkdownV2")


async def send_album(
    sandbox: TelegramSandbox, items: list[dict[str, Any]], files: dict[str, bytes]
) -> dict[str, Any]:
    form = aiohttp.FormData({"chat_id": str(USER), "media": json.dumps(items)})
    for name, content in files.items():
        form.add_field(name, content, filename=f"{name}.png")
    url = f"{sandbox.url}/bot{TOKEN}/sendMediaGroup"
    async with aiohttp.ClientSession() as session, session.post(url, data=form) as answer:
        found: dict[str, Any] = await answer.json()
        return found


def test_an_album_holds_uploads_and_known_files_under_one_group() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        known = sandbox.state.store_file(PNG, "k.png", "image/png")
        items = [
            {"type": "photo", "media": "attach://one", "caption": "<b>a</b>", "parse_mode": "HTML"},
            {"type": "photo", "media": known.file_id},
        ]
        sent = (await send_album(sandbox, items, {"one": PNG}))["result"]
        assert len({message["media_group_id"] for message in sent}) == 1
        assert [message.get("caption") for message in sent] == ["a", None]
        assert sent[1]["photo"][-1]["file_id"] == known.file_id
        assert sandbox.state.violations == []

    serve(use)


@pytest.mark.parametrize(
    ("items", "problem"),
    [
        ([{"type": "photo", "media": "attach://a"}], "2-10"),
        ([{"type": "photo", "media": "attach://a"}] * 11, "2-10"),
        (
            [{"type": "photo", "media": "attach://a"}, {"type": "document", "media": "attach://a"}],
            "can't mix",
        ),
        ([{"type": "photo", "media": "attach://a"}, {"type": "photo", "media": "x"}], "wrong file"),
        ([{"type": "photo", "media": "attach://b"}] * 2, "wrong file"),
        (["photo", "photo"], "can't parse"),
    ],
)
def test_an_album_that_telegram_refuses_leaves_nothing_behind(
    items: list[dict[str, Any]], problem: str
) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        answer = await send_album(sandbox, items, {"a": PNG})
        assert answer["error_code"] == 400
        assert problem in answer["description"]
        assert sandbox.state.messages[USER] == {}

    serve(use)


def test_a_voice_message_arrives_as_one() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        known = sandbox.state.store_file(b"OggS", "v.ogg", "audio/ogg")
        sent = (await api("sendVoice", chat_id=USER, voice=known.file_id))["result"]
        assert sent["voice"]["mime_type"] == "audio/ogg"

    serve(use)


def test_a_payment_is_asked_about_and_answered_once_in_time() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        query = sandbox.actions.checkout(USER, "order-1", 50)
        (update,) = (await api("getUpdates"))["result"]
        asked = update["pre_checkout_query"]
        assert (asked["id"], asked["currency"], asked["total_amount"]) == (query, "XTR", 50)
        assert asked["invoice_payload"] == "order-1"
        name = "answerPreCheckoutQuery"
        bare = await api(name, pre_checkout_query_id=query, ok=False)
        assert "error_message" in bare["description"]
        assert (await api(name, pre_checkout_query_id=query, ok=True))["ok"]
        again = await api(name, pre_checkout_query_id=query, ok=True)
        assert "query is too old" in again["description"]
        assert sandbox.state.checkouts[query].ok is True

    serve(use)


def test_a_payment_that_waited_over_ten_seconds_is_lost() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        query = sandbox.actions.checkout(USER, "order-1", 50)
        sandbox.state.checkouts[query].asked_at -= answers.CHECKOUT_SECONDS
        late = await api("answerPreCheckoutQuery", pre_checkout_query_id=query, ok=True)
        assert "query is too old" in late["description"]

    serve(use)


def test_a_press_is_answered_once_within_15_seconds() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sent = (await api("sendMessage", chat_id=USER, text="x"))["result"]
        name = "answerCallbackQuery"
        query = sandbox.actions.press(USER, sent["message_id"], "data")
        assert (await api(name, callback_query_id=query))["ok"]
        assert "too old" in (await api(name, callback_query_id=query))["description"]
        late = sandbox.actions.press(USER, sent["message_id"], "data")
        sandbox.state.presses[late].pressed_at -= answers.ANSWER_SECONDS
        assert "too old" in (await api(name, callback_query_id=late))["description"]

    serve(use)


@pytest.mark.parametrize(
    ("method", "good", "bad"),
    [
        ("sendMessage", {"text": "x" * 4096}, {"text": "x" * 4097}),
        ("sendMessage", {"text": f"<b>{'x' * 4096}</b>", "parse_mode": "HTML"}, {"text": ""}),
        ("sendPhoto", {"caption": "🐈" * 512}, {"caption": "🐈" * 513}),
        ("setMyCommands", {"commands": [("a" * 32, "x" * 256)]}, {"commands": [("a" * 33, "x")]}),
        ("setMyCommands", {"commands": [("a", "x")] * 100}, {"commands": [("a", "x")] * 101}),
    ],
)
def test_lengths_end_where_telegram_ends_them(
    method: str, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        known = sandbox.state.store_file(PNG, "k.png", "image/png")
        for given, fits in ((good, True), (bad, False)):
            commands = [{"command": c, "description": d} for c, d in given.get("commands", [])]
            target = {"commands": commands} if commands else {"chat_id": USER}
            photo = {"photo": known.file_id} if method == "sendPhoto" else {}
            assert (await api(method, **{**given, **photo, **target}))["ok"] is fits

    serve(use)


def test_a_text_to_copy_ends_at_256_characters() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        for length, fits in ((256, True), (257, False)):
            button = {"text": "copy", "copy_text": {"text": "x" * length}}
            markup = {"inline_keyboard": [[button]]}
            answer = await api("sendMessage", chat_id=USER, text="x", reply_markup=markup)
            assert answer["ok"] is fits

    serve(use)


def test_an_overloaded_server_refuses_after_a_while() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.faults.active += [
            Fault("delay", "sendMessage", seconds=0.1),
            Fault("error", "sendMessage", code=429, retry_after=60),
        ]
        begun = time.monotonic()
        answer = await api("sendMessage", chat_id=USER, text="x")
        assert time.monotonic() - begun >= 0.09
        assert (answer["error_code"], answer["parameters"]) == (429, {"retry_after": 60})

    serve(use)


def test_a_poll_can_hang() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.faults.active.append(Fault("trickle", "getUpdates", seconds=600))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(api("getUpdates"), 0.2)
        assert (await api("getUpdates"))["ok"]

    serve(use)
