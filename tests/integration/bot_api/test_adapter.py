"""PTB's own client, polling and sending, against the strict simulator of the Bot API."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from handlers.bot_api.client import build_client
from handlers.dispatch.lanes import PAYERS
from handlers.intake import polling as polling_module
from handlers.process.introduction import NARROWER
from handlers.words.texts import plain
from kie.api.outcome import Failure
from kie.jobs import job_table
from sandbox.telegram.faults import Fault
from sandbox.telegram.state.profile import scope_key
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import Misconfigured
from supervisor.runtime.term import Gate
from supervisor.settings.identity import Identity
from tests.support.chats.adapter_world import TOKEN, World, world
from tests.support.chats.conversation import Conversation
from tests.support.chats.talk import ROUTER

sandbox = pytest.importorskip("sandbox.telegram.server")
ANNA, BEN = 1001, 1002


@pytest.fixture
def talk(talk: Conversation) -> Iterator[Conversation]:
    with talk.dispatching():
        yield talk


async def to_confirm(here: World, user: int) -> dict[str, Any]:
    here.telegram.actions.say(user, "/start")
    await here.shown(user, "Сегодня бесплатно")
    here.telegram.actions.say(user, "лиса <b>& снег")
    return await here.shown(user, "лиса <b>& снег")


def test_strangers_read_what_the_bot_does_and_an_operators_own_words_stay(
    talk: Conversation,
) -> None:
    async def check() -> None:
        async with world(talk, descriptions={"ru": "Бот Анны"}) as here:
            profile = here.telegram.state.profile
            await here.until(lambda: profile.short_descriptions.get("ru"), "the descriptions")

        assert profile.descriptions[""] == plain("en", "bot_description")
        assert profile.descriptions["ru"] == "Бот Анны"
        assert profile.short_descriptions["ru"] == plain("ru", "bot_short_description")

    asyncio.run(check())


def test_a_change_of_language_changes_the_commands_of_that_chat(talk: Conversation) -> None:
    async def check() -> None:
        async with world(talk) as here:
            here.telegram.actions.say(ANNA, "/language")
            scope = scope_key({"type": "chat", "chat_id": ANNA})
            lists = here.telegram.state.profile.commands
            found = await here.until(lambda: lists.get((scope, "")), "the list of the chat")

        english = dict(ROUTER.commands(talk.current_shop(), "en"))
        assert {each["command"]: each["description"] for each in found} == english

    asyncio.run(check())


def test_the_whole_dialogue_goes_through_the_real_client(talk: Conversation) -> None:
    async def story() -> None:
        async with world(talk) as here:
            await here.until(lambda: here.telegram.state.profile.commands, "commands")
            confirm = await to_confirm(here, ANNA)
            query = here.press(ANNA, confirm, "Создать")
            await here.until(lambda: here.telegram.state.presses[query].answered, "answered")
            await here.shown(ANNA, "В очереди")
            (row,) = talk.rows("SELECT *, 1.5::float8 AS seconds FROM generation_jobs")
            job = job_table.from_row(row)
            with talk.database.transaction(talk.term) as tx:
                talk.news.failed(tx, job, Failure.BROKEN)
            failure = await here.shown(ANNA, "Ничего не списано")
            again = here.press(ANNA, failure, "Ещё раз")
            await here.until(lambda: here.telegram.state.presses[again].answered, "answered too")

    asyncio.run(story())


def test_two_users_speak_their_own_languages(talk: Conversation) -> None:
    async def story() -> None:
        async with world(talk) as here:
            await here.until(lambda: here.telegram.state.profile.commands, "commands")
            for user in (ANNA, BEN):
                here.telegram.actions.say(user, "/help")
            await here.shown(ANNA, "Как это работает")
            await here.shown(BEN, "How it works")

    asyncio.run(story())


def test_lists_of_commands_that_an_earlier_bot_has_left_do_not_hide_ours(
    talk: Conversation,
) -> None:
    left = {
        (scope_key({"type": scope}), code): [{"command": "old", "description": "x"}]
        for scope in NARROWER
        for code in ("", "en", "ru")
    }

    async def story() -> None:
        async with world(talk, left) as here:
            commands = here.telegram.state.profile.commands
            await here.until(lambda: (scope_key(None), "ru") in commands, "our own list")
            await here.until(lambda: not set(left) & set(commands), "none that hides it")

    asyncio.run(story())


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("photo", "Got it. What shall I do?"),
        ("voice", "Got 1\u00a0recording"),
        ("sticker", "anything with a sticker"),
        ("document", "this kind of file"),
    ],
)
def test_whatever_is_sent_gets_an_answer(talk: Conversation, kind: str, answer: str) -> None:
    async def story() -> None:
        async with world(talk) as here:
            here.telegram.actions.send(BEN, kind)
            await here.shown(BEN, answer)

    asyncio.run(story())


def test_a_poison_update_does_not_stop_the_ones_behind_it(talk: Conversation) -> None:
    async def story() -> None:
        async with world(talk) as here:
            here.telegram.actions.raw('{"update_id": $ID, "message": {"chat": 5}}')
            here.telegram.actions.say(BEN, "/help")
            await here.shown(BEN, "How it works")
            await here.until(
                lambda: talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'dead'"), "dead"
            )

    asyncio.run(story())


def test_a_user_who_blocks_and_comes_back_is_served_again(talk: Conversation) -> None:
    async def story() -> None:
        async with world(talk) as here:
            here.telegram.membership.block(BEN, blocked=True)
            await here.until(lambda: talk.rows("SELECT 1 FROM chats WHERE NOT reachable"), "closed")
            here.telegram.membership.block(BEN, blocked=False)
            here.telegram.actions.say(BEN, "/help")
            await here.shown(BEN, "How it works")

    asyncio.run(story())


def test_the_webhook_is_set_once_against_the_simulator(talk: Conversation) -> None:
    async def story() -> None:
        telegram = sandbox.TelegramSandbox(TOKEN.reveal())
        url = await telegram.start()
        client = build_client(TOKEN, url)
        here = World(telegram, client, talk, url)
        assert await here.setup.ensure(talk.term)
        assert not await here.setup.ensure(talk.term)
        assert telegram.state.updates.webhook.url == Identity(TOKEN).webhook_url(url)
        assert Identity(TOKEN).webhook_secret.matches(telegram.state.updates.webhook.secret)
        await here.setup.clear(talk.term, take_over=False)
        assert telegram.state.updates.webhook.url == ""
        assert telegram.state.violations == []
        await client.close()
        await telegram.stop()

    asyncio.run(story())


class Asked(SystemClock):
    """Remembers the pauses that it was asked to spread."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def jitter(self, seconds: float) -> float:
        self.pauses.append(seconds)
        return seconds


def test_who_is_deposed_between_two_calls_makes_no_further_one(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a process that was frozen there: what comes next belongs to its successor."""
    clock = Asked()

    def gate() -> Gate:
        made = Gate(clock)
        made.extend(clock.now() + 100.0)
        return made

    async def story() -> None:
        telegram = sandbox.TelegramSandbox(TOKEN.reveal())
        url = await telegram.start()
        client = build_client(TOKEN, url)
        here, stop = World(telegram, client, talk, url), asyncio.Event()
        naming, looking = gate(), gate()
        here.introduction._clock = here.setup._clock = clock
        shop = here.introduction._current_shop
        monkeypatch.setattr(shop, "learn", lambda *_, **__: naming.shut())
        monkeypatch.setattr(here.setup, "_fingerprint", looking.shut)
        services = [
            asyncio.create_task(here.introduction.run(talk.term, naming, stop)),
            asyncio.create_task(here.setup.maintain(talk.term, looking, stop)),
        ]
        try:
            await here.until(
                lambda: telegram.state.profile.commands or len(clock.pauses) >= 2, "both gave up"
            )
            assert not telegram.state.profile.commands
            assert telegram.state.updates.webhook.url == ""
        finally:
            stop.set()
            await asyncio.gather(*services)
            await client.close()
            await telegram.stop()

    asyncio.run(story())


def test_a_revoked_token_ends_polling_with_a_clear_sentence(talk: Conversation) -> None:
    async def story() -> None:
        telegram = sandbox.TelegramSandbox(TOKEN.reveal())
        url = await telegram.start()
        telegram.state.revoked = True
        client = build_client(TOKEN, url)
        here = World(telegram, client, talk, url)
        try:
            await here.polling.run(talk.term, talk.gate, asyncio.Event())
        finally:
            await client.close()
            await telegram.stop()

    with pytest.raises(Misconfigured, match="TELEGRAM_BOT_TOKEN"):
        asyncio.run(story())


def test_who_cannot_even_look_for_a_webhook_says_that_no_updates_come(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling_module, "TELL_AFTER", 0.1)

    async def story() -> None:
        telegram = sandbox.TelegramSandbox(TOKEN.reveal())
        url = await telegram.start()
        client = build_client(TOKEN, url)
        here = World(telegram, client, talk, url)
        telegram.faults.active.append(Fault("page", "getWebhookInfo", times=2, code=502))
        stop = asyncio.Event()
        polling = asyncio.create_task(here.polling.run(talk.term, talk.gate, stop))
        try:
            await here.until(lambda: any(here.troubles), "told")
            telegram.actions.say(BEN, "/help")  # else Telegram would hold its answer
            await here.until(lambda: here.troubles[-1] is None, "over")
        finally:
            stop.set()
            await polling
            await client.close()
            await telegram.stop()

    asyncio.run(story())


def test_a_poller_that_has_gone_deaf_is_rebuilt_and_hears_again(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling_module, "STALE_AFTER", 0.4)

    async def story() -> None:
        async with world(talk) as here:
            await here.until(lambda: here.telegram.state.profile.commands, "commands")
            # The connection stands and nothing comes over it: no answer, no error.
            here.telegram.faults.active.append(Fault("delay", "getUpdates", seconds=30.0))
            here.telegram.actions.say(BEN, "/help")
            await here.until(
                lambda: b"trt_polling_clients_replaced_total 0.0" not in talk.counted(), "replaced"
            )
            await here.shown(BEN, "How it works")

    asyncio.run(story())


def test_a_payment_for_stars_is_refused(talk: Conversation) -> None:
    async def story() -> None:
        async with world(talk) as here:
            query = here.telegram.queries.checkout(BEN, "order", 5)
            asked = here.telegram.state.checkouts[query]
            await here.until(lambda: asked.ok is False, "refused")

    with talk.dispatching(lane_range=PAYERS):
        asyncio.run(story())
