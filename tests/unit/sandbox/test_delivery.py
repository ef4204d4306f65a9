"""How the simulated Telegram brings updates to a bot that is slow, gone or greedy."""

import time

from aiohttp import web

from sandbox.telegram import TelegramSandbox
from sandbox.telegram.delivery import connecting, webhook
from tests.support.edges.sandbox_telegram import USER, Api, receiver, serve, until


def test_a_webhook_that_was_gone_for_23_hours_is_removed() -> None:
    async def gone(request: web.Request) -> web.Response:
        return web.Response(status=410)

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        async with receiver(gone) as url:
            await api("setWebhook", url=url)
            sandbox.actions.say(USER, "x")
            await until(lambda: len(sandbox.delivery.tries) >= 2)
            limit = webhook.GONE_SECONDS * sandbox.state.time_scale
            sandbox.state.updates.webhook.gone_since = time.monotonic() - 0.9 * limit
            before = len(sandbox.delivery.tries)
            await until(lambda: len(sandbox.delivery.tries) > before)
            assert sandbox.state.updates.webhook.url == url
            sandbox.state.updates.webhook.gone_since = time.monotonic() - limit
            await until(lambda: not sandbox.state.updates.webhook.url)
            # The update waits for whoever asks for it next.
            assert len((await api("getUpdates"))["result"]) == 1

    serve(use)


def test_one_other_answer_ends_the_count_of_410() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        async def broken(request: web.Request) -> web.Response:
            return web.Response(status=410 if len(sandbox.delivery.tries) < 2 else 500)

        async with receiver(broken) as url:
            await api("setWebhook", url=url)
            sandbox.actions.say(USER, "x")
            await until(lambda: sandbox.state.updates.webhook.gone_since is not None)
            await until(lambda: sandbox.state.updates.webhook.gone_since is None)
            assert sandbox.state.updates.webhook.url == url

    serve(use)


def test_new_connections_are_scarce_once_that_is_switched_on() -> None:
    async def closes(request: web.Request) -> web.Response:
        response = web.Response()
        response.force_close()
        return response

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.delivery.connecting.enabled = True
        async with receiver(closes) as url:
            await api("setWebhook", url=url)
            for _ in range(connecting.HEALTHY[0] + 5):
                sandbox.actions.raw(
                    '{"update_id": $ID}', queue=str(sandbox.state.updates.next_id())
                )
            begun = time.monotonic()
            await until(lambda: not sandbox.state.updates.pending)
            assert time.monotonic() - begun >= connecting.HEALTHY[1] * 0.9
            assert sandbox.delivery.connecting.opened == connecting.HEALTHY[0] + 5

    serve(use)


def test_a_webhook_that_long_failed_gets_one_connection_in_two_seconds() -> None:
    scarce = connecting.Connecting()
    begun = time.monotonic()

    assert scarce.pace(begun) == connecting.HEALTHY
    assert scarce.pace(begun + connecting.PATIENCE + 1) == connecting.FAILING


def test_the_same_offset_at_once_brings_one_update_and_a_longer_wait() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        for text in ("one", "two"):
            sandbox.actions.say(USER, text)
        first = (await api("getUpdates", offset=1))["result"]
        assert len(first) == 2
        assert len((await api("getUpdates", offset=1))["result"]) == 1
        behind = first[-1]["update_id"] + 1
        await api("getUpdates", offset=behind)
        begun = time.monotonic()
        assert (await api("getUpdates", offset=behind, timeout=0))["result"] == []
        # Three seconds, times the scale.
        assert time.monotonic() - begun >= 0.2

    serve(use, time_scale=0.1)


def test_the_second_conflict_is_answered_late() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        await api("setWebhook", url="https://example.org/a")
        assert (await api("getUpdates"))["error_code"] == 409
        begun = time.monotonic()
        assert (await api("getUpdates"))["error_code"] == 409
        assert time.monotonic() - begun >= 0.2

    serve(use, time_scale=0.1)


def test_an_answer_to_get_updates_ends_at_4_mib() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        body = '{"update_id": $ID, "message": {"text": "' + "x" * 1_500_000 + '"}}'
        for _ in range(4):
            sandbox.actions.raw(body)
        found = (await api("getUpdates"))["result"]
        assert len(found) == 2
        assert len((await api("getUpdates", offset=found[-1]["update_id"] + 1))["result"]) == 2

    serve(use)
