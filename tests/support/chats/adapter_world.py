"""The simulator of the Bot API with the bot's services around it, in one loop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from handlers.bot_api.client import TelegramClient, build_client
from handlers.delivery.calls import TelegramCalls
from handlers.delivery.claims import Claims
from handlers.delivery.outcome_recorder import OutcomeRecorder
from handlers.delivery.sender import Sender
from handlers.intake.polling import Polling
from handlers.intake.polling_mode import PollingMode
from handlers.intake.webhook_setup import WebhookSetup
from handlers.process.introduction import Introduction
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.talk import ROUTER
from tests.support.edges.link_files import Files
from tests.support.machine.waiting import until_in_loop

sandbox = pytest.importorskip("sandbox.telegram.server")
TOKEN = Secret(f"{BOT_ID}:TEST-TOKEN-of-the-adapter-tests-00000")


class World:
    """The simulator with the bot's services around it, in one loop."""

    def __init__(self, telegram: Any, client: TelegramClient, talk: Conversation, url: str) -> None:
        self.telegram = telegram
        self.client = client
        self.talk = talk
        clock = SystemClock()
        self.troubles: list[str | None] = []
        self.setup = WebhookSetup(
            api=client.bot,
            database=talk.database,
            identity=Identity(TOKEN),
            clock=clock,
            base_url=url,
        )
        polling = Polling(
            make_client=client.another,
            inbox=talk.inbox,
            clock=clock,
            metrics=talk.metrics,
            trouble=self.troubles.append,
        )
        self.polling = PollingMode(self.setup, polling, take_over=False)
        self.sender = Sender(
            claims=Claims(talk.database, BOT_ID, clock),
            recorder=OutcomeRecorder(talk.database, BOT_ID, clock),
            calls=TelegramCalls(client.bot, Files(), clock),
            clock=clock,
            wakeups=talk.wakeups,
            metrics=talk.metrics,
        )
        self.introduction = Introduction(client.bot, talk.current_shop, ROUTER.commands, clock)

    def messages(self, user: int) -> list[dict[str, Any]]:
        return list(self.telegram.state.messages[user].values())

    async def until(self, fact: Callable[[], Any], what: str) -> Any:
        return await until_in_loop(fact, 10, what)

    async def shown(self, user: int, part: str) -> dict[str, Any]:
        """The message of the bot that holds ``part`` in its text or caption."""

        def found() -> list[dict[str, Any]]:
            return [
                message
                for message in self.messages(user)
                if message["from"]["is_bot"]
                and part in message.get("text", "") + message.get("caption", "")
            ]

        return dict((await self.until(found, repr(part)))[-1])

    def press(self, user: int, message: dict[str, Any], label: str) -> str:
        rows = message["reply_markup"]["inline_keyboard"]
        (data,) = [each["callback_data"] for row in rows for each in row if label in each["text"]]
        return str(self.telegram.queries.press(user, message["message_id"], data))


@asynccontextmanager
async def world(
    talk: Conversation,
    commands: Mapping[tuple[str, str], Any] | None = None,
    descriptions: Mapping[str, str] | None = None,
) -> AsyncIterator[World]:
    """``commands``: lists that an earlier bot has left, by scope and language."""
    telegram = sandbox.TelegramSandbox(TOKEN.reveal(), name="Painter")
    telegram.state.profile.commands.update(commands or {})
    telegram.state.profile.descriptions.update(descriptions or {})
    url = await telegram.start()
    client = build_client(TOKEN, url)
    found = World(telegram, client, talk, url)
    stop = asyncio.Event()
    services = [
        asyncio.create_task(run(talk.term, talk.gate, stop))
        for run in (found.polling.run, found.sender.run, found.introduction.run)
    ]
    try:
        yield found
    finally:
        stop.set()
        await asyncio.gather(*services)
        await client.close()
        await telegram.stop()
    assert telegram.state.violations == []
