"""How the simulated Telegram treats a webhook: where it calls, in which order, how often."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from sandbox.telegram import TelegramSandbox
from tests.support.edges.sandbox_telegram import USER, Api, receiver, serve, until

OTHER = 1003
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def texts(got: list[bytes]) -> list[str]:
    return [json.loads(body)["message"]["text"] for body in got]


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://example.org/a", "HTTPS URL"),
        ("https://example.org:8080/a", "ports 80, 88, 443 or 8443"),
        ("https://[2a00::1]/a", "IPv6-only"),
        ("https://10.1.2.3/a", "reserved"),
        ("https://example.org:x/a", "invalid"),
        ("https://example.org:8443/a", ""),
    ],
)
def test_a_webhook_is_called_only_where_telegram_calls(url: str, problem: str) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        answer = await api("setWebhook", url=url)
        assert answer["ok"] is not bool(problem)
        assert problem in answer["description"]

    serve(use)


def test_kinds_of_updates_stay_as_they_were_asked_for() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        def put(kind: str) -> None:
            sandbox.actions.raw(f'{{"update_id": $ID, "{kind}": {{}}}}', kind=kind)

        put("chat_member")  # nobody asked for it by name
        put("message")
        await api("setWebhook", url="https://example.org/a", allowed_updates=["message"])
        await api("deleteWebhook")
        put("callback_query")
        assert [update.kind for update in sandbox.state.updates.pending] == ["message"]
        await api("getUpdates", allowed_updates=[])
        put("callback_query")
        assert [update.kind for update in sandbox.state.updates.pending] == [
            "message",
            "callback_query",
        ]

    serve(use)


def test_traffic_can_be_routed_elsewhere() -> None:
    got: list[bytes] = []

    async def receive(request: web.Request) -> web.Response:
        got.append(await request.read())
        return web.Response()

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        async with receiver(receive) as url:
            sandbox.delivery.route = url
            await api("setWebhook", url="https://example.org/hook")
            sandbox.actions.say(USER, "x")
            await until(lambda: got)

    serve(use)


def test_any_2xx_is_success_and_a_method_in_it_is_noted() -> None:
    async def receive(request: web.Request) -> web.Response:
        return web.json_response({"method": "sendMessage"}, status=202)

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        async with receiver(receive) as url:
            await api("setWebhook", url=url)
            sandbox.actions.say(USER, "x")
            await until(lambda: not sandbox.state.updates.pending)
            assert len(sandbox.delivery.tries) == 1
            assert len(sandbox.state.violations) == 1

    serve(use)


def test_a_slow_webhook_gets_the_update_again() -> None:
    got: list[bytes] = []
    enough = asyncio.Event()

    async def receive(request: web.Request) -> web.Response:
        got.append(await request.read())
        if len(got) == 1:
            await enough.wait()
        return web.Response()

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.delivery.answer_seconds = 0.05
        async with receiver(receive) as url:
            await api("setWebhook", url=url)
            sandbox.actions.say(USER, "x")
            await until(lambda: not sandbox.state.updates.pending)
            assert texts(got) == ["x", "x"]
            assert [each["status"] for each in sandbox.delivery.tries] == [0, 200]
            enough.set()

    serve(use)


def test_a_retry_after_is_honoured() -> None:
    async def receive(request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "3000"})

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        async with receiver(receive) as url:
            await api("setWebhook", url=url)
            sandbox.actions.say(USER, "x")
            await until(lambda: sandbox.delivery.tries)
            # Without the header the next try would come at once.
            sandbox.actions.say(OTHER, "y")
            await until(lambda: len(sandbox.delivery.tries) >= 2)
            assert len({each["update_id"] for each in sandbox.delivery.tries}) == 2

    serve(use)


def test_a_text_and_a_press_of_one_user_are_not_ordered() -> None:
    answered: list[str] = []
    release = asyncio.Event()

    async def receive(request: web.Request) -> web.Response:
        body = await request.json()
        if "message" in body:
            await release.wait()
        answered.append("message" if "message" in body else "press")
        return web.Response()

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        async with receiver(receive) as url:
            await api("setWebhook", url=url)
            sandbox.actions.say(USER, "one")
            sandbox.actions.say(USER, "two")
            sent = (await api("sendMessage", chat_id=USER, text="x"))["result"]
            sandbox.queries.press(USER, sent["message_id"], "data")
            await until(lambda: answered)
            # The second text waits for the first; the press does not.
            assert answered == ["press"]
            release.set()
            await until(lambda: not sandbox.state.updates.pending)
            assert answered == ["press", "message", "message"]

    serve(use)


def test_only_twice_the_connections_in_queues_are_looked_at() -> None:
    got: list[bytes] = []

    async def receive(request: web.Request) -> web.Response:
        got.append(await request.read())
        return web.Response(status=500, headers={"Retry-After": "3600"})

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.state.time_scale = 1.0
        async with receiver(receive) as url:
            await api("setWebhook", url=url, max_connections=1)
            for user in (1001, 1002, 1003):
                sandbox.actions.say(user, str(user))
            await until(lambda: len(got) >= 2)
            await asyncio.sleep(0.1)
            # Two chats that fail stop the delivery for the whole bot.
            assert texts(got) == ["1001", "1002"]
            assert (await api("setWebhook", url=url, max_connections=101))["error_code"] == 400

    serve(use)


def test_each_kind_of_update_has_its_life() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.state.updates.lives.update(inline=0.0, chosen=0.0)
        for kind, life in (
            ("inline_query", "inline"),
            ("chosen_inline_result", "chosen"),
            ("message", "message"),
        ):
            body = f'{{"update_id": $ID, "{kind}": {{}}}}'
            sandbox.actions.raw(body, kind=kind, life=life)
        found = (await api("getUpdates"))["result"]
        assert [list(update)[1] for update in found] == ["message"]

    serve(use)


def test_an_update_can_be_delivered_again() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.actions.say(USER, "x")
        (first,) = (await api("getUpdates"))["result"]
        await api("getUpdates", offset=first["update_id"] + 1)
        sandbox.state.updates.deliver_again(first["update_id"])
        assert (await api("getUpdates", offset=1))["result"] == [first]

    serve(use)


def test_an_update_of_any_kind_can_be_put_on_the_way() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        body = '{"update_id": $ID, "subscription": {"state": "canceled"}}'
        sandbox.actions.raw(body, kind="subscription")
        (update,) = (await api("getUpdates"))["result"]
        assert update["subscription"] == {"state": "canceled"}

    serve(use)
