"""What is believed of the token and of Telegram, call by call, against a server with a script."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from handlers.bot_api.client import TelegramClient, build_client
from handlers.bot_api.token_trust import BELIEVED_AFTER, LEAST_REFUSALS
from supervisor.runtime.errors import BotError, Misconfigured, OutcomeUnknown, Unavailable
from supervisor.runtime.secret import Secret
from tests.support.edges.fakes import FakeClock
from tests.support.edges.telegram_answers import refusal_body
from tests.support.network.scripted_server import GOOD, ScriptedServer, http, scripted

TOKEN = "123456:SECRET-TOKEN-of-the-trust-tests-000000"
DEAD = http(401, refusal_body(401, "Unauthorized"))
LOGGED_OUT = http(400, refusal_body(400, "Logged out"))
NOT_ADMITTED = http(401, refusal_body(401, "Unauthorized: invalid api-id/api-hash"))
MALFORMED = http(404, refusal_body(404, "Not Found"))
PAGES = [
    http(404, b"404 page not found\n", "text/plain"),
    http(401, b"<html>Authorization Required</html>", "text/html"),
    http(401, b'{"message":"Unauthorized"}'),
    http(404, b'{"error_code":404,"description":"Not Found"}'),
    http(403, b"<html>1020: Access denied</html>", "text/html"),
    http(400, b"400 Bad Request: The plain HTTP request was sent to HTTPS port", "text/html"),
]


@dataclass
class Bot:
    """Calls one after the other, and what each ended with."""

    client: TelegramClient
    server: ScriptedServer
    clock: FakeClock
    troubles: list[str | None] = field(default_factory=list)

    async def send(self) -> BotError | None:
        try:
            await self.client.endpoint.call("sendMessage", within=5.0, data={"text": "x"})
        except BotError as error:
            return error
        return None


def story(
    tell: Callable[[Bot], Awaitable[None]],
    *script: Any,
    worked: bool | BotError = False,
) -> Bot:
    def has_worked() -> bool:
        if isinstance(worked, BotError):
            raise worked
        return worked

    async def run() -> Bot:
        async with scripted(*script) as server:
            clock, troubles = FakeClock(), list[str | None]()
            client = build_client(
                Secret(TOKEN),
                server.url,
                clock=clock,
                has_worked=has_worked,
                trouble=troubles.append,
            )
            bot = Bot(client, server, clock, troubles)
            try:
                await tell(bot)
            finally:
                await client.close()
        return bot

    return asyncio.run(run())


@pytest.mark.parametrize("answer", [DEAD, MALFORMED], ids=["401", "404"])
def test_the_first_call_of_a_fresh_installation_is_believed(answer: bytes) -> None:
    async def tell(bot: Bot) -> None:
        error = await bot.send()

        assert isinstance(error, Misconfigured)
        assert "BotFather" in str(error)
        assert "SECRET" not in str(error)

    story(tell, answer)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("times", [1, 50])
def test_a_page_of_something_in_between_never_ends_the_process(page: bytes, times: int) -> None:
    async def tell(bot: Bot) -> None:
        for _ in range(times):
            assert type(await bot.send()) is Unavailable
            bot.clock.time += 60.0
        bot.server.otherwise = GOOD
        assert await bot.send() is None
        assert bot.troubles == []

    story(tell, *[page] * times)


@pytest.mark.parametrize(
    ("before", "worked"),
    [([GOOD], False), ([], True), ([], Unavailable("the database is away"))],
    ids=["in this process", "in the table", "nobody knows"],
)
def test_a_token_that_has_worked_is_asked_for_over_minutes_before_it_is_dead(
    before: list[bytes], worked: bool | BotError
) -> None:
    async def tell(bot: Bot) -> None:
        bot.server.otherwise = DEAD
        for _ in before:
            assert await bot.send() is None
        began = bot.clock.time
        while isinstance(error := await bot.send(), Unavailable):
            assert bot.clock.time - began <= BELIEVED_AFTER + 60.0
            assert bot.troubles[-1] is not None
            bot.clock.time += 10.0
        assert isinstance(error, Misconfigured)
        assert bot.clock.time - began >= BELIEVED_AFTER
        # One call that sends, then questions only.
        asked = bot.server.methods()[len(before) :]
        assert asked[0] == "sendMessage"
        assert set(asked[1:]) == {"getMe"}
        assert len(asked) >= LEAST_REFUSALS

    story(tell, *before, worked=worked)


@pytest.mark.parametrize("refusals", [1, 3])
def test_a_token_that_works_again_was_never_dead(refusals: int) -> None:
    async def tell(bot: Bot) -> None:
        for _ in range(refusals):
            assert isinstance(await bot.send(), Unavailable)
            bot.clock.time += 200.0
        assert await bot.send() is None
        assert bot.troubles[-1] is None
        # Long after: the count begins anew.
        bot.server.script = [DEAD]
        assert isinstance(await bot.send(), Unavailable)

    story(tell, *[DEAD] * refusals, worked=True)


def test_refusals_far_apart_are_too_few_to_be_believed() -> None:
    async def tell(bot: Bot) -> None:
        for _ in range(LEAST_REFUSALS - 1):
            assert isinstance(await bot.send(), Unavailable)
            bot.clock.time += BELIEVED_AFTER

    story(tell, *[DEAD] * LEAST_REFUSALS, worked=True)


def test_after_a_call_without_an_answer_telegram_is_asked_before_the_next_one() -> None:
    async def tell(bot: Bot) -> None:
        assert isinstance(await bot.send(), OutcomeUnknown)
        bot.server.script = [http(502, b"<html>Bad Gateway</html>"), None]
        for _ in range(2):
            # Not made: it can be made again as often as it takes.
            assert type(await bot.send()) is Unavailable
            bot.clock.time += 60.0
        assert await bot.send() is None
        assert bot.server.methods() == ["sendMessage", *["getMe"] * 3, "sendMessage"]

    story(tell, http(504, b"<html>Gateway Time-out</html>"))


def test_in_doubt_telegram_is_asked_after_pauses_and_once_for_all() -> None:
    async def tell(bot: Bot) -> None:
        assert isinstance(await bot.send(), OutcomeUnknown)
        bot.server.script = [None]
        ends = await asyncio.gather(*(bot.send() for _ in range(20)))
        assert all(type(end) is Unavailable for end in ends)
        assert bot.server.methods() == ["sendMessage", "getMe"]
        bot.clock.time += 60.0
        assert await asyncio.gather(*(bot.send() for _ in range(20))) == [None] * 20
        assert bot.server.methods().count("getMe") == 2

    story(tell, None)


@pytest.mark.parametrize(
    "answer",
    [
        http(400, refusal_body(400, "Bad Request: chat not found")),
        http(403, refusal_body(403, "Forbidden: bot was blocked by the user")),
        http(429, refusal_body(429, "Too Many Requests", retry_after=3)),
    ],
)
def test_a_refusal_of_a_call_is_no_doubt_about_the_token(answer: bytes) -> None:
    async def tell(bot: Bot) -> None:
        for _ in range(3):
            assert await bot.send() is not None
        assert bot.server.methods() == ["sendMessage"] * 3
        bot.server.script = [DEAD]
        # Who refuses a chat has accepted the token.
        assert isinstance(await bot.send(), Unavailable)

    story(tell, *[answer] * 3)


@pytest.mark.parametrize("answer", [LOGGED_OUT, NOT_ADMITTED], ids=["logged out", "api-id"])
@pytest.mark.parametrize("worked", [False, True])
def test_a_server_that_does_not_serve_the_bot_loses_no_call_and_accuses_no_token(
    answer: bytes, worked: bool
) -> None:
    async def tell(bot: Bot) -> None:
        bot.server.otherwise = answer
        for _ in range(100):
            assert isinstance(await bot.send(), Unavailable)
            bot.clock.time += 10.0
        assert "this Bot API server" in str(bot.troubles[-1])
        asked = bot.server.methods()
        assert (asked[0], set(asked[1:])) == ("sendMessage", {"getMe"})
        bot.server.otherwise = GOOD
        bot.clock.time += 60.0
        assert await bot.send() is None
        assert bot.troubles[-1] is None

    story(tell, worked=worked)
