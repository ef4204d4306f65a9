"""Garbage in the place of updates, callbacks and answers: nobody else notices it.

The short form runs some hundred of each; LONG=1 takes 3,000 updates, 2,000 callbacks and 1,500
answers. A failure names its seed: FUZZ_SEED repeats it.
"""

import asyncio
import json
import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from handlers.bot_api.calls import file_id, message_id, result_of
from handlers.bot_api.client import TelegramClient, build_client
from handlers.bot_api.files import TelegramFiles
from handlers.dispatch.lanes import PAYERS
from handlers.intake.envelope import envelope_of
from handlers.intake.polling import Polling
from handlers.intake.webhook_setup import WebhookSetup
from handlers.process.introduction import Introduction
from kie.catalogue.user_file import UserFile
from kie.jobs.callbacks import JobCallback, TaskCallback
from supervisor.http.routes import Head
from supervisor.runtime.errors import BotError
from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram
from tests.support.network.garbage import Garbage
from tests.support.network.scripted_server import GOOD, ScriptedServer, http, scripted

LONG = bool(os.environ.get("LONG"))
SEED = int(os.environ.get("FUZZ_SEED") or random.randrange(10**6))
UPDATES, CALLBACKS, ANSWERS = (3000, 2000, 1500) if LONG else (300, 200, 150)
AT_ONCE = 50
TOKEN = Secret(f"{BOT_ID}:TEST-TOKEN-of-the-fuzz-tests-000000000")

MESSAGE = {
    "message_id": 7,
    "date": 1700000000,
    "chat": {"id": 7, "type": "private", "first_name": "Anna"},
    "from": {"id": 123456, "is_bot": True, "first_name": "Painter", "username": "painter_bot"},
    "text": "hello",
    "photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}],
    "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]},
}
INFO = {
    "url": "https://bot.example/telegram/x",
    "has_custom_certificate": False,
    "pending_update_count": 1,
    "last_error_date": 1700000000,
    "last_error_message": "Connection refused",
    "allowed_updates": ["message"],
}
FILE = {"file_id": "a", "file_unique_id": "b", "file_size": 3, "file_path": "photos/a.jpg"}
ME = {"id": BOT_ID, "is_bot": True, "first_name": "Painter", "username": "painter_bot"}
REFUSAL = {
    "ok": False,
    "error_code": 429,
    "description": "Too Many Requests: retry after 3",
    "parameters": {"retry_after": 3, "migrate_to_chat_id": -1001},
}
TASK = {"code": 200, "msg": "success", "data": {"taskId": "t" * 32, "state": "success"}}


def updates(user: int) -> list[dict[str, Any]]:
    """Everything that is asked for, as it should be."""
    photo = [{"file_id": "AgAD", "file_unique_id": "b", "width": 9, "height": 9, "file_size": 99}]
    group = {"id": -1001, "type": "supergroup", "title": "G"}
    edited = telegram.message(user, text="a wolf")
    edited["edited_message"] = edited.pop("message")
    return [
        telegram.message(user, text="/start"),
        telegram.message(user, text="a fox", entities=[{"type": "bold", "offset": 0, "length": 1}]),
        telegram.message(user, photo=photo, caption="as a painting", media_group_id="m1"),
        telegram.message(user, voice={"file_id": "v", "duration": 3, "mime_type": "audio/ogg"}),
        telegram.message(user, text="/help", chat=group, message_thread_id=5, sender_chat=group),
        telegram.press("menu||1", user),
        telegram.checkout(user),
        edited,
        {
            "update_id": telegram.message()["update_id"],
            "my_chat_member": {
                "chat": {"id": user, "type": "private"},
                "from": telegram.person(user),
                "date": 1,
                "old_chat_member": {"status": "member", "user": ME},
                "new_chat_member": {"status": "kicked", "user": ME, "until_date": 0},
            },
        },
    ]


def test_garbage_in_the_place_of_updates_silences_nobody(talk: Conversation) -> None:
    garbage = Garbage(SEED)
    user = 555_000

    async def store() -> None:
        for start in range(0, UPDATES, AT_ONCE):
            bodies = [
                garbage.update(garbage.choice(updates(user + start + n))) for n in range(AT_ONCE)
            ]
            await talk.inbox.store([envelope_of(body) for body in bodies])

    with talk.dispatching(), talk.dispatching(lane_range=PAYERS), talk.sending():
        asyncio.run(store())
        talk.put(telegram.message(1002, text="/help"))
        talk.until(
            lambda: any(sent["chat_id"] == 1002 for sent in talk.telegram.sent("send_message")),
            f"the answer to /help; seed {SEED}",
            120.0,
        )
        # What breaks a handler is tried again later; nothing here should.
        talk.until(
            lambda: (
                not talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'new' AND attempts = 0")
            ),
            f"every update is tried; seed {SEED}",
            120.0,
        )
        broken = talk.rows("SELECT body, error FROM telegram_updates WHERE state = 'new'")
        assert broken == [], f"seed {SEED}"


def test_garbage_in_the_place_of_callbacks_is_accepted_and_kept_within_bounds(
    talk: Conversation,
) -> None:
    garbage, identity = Garbage(SEED), Identity(TOKEN)
    job = JobCallback(talk.database, identity, None)
    task = TaskCallback(talk.database, BOT_ID, None)
    named = {"job": "1", "signature": identity.callback_url("", 1).rpartition("/")[2]}

    async def post() -> None:
        for number in range(CALLBACKS):
            body = garbage.body(TASK)
            route, captured = ((job, named), (task, {}))[number % 2]
            reply = await route.answer(Head("POST", "/", captured, {}), body)
            assert reply.status in {200, 400, 413}, f"seed {SEED}: {body!r}"

    asyncio.run(post())
    talk.rows("SELECT payload FROM orphan_callbacks")


# ---------------------------------------------------------- Telegram's answers --


class World:
    """Everything that reads an answer of the Bot API, before a server that answers garbage."""

    def __init__(self, talk: Conversation, client: TelegramClient, server: ScriptedServer) -> None:
        self.client, self.server = client, server
        self.setup = WebhookSetup(
            api=client.bot,
            database=talk.database,
            identity=Identity(TOKEN),
            clock=talk.clock,
            base_url="https://bot.example",
        )
        self.introduction = Introduction(
            client.bot, talk.current_shop, lambda _shop, _language: [("start", "begin")], talk.clock
        )
        self.files = TelegramFiles(client.bot, client.endpoint, asyncio.get_running_loop())
        self.polling = Polling(
            make_client=client.another, inbox=talk.inbox, clock=talk.clock, metrics=talk.metrics
        )

    async def fetch(self) -> None:
        file = UserFile("a", "image", 3, "a.jpg", "image/jpeg")
        await asyncio.to_thread(self.files.fetch, file)

    async def poll(self) -> None:
        stopping = asyncio.create_task(asyncio.Event().wait())
        try:
            await self.polling._took_some(self.client.endpoint, stopping)
        finally:
            stopping.cancel()


READERS: list[tuple[Any, Callable[[World], Any]]] = [
    (ME, lambda world: world.introduction.introduce()),
    (INFO, lambda world: world.setup.look()),
    (FILE, lambda world: world.fetch()),
    ([telegram.message(1003, text="x")], lambda world: world.poll()),
]


@pytest.mark.parametrize(
    ("shape", "read"), READERS, ids=["introduction", "webhook", "files", "polling"]
)
def test_garbage_in_the_place_of_answers_is_never_more_than_an_outage(
    talk: Conversation, shape: Any, read: Callable[[World], Any]
) -> None:
    garbage = Garbage(SEED)

    async def story() -> None:
        async with scripted() as server:
            client = build_client(TOKEN, server.url, has_worked=lambda: True)
            world = World(talk, client, server)
            for _ in range(ANSWERS // len(READERS)):
                whole, status = garbage.choice(
                    [({"ok": True, "result": shape}, 200), (REFUSAL, 429), (REFUSAL, 400)]
                )
                server.otherwise = http(status, garbage.body(whole))
                try:
                    await read(world)
                except BotError:
                    pass
                except Exception as error:
                    raise AssertionError(f"seed {SEED}: {server.otherwise!r}") from error
            await client.close()

    asyncio.run(story())


def test_garbage_in_the_place_of_a_sent_message_says_that_it_happened_or_may_have() -> None:
    garbage = Garbage(SEED)

    async def story() -> list[str]:
        ends: list[str] = []
        async with scripted() as server:
            client = build_client(TOKEN, server.url, has_worked=lambda: True)
            server.always["getMe"] = GOOD
            for number in range(ANSWERS):
                body = (
                    garbage.body({"ok": True, "result": MESSAGE})
                    if number % 2
                    else json.dumps({"ok": True, "result": garbage.changed(MESSAGE)}).encode()
                )
                server.otherwise = http(200, body)
                try:
                    found = await result_of(client.bot.send_message(7, "hello"))
                except BotError as error:
                    ends.append(type(error).__name__)
                else:
                    sent, name = message_id(found), file_id(found)
                    assert sent is None or 0 < sent < 2**52
                    assert name is None or name.encode()
                    ends.append("sent")
            await client.close()
        return ends

    ends = asyncio.run(story())

    assert set(ends) <= {"sent", "UnreadableAnswer"}, f"seed {SEED}"
    assert ends[::2] == ["sent"] * (ANSWERS // 2)
