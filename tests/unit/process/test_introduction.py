"""What Telegram refuses or limits of the introduction stops nothing else of it."""

import asyncio
import re
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from handlers.bot_api.calls import keep_result
from handlers.bot_api.errors import BadMarkup, TokenRefused, TooManyRequests
from handlers.process import introduction as introducing
from handlers.process.installation_marks import Marks
from handlers.process.introduction import NARROWER, Introduction
from handlers.words.texts import LANGUAGES
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import BotError, Rejected, Unavailable
from supervisor.runtime.term import Gate, Term
from tests.support.edges.fakes import FakeClock
from tests.support.machine.lines import captured

DESCRIPTIONS = {"set_my_description", "set_my_short_description"}


class Bot:
    """Answers every call; fails those whose method a test has named, so often."""

    def __init__(self, failing: dict[str, list[BotError]]) -> None:
        self.failing = failing
        self.tried: list[str] = []
        self.done: list[str] = []
        self.calls: list[tuple[str, Mapping[str, Any]]] = []

    async def direct(self, name: str, fields: Mapping[str, Any]) -> None:
        method = re.sub("([A-Z])", r"_\1", name).lower()
        self.tried.append(method)
        self.calls.append((method, fields))
        errors = self.failing.get(method)
        if errors:
            raise errors.pop(0)
        self.done.append(method)
        keep_result({"first_name": "Painter"} if method == "get_me" else {})


class Shop:
    name = ""

    def __call__(self) -> "Shop":
        return self

    def learn(self, name: str, _username: str, *, inline: bool) -> None:
        self.name = f"{name}{inline:d}"


def introduction(bot: Any) -> Introduction:
    shop: Any = Shop()
    return Introduction(bot, shop, lambda _, language: [("help", language)], FakeClock())


@pytest.mark.parametrize(
    "method",
    [
        "delete_my_commands",
        "get_my_description",
        "set_my_description",
        "get_my_short_description",
        "set_my_short_description",
        "set_my_commands",
    ],
)
@pytest.mark.parametrize("refusal", [Rejected, BadMarkup])
def test_what_is_refused_is_left_out_and_said(method: str, refusal: type[Rejected]) -> None:
    bot = Bot({method: [refusal("Bad Request: planted")]})

    with captured() as lines:
        asyncio.run(introduction(bot).introduce())

    (line,) = lines.of("introduction_refused")
    assert "planted" in line["extra"]["error"]
    whole = len(LANGUAGES)
    expected = {"set_my_commands": whole, "set_my_short_description": whole}
    expected["delete_my_commands"] = len(NARROWER) * (whole + 1)
    for other, times in expected.items():
        lost = other == method or (method.startswith("get_") and other == f"s{method[1:]}")
        assert bot.done.count(other) == times - lost


def test_what_is_limited_comes_later_and_nothing_is_done_twice() -> None:
    bot = Bot({"set_my_description": [TooManyRequests("slow down", retry_after=900.0)]})
    made = introduction(bot)

    with pytest.raises(TooManyRequests):
        asyncio.run(made.introduce())
    first = list(bot.done)
    asyncio.run(made.introduce())

    assert first.count("set_my_commands") == first.count("set_my_short_description") == 2
    assert first.count("set_my_description") == 1
    assert bot.done[len(first) :] == ["get_my_description", "set_my_description"]


def test_an_outage_ends_the_try_at_once() -> None:
    bot = Bot({"set_my_commands": [Unavailable("nobody there")]})

    with pytest.raises(Unavailable):
        asyncio.run(introduction(bot).introduce())

    assert bot.tried == ["get_me", "set_my_commands"]


def test_a_server_that_does_not_know_a_method_gets_the_commands_all_the_same() -> None:
    """It answers as to a wrong token; the trust in the token decides that, not this call."""
    unknown: dict[str, list[BotError]] = {each: [TokenRefused(404)] * 9 for each in DESCRIPTIONS}
    bot = Bot(unknown)

    with pytest.raises(TokenRefused):
        asyncio.run(introduction(bot).introduce())

    assert bot.done.count("set_my_commands") == len(LANGUAGES)


def test_a_refused_token_makes_no_further_call() -> None:
    bot = Bot({"get_me": [TokenRefused(401)]})

    with pytest.raises(TokenRefused):
        asyncio.run(introduction(bot).introduce())

    assert bot.tried == ["get_me"]


class Renamed(Bot):
    """After the first question and the failures it has another name, and inline mode."""

    def __init__(self, failures: list[BotError]) -> None:
        super().__init__({})
        self.failures = failures
        self.stop = asyncio.Event()

    async def direct(self, name: str, fields: Mapping[str, Any]) -> None:
        again = name == "getMe" and "get_me" in self.done
        if again and self.failures:
            raise self.failures.pop(0)
        await super().direct(name, fields)
        if again:
            keep_result({"first_name": "Sculptor", "supports_inline_queries": True})
            self.stop.set()


def test_a_new_name_is_asked_for_within_ten_minutes() -> None:
    clock = SystemClock()

    assert max(clock.jitter(introducing.NAME_EVERY) for _ in range(1000)) <= 600


@pytest.mark.parametrize(
    "failures", [[], [Unavailable("nobody there")], [Rejected("no"), TooManyRequests("slow down")]]
)
def test_a_bot_that_is_renamed_while_it_works_learns_its_new_name(
    failures: list[BotError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(introducing, "NAME_EVERY", 0.001)
    shop: Any = Shop()

    async def story() -> Renamed:
        bot, clock = Renamed(failures), FakeClock()
        made = Introduction(bot, shop, lambda _, language: [("help", language)], clock)
        gate = Gate(clock)
        gate.extend(10_000.0)
        await asyncio.wait_for(made.run(Term(1, uuid.uuid4()), gate, bot.stop), 20)
        return bot

    bot = asyncio.run(story())

    assert shop.name == "Sculptor1"
    assert bot.done.count("set_my_commands") == len(LANGUAGES), "only the name is asked again"


class Installed:
    """The marks of an installation, in memory."""

    def __init__(self, marks: Marks, languages: dict[int, str]) -> None:
        self.marks = marks
        self.spoken = languages
        self.noted = 0

    def read(self) -> Marks:
        return self.marks

    def languages(self) -> dict[int, str]:
        return self.spoken

    def note(self, _term: Any) -> None:
        self.noted += 1


def scopes(bot: Bot, method: str) -> list[Any]:
    return [
        (
            call["scope"]["chat_id"],
            [each["command"] for each in call["commands"]] if "commands" in call else None,
        )
        for name, call in bot.calls
        if name == method and call.get("scope", {}).get("type") == "chat"
    ]


def test_operators_get_lists_of_their_own_and_former_ones_lose_theirs() -> None:
    bot, shop = Bot({}), Shop()
    installed: Any = Installed(Marks(cleared=True, operators=[8, 9]), {7: "ru", 8: "en"})
    made = Introduction(
        *(bot, shop, lambda _, language: [("help", language)], FakeClock(), installed),  # type: ignore[arg-type]
        own=lambda language: [("admin", language)],
    )
    made._term = Term(1, uuid.uuid4())

    asyncio.run(made.introduce())

    assert scopes(bot, "set_my_commands") == [(7, ["admin", "help"]), (8, ["admin", "help"])]
    assert scopes(bot, "delete_my_commands") == [(9, None)]
    assert bot.done.count("delete_my_commands") == 1, "the rest was cleared before"
    assert "set_chat_menu_button" not in bot.done
    assert installed.noted == 1


def test_what_an_earlier_bot_has_left_is_cleared_once() -> None:
    bot = Bot({})
    installed: Any = Installed(Marks(), {})
    made = Introduction(bot, Shop(), lambda _, language: [], FakeClock(), installed)  # type: ignore[arg-type]
    made._term = Term(1, uuid.uuid4())
    asyncio.run(made.introduce())
    installed.marks = Marks(cleared=True)
    asyncio.run(made.introduce())

    assert bot.done.count("delete_my_commands") == len(NARROWER) * (len(LANGUAGES) + 1)
    assert bot.done.count("set_chat_menu_button") == 1


def test_nothing_is_noted_before_all_of_it_is_done() -> None:
    bot = Bot({"delete_my_commands": [TooManyRequests("slow down", retry_after=9.0)]})
    installed: Any = Installed(Marks(), {})
    made = Introduction(bot, Shop(), lambda _, language: [], FakeClock(), installed)  # type: ignore[arg-type]
    made._term = Term(1, uuid.uuid4())

    with pytest.raises(TooManyRequests):
        asyncio.run(made.introduce())

    assert installed.noted == 0
