"""The webhook while ACTIVE: looked at, made right, and what is said of it."""

import asyncio
import datetime
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from loguru import logger

from handlers.intake.webhook_setup import KNOWN_FOR
from supervisor.runtime.errors import Misconfigured
from tests.support.chats.conversation import Conversation
from tests.support.chats.webhooks import IDENTITY, URL, FakeApi, ensure, webhook_setup
from tests.support.edges.telegram_answers import dead_token, not_reached

pytestmark = pytest.mark.any_server


@pytest.fixture
def lines() -> Iterator[list[str]]:
    found: list[str] = []
    number = logger.add(lambda message: found.append(message.record["message"]), level="DEBUG")
    yield found
    logger.remove(number)


def test_keeping_says_the_agreed_lines_and_tries_again_after_a_failure(
    talk: Conversation, api: FakeApi, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.intake.webhook_setup.PAUSES", (0.01,))
    api.failures = [not_reached()]
    configured: list[bool] = []

    async def maintain() -> None:
        stop = asyncio.Event()

        def told(right: bool) -> None:
            configured.append(right)
            if right:
                stop.set()

        watch = webhook_setup(talk, api, configured=told)
        await watch.maintain(talk.term, talk.gate, stop)

    asyncio.run(maintain())

    assert configured == [False, True]
    assert [line for line in lines if line.startswith("[WEBHOOK_SETUP]")] == [
        "[WEBHOOK_SETUP] 🔧 Calling ensure_webhook",
        "[WEBHOOK_SETUP] ❌ Failed to set webhook! Bot will NOT receive updates.",
        "[WEBHOOK_SETUP] ✅ ✅ ✅ WEBHOOK CONFIGURED SUCCESSFULLY",
        "[WEBHOOK_SETUP] ✅ Bot will now receive /start and other commands",
    ]
    assert not [line for line in lines if IDENTITY.webhook_id in line]


def test_a_refused_token_ends_the_keeping(talk: Conversation, api: FakeApi) -> None:
    api.failures = [dead_token()]

    with pytest.raises(Misconfigured, match="TELEGRAM_BOT_TOKEN"):
        asyncio.run(webhook_setup(talk, api).maintain(talk.term, talk.gate, asyncio.Event()))


def test_keeping_ends_at_the_stop_and_leaves_the_webhook(talk: Conversation, api: FakeApi) -> None:
    async def maintain() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        threading.Timer(0.2, lambda: loop.call_soon_threadsafe(stop.set)).start()
        await asyncio.wait_for(webhook_setup(talk, api).maintain(talk.term, talk.gate, stop), 5)

    asyncio.run(maintain())

    assert api.url == URL
    assert "delete" not in api.calls


def ago(seconds: float) -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("ages", "pending", "persists"),
    [
        ([None, None], 5, False),
        ([100.0, 40.0], 5, True),
        ([100.0, 40.0], 0, False),  # nothing waits: it got through after all
        ([100.0, 100.0], 5, False),  # the same error, seen twice
        ([100.0, None], 5, False),
        ([900.0, 800.0], 5, False),
    ],
)
def test_an_error_of_telegrams_that_comes_again_is_a_trouble(
    talk: Conversation,
    api: FakeApi,
    monkeypatch: pytest.MonkeyPatch,
    ages: list[float | None],
    pending: int,
    persists: bool,
) -> None:
    monkeypatch.setattr("handlers.intake.webhook_setup.LOOK_EVERY", 0.01)
    ensure(talk, api)
    at = {age: ago(age) for age in ages if age is not None}
    api.errors = [None if age is None else at[age] for age in ages]
    api.pending = pending
    heard: list[str | None] = []

    async def maintain() -> None:
        stop = asyncio.Event()

        def told(reason: str | None) -> None:
            heard.append(reason)
            if len(heard) == len(ages):
                stop.set()

        await webhook_setup(talk, api, trouble=told).maintain(talk.term, talk.gate, stop)

    asyncio.run(maintain())

    assert heard[0] is None
    assert (heard[1] is not None) == persists
    if persists:
        assert heard[1] == "Telegram cannot reach the webhook: Connection refused; 5 updates wait"
    assert heard[-1] is None  # whoever is ACTIVE next looks for itself


def test_a_telegram_that_does_not_answer_for_long_is_a_trouble(
    talk: Conversation, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.intake.webhook_setup.LOOK_EVERY", 0.01)
    monkeypatch.setattr("handlers.intake.webhook_setup.PAUSES", (0.01,) * 3)
    ensure(talk, api)
    heard: list[str | None] = []

    async def maintain() -> None:
        stop = asyncio.Event()

        def told(reason: str | None) -> None:
            heard.append(reason)
            if len(heard) == 1:  # right at the first look; two failures are too few, three are not
                api.failures = [not_reached()] * 3
            elif len(heard) == 3:
                stop.set()

        await webhook_setup(talk, api, trouble=told).maintain(talk.term, talk.gate, stop)

    asyncio.run(maintain())

    assert heard[:3] == [None, "the webhook cannot be looked at: Telegram: not reached", None]


def maintained(
    talk: Conversation, api: FakeApi, monkeypatch: pytest.MonkeyPatch, looks: int, change: Any
) -> list[int]:
    """The looks at which the table was read; ``change`` is called before each look but the first
    one, with its number."""
    monkeypatch.setattr("handlers.intake.webhook_setup.LOOK_EVERY", 0.001)
    ensure(talk, api)
    setup, number, read = webhook_setup(talk, api), 0, []
    look, fingerprint = setup.look, setup._fingerprint

    def reading() -> str | None:
        read.append(number)
        return fingerprint()

    async def maintain() -> None:
        stop = asyncio.Event()

        async def looking() -> Any:
            nonlocal number
            number += 1
            if number > 1:
                await asyncio.to_thread(change, number)
            if number == looks:
                stop.set()
            return await look()

        monkeypatch.setattr(setup, "_fingerprint", reading)
        monkeypatch.setattr(setup, "look", looking)
        await setup.maintain(talk.term, talk.gate, stop)

    asyncio.run(maintain())
    return read


def test_what_telegram_was_given_is_read_at_every_fifth_look_of_a_right_webhook(
    talk: Conversation, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = maintained(talk, api, monkeypatch, 12, lambda _: None)

    assert read[:2] == [1, 1 + KNOWN_FOR]


def test_a_secret_that_another_program_has_set_is_found_within_five_looks(
    talk: Conversation, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(number: int) -> None:
        if number == 3:
            api.secret = "of another program"
            talk.rows("UPDATE webhooks SET fingerprint = 'of another program'")

    maintained(talk, api, monkeypatch, 3 + KNOWN_FOR, other)

    assert api.secret == IDENTITY.webhook_secret.reveal()


def test_a_webhook_that_somebody_changed_is_set_again_at_the_next_look(
    talk: Conversation, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(number: int) -> None:
        if number == 3:
            api.url = "https://elsewhere.example/"

    read = maintained(talk, api, monkeypatch, 4, other)

    assert api.url == URL
    assert read == [1, 3]
