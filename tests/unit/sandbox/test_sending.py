"""What the simulated Telegram makes of texts, albums and payments."""

import asyncio
import json
import time
from typing import Any

import aiohttp
import pytest

from sandbox.files.picture import draw
from sandbox.telegram import TelegramSandbox
from sandbox.telegram.api import answers
from sandbox.telegram.faults import Fault
from sandbox.telegram.state.queries import CHECKOUT_SECONDS
from tests.support.edges.sandbox_telegram import TOKEN, USER, Api, serve

PNG = draw("x", "1:1")


@pytest.mark.parametrize("mode", ["MarkdownV2", "Markdown", "Wiki"])
def test_a_parse_mode_that_nobody_reads_here_is_refused_and_written_down(mode: str) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        answer = await api("sendMessage", chat_id=USER, text="*x*", parse_mode=mode)
        assert (answer["ok"], answer["error_code"]) == (False, 400)
        assert f"unsupported parse_mode {mode}" in answer["description"]
        assert mode in sandbox.state.violations[0]
        assert sandbox.state.messages[USER] == {}

    serve(use)


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
        known = sandbox.state.files.store(PNG, "k.png", "image/png")
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
        known = sandbox.state.files.store(b"OggS", "v.ogg", "audio/ogg")
        sent = (await api("sendVoice", chat_id=USER, voice=known.file_id))["result"]
        assert sent["voice"]["mime_type"] == "audio/ogg"

    serve(use)


def test_a_payment_is_asked_about_and_answered_once_in_time() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        query = sandbox.queries.checkout(USER, "order-1", 50)
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
        query = sandbox.queries.checkout(USER, "order-1", 50)
        sandbox.state.checkouts[query].asked_at -= CHECKOUT_SECONDS
        late = await api("answerPreCheckoutQuery", pre_checkout_query_id=query, ok=True)
        assert "query is too old" in late["description"]

    serve(use)


def test_a_press_is_answered_once_within_15_seconds() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sent = (await api("sendMessage", chat_id=USER, text="x"))["result"]
        name = "answerCallbackQuery"
        query = sandbox.queries.press(USER, sent["message_id"], "data")
        assert (await api(name, callback_query_id=query))["ok"]
        assert "too old" in (await api(name, callback_query_id=query))["description"]
        late = sandbox.queries.press(USER, sent["message_id"], "data")
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
        known = sandbox.state.files.store(PNG, "k.png", "image/png")
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
