"""The webhook: looked at, set when it differs, read back, never stolen."""

import asyncio
import datetime
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from loguru import logger

from handlers.bot_api.calls import keep_result
from handlers.intake.envelope import ALLOWED_UPDATES
from handlers.intake.webhook_setup import KNOWN_FOR, WebhookSetup
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import Misconfigured, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.chats.conversation import Conversation
from tests.support.edges.telegram_answers import dead_token, not_reached

pytestmark = pytest.mark.any_server


BASE = "https://bot.example"
IDENTITY = Identity(Secret("123456:TEST-TOKEN"))
URL = IDENTITY.webhook_url(BASE)


class FakeApi:
    """Telegram's three webhook methods, with a memory."""

    def __init__(self) -> None:
        self.url = ""
        self.allowed: tuple[str, ...] = ()
        self.secret = ""
        self.calls: list[str] = []
        self.dropped: list[bool] = []
        self.failures: list[Exception] = []
        self.deaf = False  #: takes a webhook and does not keep it
        #: When Telegram last failed to reach us, look by look; None: never.
        self.errors: list[datetime.datetime | None] = []
        self.pending = 0

    def _fail(self, name: str) -> None:
        self.calls.append(name)
        if self.failures:
            raise self.failures.pop(0)

    async def get_webhook_info(self, *, read_timeout: float) -> None:
        self._fail("get")
        error = self.errors.pop(0) if self.errors else None
        told = (
            {
                "last_error_date": int(error.timestamp()),
                "last_error_message": "Connection refused",
            }
            if error
            else {}
        )
        keep_result(
            {
                "url": self.url,
                "has_custom_certificate": False,
                "pending_update_count": self.pending,
                "allowed_updates": list(self.allowed),
                **told,
            }
        )

    async def set_webhook(self, url: str, **options: Any) -> None:
        self._fail("set")
        assert "drop_pending_updates" not in options
        if not self.deaf:
            self.url, self.allowed = url, options["allowed_updates"]
            self.secret = options["secret_token"]
        keep_result(True)

    async def delete_webhook(self, drop_pending_updates: bool, *, read_timeout: float) -> None:
        self._fail("delete")
        self.dropped.append(drop_pending_updates)
        self.url = ""
        keep_result(True)


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def lines() -> Iterator[list[str]]:
    found: list[str] = []
    number = logger.add(lambda message: found.append(message.record["message"]), level="DEBUG")
    yield found
    logger.remove(number)


def webhook_setup(talk: Conversation, api: FakeApi, **options: Any) -> WebhookSetup:
    given: dict[str, Any] = {"base_url": BASE, "identity": IDENTITY, **options}
    return WebhookSetup(api=api, database=talk.database, clock=SystemClock(), **given)


def ensure(talk: Conversation, api: FakeApi, **options: Any) -> bool:
    return asyncio.run(webhook_setup(talk, api, **options).ensure(talk.term))


def test_a_missing_webhook_is_set_with_our_secret_and_read_back(
    talk: Conversation, api: FakeApi
) -> None:
    assert ensure(talk, api)

    assert (api.url, api.allowed) == (URL, ALLOWED_UPDATES)
    assert IDENTITY.webhook_secret.matches(api.secret)
    assert api.calls == ["get", "set", "get"]


def test_a_webhook_that_is_right_is_left_alone(talk: Conversation, api: FakeApi) -> None:
    ensure(talk, api)
    api.calls.clear()

    assert not ensure(talk, api)
    assert api.calls == ["get"]


@pytest.mark.parametrize("change", ["url", "allowed", "secret"])
def test_a_difference_in_anything_sets_it_again(
    talk: Conversation, api: FakeApi, change: str
) -> None:
    ensure(talk, api)
    if change == "url":
        api.url = "https://elsewhere.example/x"
    elif change == "allowed":
        api.allowed = ("message",)
    else:
        talk.rows("UPDATE webhooks SET fingerprint = 'what an older secret gave'")

    assert ensure(talk, api)
    assert (api.url, api.allowed) == (URL, ALLOWED_UPDATES)


def test_a_webhook_that_telegram_took_but_does_not_show_is_a_failure(
    talk: Conversation, api: FakeApi
) -> None:
    api.deaf = True

    with pytest.raises(Unavailable):
        ensure(talk, api)
    assert not talk.rows("SELECT 1 FROM webhooks")


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


def notices(talk: Conversation) -> list[str]:
    rows = talk.rows("SELECT payload->>'text' AS text FROM deliveries WHERE kind = 'notice'")
    return [row["text"] for row in rows]


def test_operators_hear_that_somebody_changed_our_webhook_but_not_its_path(
    talk: Conversation, api: FakeApi
) -> None:
    ensure(talk, api, alert=talk.outbox.notice)
    assert notices(talk) == []  # nobody had set one before

    api.url = "https://elsewhere.example/secret-path"
    ensure(talk, api, alert=talk.outbox.notice)

    (told,) = notices(talk)
    assert "elsewhere.example" in told
    assert "secret-path" not in told


def test_another_base_address_is_no_lost_webhook(talk: Conversation, api: FakeApi) -> None:
    ensure(talk, api, alert=talk.outbox.notice, base_url="https://old.example")

    ensure(talk, api, alert=talk.outbox.notice)

    assert notices(talk) == []


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


# -------------------------------------------------------------- polling mode --


def clear(talk: Conversation, api: FakeApi, *, take_over: bool = False) -> None:
    asyncio.run(webhook_setup(talk, api, base_url=None).clear(talk.term, take_over=take_over))


def test_polling_without_a_webhook_in_the_way_changes_nothing(
    talk: Conversation, api: FakeApi
) -> None:
    clear(talk, api)

    assert api.calls == ["get"]


def test_our_own_old_webhook_is_removed_and_no_update_is_dropped(
    talk: Conversation, api: FakeApi
) -> None:
    ensure(talk, api)

    clear(talk, api)

    assert api.url == ""
    assert api.dropped == [False]
    assert not talk.rows("SELECT 1 FROM webhooks")


@pytest.mark.parametrize("url", ["https://other.example/hook", URL])
def test_a_webhook_that_this_installation_did_not_set_is_refused(
    talk: Conversation, api: FakeApi, url: str
) -> None:
    api.url = url

    with pytest.raises(Misconfigured, match="--take-over") as caught:
        clear(talk, api)

    assert api.url == url
    assert IDENTITY.webhook_id not in str(caught.value)


def test_take_over_removes_a_foreign_webhook(talk: Conversation, api: FakeApi) -> None:
    api.url = "https://other.example/hook"

    clear(talk, api, take_over=True)

    assert api.url == ""
    assert api.dropped == [False]
