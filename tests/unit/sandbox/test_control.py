"""Steering the simulators over HTTP: every option does what its name says, mistakes are told."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.client import SandboxClient
from sandbox.kie.client import KieControl
from sandbox.telegram import TelegramSandbox
from tests.support.edges.sandbox_kie import Client, Got
from tests.support.edges.sandbox_kie import serve as serve_kie
from tests.support.edges.sandbox_telegram import USER, Api, serve

#: Value, and what must be true of the simulator afterwards.
OPTIONS: dict[str, tuple[Any, Callable[[TelegramSandbox], bool]]] = {
    "revoked": (True, lambda s: s.state.revoked),
    "flood": (True, lambda s: s.limits.enabled),
    "route": ("http://127.0.0.1:9", lambda s: s.delivery.route == "http://127.0.0.1:9"),
    "time_scale": (0.5, lambda s: s.state.time_scale == 0.5),
    "lives": ({"press": 1.0}, lambda s: s.state.updates.lives["press"] == 1.0),
    "next_update_id": (7, lambda s: s.state.updates.next_id() == 7),
    "scarce_connections": (True, lambda s: s.delivery.connecting.enabled),
    "gone_since": (60, lambda s: s.state.updates.webhook.gone_since is not None),
    "deactivated": (USER, lambda s: s.state.users[USER].deactivated),
    "answer_seconds": (1.0, lambda s: s.delivery.answer_seconds == 1.0),
    "nulls": (True, lambda s: s.state.updates.nulls),
    "local": ("unreadable", lambda s: s.state.files.local == "unreadable"),
    "inline": (True, lambda s: s.state.inline),
    "inline_feedback": (True, lambda s: s.state.inline_feedback),
    "privacy": (False, lambda s: not s.state.privacy),
}
ACCOUNT: dict[str, Any] = {
    "credits": 5.0,
    "api_key": "another",
    "maintenance": 503,
    "hmac_key": "key",
    "limits_on": False,
    "time_scale": 0.5,
    "fetch_inputs": False,
    "withdrawn": ["z-image"],
    "dialects": ["message"],
    "file_seconds": 60.0,
    "away": True,
}


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_reaches_the_simulated_telegram(name: str) -> None:
    value, true_of = OPTIONS[name]

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        assert not true_of(sandbox)
        client = SandboxClient(sandbox.url)
        await asyncio.to_thread(lambda: client.options(**{name: value}))
        assert true_of(sandbox)

    serve(use)


@pytest.mark.parametrize("name", ACCOUNT)
def test_every_setting_of_the_account_reaches_the_simulated_kie(name: str) -> None:
    value = ACCOUNT[name]

    async def use(client: Client, got: Got) -> None:
        control = KieControl(client.kie.account.url)
        await asyncio.to_thread(lambda: control.account(**{name: value}))
        found = getattr(client.kie.account, name)
        assert found == (set(value) if isinstance(value, list) else value)

    serve_kie(use)


def test_a_mistake_in_steering_is_told() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        client = SandboxClient(sandbox.url)
        for mistake in (
            lambda: client.options(no_such_option=1),
            lambda: client.fault("no such fault"),
            lambda: client.say(1, "nobody"),
            lambda: client.deliver_again(1),
            lambda: client.pay(USER, message_id=1),
        ):
            with pytest.raises(ValueError, match="error"):
                await asyncio.to_thread(mistake)

    serve(use)


def test_a_whole_payment_can_be_steered_and_seen() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        client = SandboxClient(sandbox.url)
        prices = [{"label": "x", "amount": 5}]
        given = {"title": "t", "description": "d", "payload": "p", "currency": "XTR"}
        sent = (await api("sendInvoice", chat_id=USER, prices=prices, **given))["result"]
        query = await asyncio.to_thread(lambda: client.pay(USER, message_id=sent["message_id"]))
        assert [each["open"] for each in await asyncio.to_thread(client.checkouts)] == [True]
        await api("answerPreCheckoutQuery", pre_checkout_query_id=query, ok=True)
        state = await asyncio.to_thread(client.state)
        assert [each["open"] for each in state["checkouts"]] == [False]
        assert [checkout["ok"] for checkout in state["checkouts"]] == [True]
        assert [payment["total_amount"] for payment in state["payments"]] == [5]
        newest = state["last_update_id"]
        await asyncio.to_thread(lambda: client.deliver_again(newest))
        assert [update.id for update in sandbox.state.updates.pending].count(newest) == 2

    serve(use)


def test_a_user_sends_files_and_albums_through_the_client() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        client = SandboxClient(sandbox.url)
        await asyncio.to_thread(lambda: client.send(USER, "photo", caption="look"))
        await asyncio.to_thread(lambda: client.send(USER, "video", size=1_000_000, name="a.mp4"))
        await asyncio.to_thread(lambda: client.send_album(USER, ["photo", "video"], "both"))
        found = await asyncio.to_thread(lambda: client.messages(USER))
        assert [m.get("caption") for m in found] == ["look", None, "both", None]
        assert found[1]["video"]["file_size"] == 1_000_000
        assert found[2]["media_group_id"] == found[3]["media_group_id"]

    serve(use)
