"""The simulated Telegram is strict where the real one is, and breaks where a test wants it."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from sandbox.files.picture import draw
from sandbox.telegram import TelegramSandbox
from sandbox.telegram.entities import parse
from sandbox.telegram.errors import ApiError
from sandbox.telegram.protocol.parameters import METHODS
from tests.support.edges.outside_facts import bot_api
from tests.support.edges.sandbox_telegram import USER, Api, receiver, serve, until


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<b>open", "Can't find end tag"),
        ("close</b>", "Unexpected end tag"),
        ("<b><i>x</b></i>", "Unmatched end tag"),
        ("<blink>x</blink>", "Unsupported start tag"),
        ("a < b", "Unclosed start tag"),
    ],
)
def test_html_that_telegram_cannot_parse_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ApiError, match=problem):
        parse(text, "HTML")


def test_entities_count_utf16_units() -> None:
    text, found = parse("🐈 <b>кот</b> &amp; &lt;x&gt;", "HTML")

    assert text == "🐈 кот & <x>"
    assert found == [{"type": "bold", "offset": 3, "length": 3}]


@pytest.mark.parametrize(
    ("method", "parameters", "code", "problem"),
    [
        ("sendMessage", {"chat_id": 1, "text": "x"}, 400, "chat not found"),
        ("sendMessage", {"chat_id": USER, "text": ""}, 400, "message text is empty"),
        ("sendMessage", {"chat_id": USER, "text": "x" * 4097}, 400, "message is too long"),
        ("sendMessage", {"chat_id": USER}, 400, "message text is empty"),
        ("editMessageText", {"chat_id": USER, "message_id": 9, "text": "x"}, 400, "not found"),
        ("answerCallbackQuery", {"callback_query_id": "0"}, 400, "query is too old"),
        ("sendPhoto", {"chat_id": USER, "photo": "nothing"}, 400, "wrong file identifier"),
        ("noSuchMethod", {}, 404, "method not found"),
        ("setWebhook", {"url": "http://example.org"}, 400, "HTTPS"),
    ],
)
def test_a_wrong_call_is_refused_in_telegrams_words(
    method: str, parameters: dict[str, Any], code: int, problem: str
) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        answer = await api(method, **parameters)
        assert (answer["ok"], answer["error_code"]) == (False, code)
        assert problem in answer["description"]

    serve(use)


def test_callback_data_over_64_bytes_is_refused() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        for data, good in (("x" * 64, True), ("ж" * 33, False), ("", False)):
            markup = {"inline_keyboard": [[{"text": "b", "callback_data": data}]]}
            answer = await api("sendMessage", chat_id=USER, text="x", reply_markup=markup)
            assert answer["ok"] is good, data

    serve(use)


def test_what_telegram_would_ignore_in_silence_is_written_down() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        await api("sendMessage", chat_id=USER, text="x", colour="red")
        await api("unknownMethod")
        assert len(sandbox.state.violations) == 2

    serve(use)


def test_an_edit_that_changes_nothing_is_refused() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sent = (await api("sendMessage", chat_id=USER, text="x"))["result"]
        same = {"chat_id": USER, "message_id": sent["message_id"], "text": "x"}
        assert "message is not modified" in (await api("editMessageText", **same))["description"]
        assert (await api("editMessageText", **{**same, "text": "y"}))["ok"]

    serve(use)


def test_flood_limits_name_the_seconds_to_wait() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.limits.enabled = True
        answers = [await api("sendMessage", chat_id=USER, text=str(n)) for n in range(7)]
        refused = [answer for answer in answers if not answer["ok"]]
        assert refused
        assert all(answer["parameters"]["retry_after"] >= 1 for answer in refused)

    serve(use)


def test_both_kinds_of_409_are_told_apart() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        first = asyncio.create_task(api("getUpdates", timeout=5))
        await asyncio.sleep(0.1)
        second = asyncio.create_task(api("getUpdates", timeout=1))
        assert "terminated by other getUpdates" in (await first)["description"]
        await second
        await api("setWebhook", url="http://127.0.0.1:9/x")
        assert "while webhook is active" in (await api("getUpdates"))["description"]

    serve(use)


def test_an_offset_confirms_what_lies_below_it() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        for text in ("one", "two"):
            sandbox.actions.say(USER, text)
        both = (await api("getUpdates"))["result"]
        again = (await api("getUpdates", offset=both[1]["update_id"]))["result"]
        assert [u["message"]["text"] for u in both] == ["one", "two"]
        assert [u["message"]["text"] for u in again] == ["two"]

    serve(use)


def test_an_update_that_waited_too_long_is_dropped() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.state.updates.lives["press"] = 0.0
        sent = (await api("sendMessage", chat_id=USER, text="x"))["result"]
        sandbox.queries.press(USER, sent["message_id"], "data")
        sandbox.actions.say(USER, "still here")
        found = (await api("getUpdates"))["result"]
        assert [list(update)[1] for update in found] == ["message"]

    serve(use)


def test_numbers_of_updates_may_start_anew() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.state.updates.restart_ids(7)
        sandbox.actions.say(USER, "x")
        assert (await api("getUpdates"))["result"][0]["update_id"] == 7

    serve(use)


def test_a_webhook_gets_its_secret_and_is_tried_again_in_order() -> None:
    got: list[tuple[str, str]] = []

    async def receive(request: web.Request) -> web.Response:
        update = await request.json()
        secret = request.headers["X-Telegram-Bot-Api-Secret-Token"]
        got.append((secret, update["message"]["text"]))
        return web.Response(status=500 if len(got) <= 2 else 200)

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        async with receiver(receive) as url:
            await api("setWebhook", url=url, secret_token="abc")
            for text in ("one", "two"):
                sandbox.actions.say(USER, text)
            await until(lambda: not sandbox.state.updates.pending)
            assert got == [("abc", "one")] * 3 + [("abc", "two")]
            info = (await api("getWebhookInfo"))["result"]
            assert "Wrong response from the webhook: 500" in info["last_error_message"]

    serve(use)


def test_an_identical_webhook_is_already_set_and_a_hasty_one_is_too_many() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        await api("setWebhook", url="https://example.org/a")
        same = await api("setWebhook", url="https://example.org/a")
        assert same["description"] == "Webhook is already set"
        assert (await api("setWebhook", url="https://example.org/b"))["error_code"] == 429

    serve(use)


def test_a_url_that_failed_once_fails_for_days() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        for _ in range(2):
            answer = await api("sendPhoto", chat_id=USER, photo="http://127.0.0.1:9/x.png")
            assert "failed to get HTTP URL content" in answer["description"]
        assert len(sandbox.state.files.failed_urls) == 1

    serve(use)


def test_a_revoked_token_and_a_blocked_bot_are_refused() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.membership.block(USER, blocked=True)
        assert (await api("sendMessage", chat_id=USER, text="x"))["error_code"] == 403
        sandbox.state.revoked = True
        assert (await api("getMe"))["error_code"] == 401

    serve(use)


def test_answers_have_the_shape_of_the_bot_api() -> None:
    def check(answer: dict[str, Any], name: str) -> None:
        described = bot_api()["types"][name]
        assert set(described["required"]) <= set(answer), name
        assert set(answer) <= {*described["required"], *described["optional"]}, name

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sent = (await api("sendMessage", chat_id=USER, text="x"))["result"]
        photo = sandbox.state.files.store(draw("x", "1:1"), "x.png", "image/png")
        shown = (await api("sendPhoto", chat_id=USER, photo=photo.file_id))["result"]
        check(sent, "Message")
        check(sent["chat"], "Chat")
        check(shown["photo"][0], "PhotoSize")
        check((await api("getMe"))["result"], "User")
        check((await api("getWebhookInfo"))["result"], "WebhookInfo")

    serve(use)


def test_methods_take_the_parameters_that_the_bot_api_documents() -> None:
    documented = bot_api()["methods"]

    assert set(METHODS) <= set(documented)
    for name, method in METHODS.items():
        required = set(documented[name]["required"])
        # One of two may be given; a bot of ours edits messages in chats.
        assert required <= set(method.required), name
        taken = set(method.required) | set(method.optional)
        assert taken <= required | set(documented[name]["optional"]), name
