"""No call leaves without an open gate."""

import asyncio
import gc
from typing import Any

import pytest

from handlers.bot_api.client import build_client
from handlers.bot_api.errors import BadButtons
from handlers.delivery.calls import TelegramCalls
from handlers.delivery.claimed import NEED, SendContext
from handlers.delivery.outcome import NotBegun
from handlers.delivery.payloads import editing, replying, saying, showing
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.words.texts import Markup
from kie.files.result_store import FORM_ROOM
from sandbox.telegram import TelegramSandbox
from sandbox.telegram.users.places import Where
from supervisor.runtime.errors import BotError, Fenced, Rejected, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Gate
from tests.support.chats.carried import ALBUM, carried
from tests.support.chats.fake_telegram import FakeTelegram
from tests.support.edges.fakes import FakeClock
from tests.support.edges.link_files import Files
from tests.support.edges.sandbox_telegram import TOKEN, USER, Api, serve
from tests.support.edges.telegram_answers import answered, refusal_body, refused
from tests.support.network.scripted_server import scripted

SCREEN = Screen(Markup("hello"))
PAYLOADS: list[dict[str, Any]] = [
    saying(SCREEN),
    editing(5, SCREEN, or_say=True),
    {"do": "toast", "query_id": "q", "text": "", "alert": False},
    {"do": "checkout", "query_id": "q", "refusal": "no"},
    showing("photo", ["http://x.example/1.png"], Markup("x"), (), link=Markup("x")),
]


def carry(gate: Gate, payload: dict[str, Any]) -> FakeTelegram:
    telegram = FakeTelegram()
    calls = TelegramCalls(telegram, Files(), FakeClock())
    try:
        asyncio.run(calls.carry(SendContext(gate, 7), payload))
    finally:
        gc.collect()  # a coroutine that was made and never awaited would be a warning here
        assert telegram.calls == []
    return telegram


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_shut_gate_lets_no_call_out(payload: dict[str, Any]) -> None:
    gate = Gate(FakeClock())
    gate.extend(10_000.0)
    gate.shut()

    with pytest.raises(Fenced):
        carry(gate, payload)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_too_little_trust_means_not_yet(payload: dict[str, Any]) -> None:
    clock = FakeClock()
    gate = Gate(clock)
    gate.extend(clock.now() + NEED - 0.1)

    with pytest.raises(NotBegun):
        carry(gate, payload)


def test_a_payload_of_another_release_is_refused_not_guessed() -> None:
    clock = FakeClock()
    gate = Gate(clock)
    gate.extend(clock.now() + 100)

    with pytest.raises(Rejected):
        carry(gate, {"do": "sing"})


class ShutsLater(Gate):
    """Open at the first looks; from the look ``at`` on it is what the test says."""

    def __init__(self, at: int, then: Exception | None) -> None:
        super().__init__(FakeClock())
        self.looks = 0
        self.at, self.then = at, then

    def check(self, need: float) -> None:
        self.looks += 1
        if self.looks >= self.at and self.then is not None:
            raise self.then


@pytest.mark.parametrize(
    ("at", "then", "outcome", "calls"),
    [
        (3, None, None, 1),
        (2, Fenced("this term is over"), Fenced, 0),
        (2, Unavailable("no trust", retry_after=1.0), NotBegun, 0),
        (3, Fenced("this term is over"), Fenced, 0),
        (3, Unavailable("no trust", retry_after=1.0), NotBegun, 0),
    ],
)
def test_the_gate_is_looked_at_with_the_connection_and_at_the_very_write(
    at: int, then: Exception | None, outcome: type[BotError] | None, calls: int
) -> None:
    """As a process that was frozen on the way through PTB and aiohttp finds it."""
    gate = ShutsLater(at, then)
    found: list[Any] = []

    async def send(sandbox: TelegramSandbox, api: Api) -> None:
        client = build_client(Secret(TOKEN), sandbox.url)
        await api("getMe")
        sandbox.state.calls.clear()
        try:
            await TelegramCalls(client.bot, Files(), FakeClock()).carry(
                SendContext(gate, USER), saying(SCREEN)
            )
        except BotError as error:
            found.append(type(error))
        await client.close()
        found.append([call["method"] for call in sandbox.state.calls].count("sendMessage"))

    serve(send)

    assert found == ([calls] if outcome is None else [outcome, calls])
    assert gate.looks == at


# ----------------------------------------------------- a form that is too large --

PAGE = b"<html><head><title>413 Request Entity Too Large</title></head></html>"
TOO_LARGE = [
    answered(413, refusal_body(413, "Request Entity Too Large")),
    answered(413, PAGE),
    refused(400, "Bad Request: Request Entity Too Large"),
]
PICTURE = showing("photo", ["http://x.example/1.png"], Markup("x"), (), link=Markup("the link"))
CLIP = showing("video", ["http://x.example/1.mp4"], Markup("x"), (), link=Markup("the link"))


@pytest.mark.parametrize("refusal", TOO_LARGE, ids=["Telegram", "a proxy", "in words"])
@pytest.mark.parametrize(
    ("payload", "method"),
    [(PICTURE, "send_photo"), (CLIP, "send_video"), (ALBUM, "send_media_group")],
    ids=["picture", "clip", "album"],
)
def test_what_is_too_large_to_be_uploaded_is_uploaded_once_and_sent_as_a_link(
    payload: dict[str, Any], method: str, refusal: BotError
) -> None:
    telegram = FakeTelegram()
    telegram.script[method] = [refusal]

    sent = carried(telegram, payload)

    assert sent.message_id is not None
    assert [name for name, _ in telegram.calls] == [method, "send_message"]
    assert telegram.calls[-1][1]["text"] == "the link"


def test_the_limit_of_an_upload_leaves_room_for_the_form_around_it() -> None:
    async def story() -> int:
        async with scripted() as server:
            client = build_client(Secret(TOKEN), server.url)
            gate = Gate(FakeClock())
            gate.extend(10_000.0)
            files = [["document", f"http://x.example/{'n' * 60}{n}.png"] for n in range(10)]
            caption = "ы" * 1024
            payload = {**ALBUM, "files": files, "caption": caption, "keyboard": []}
            kept = Files()
            kept.content = {url: b"x" * 1000 for _, url in files}
            await TelegramCalls(client.bot, kept, FakeClock()).carry(SendContext(gate, 7), payload)
            await client.close()
        ((_, headers, body),) = server.requests
        assert headers["content-type"].startswith("multipart/form-data")
        return len(body) - 10 * 1000

    assert asyncio.run(story()) < FORM_ROOM


# ------------------------------------------------ the keyboard of an earlier bot --


def test_the_keyboard_of_an_earlier_bot_goes_and_leaves_no_message_behind() -> None:
    async def check(sandbox: TelegramSandbox, api: Api) -> None:
        await api("getMe")
        sandbox.state.profile.reply_keyboards[USER] = [["💰 Balance"]]
        app = build_client(Secret(TOKEN), sandbox.url)
        calls = TelegramCalls(app.bot, Files(), FakeClock())
        gate = Gate(FakeClock())
        gate.extend(10_000.0)

        await calls.carry(SendContext(gate, USER), {**saying(SCREEN), "unkey": "gone"})
        await app.close()

        assert sandbox.state.profile.reply_keyboards == {}
        texts = [each["text"] for each in sandbox.state.messages[USER].values()]
        assert texts == ["hello"]

    serve(check)


@pytest.mark.parametrize("refused_call", ["remove_reply_keyboard", "clear_up"])
def test_a_keyboard_that_does_not_go_costs_its_answer_nothing(refused_call: str) -> None:
    telegram = FakeTelegram()
    telegram.script = {refused_call: [Unavailable("x")]}

    sent = carried(telegram, {**saying(SCREEN), "unkey": "gone"})

    assert sent.message_id is not None
    assert telegram.calls[-1][0] == refused_call


# -------------------------------------------------------- a topic that was closed --


def test_a_reply_to_a_message_of_a_closed_topic_goes_to_the_group_itself() -> None:
    """A reply without a topic stands in the topic of the message that it replies to."""

    async def check(sandbox: TelegramSandbox, api: Api) -> None:
        await api("getMe")
        forum = sandbox.membership.group("Forum", [USER], forum=True)
        thread = sandbox.membership.topic(forum.id, "Cats")
        asked = sandbox.actions.say(USER, "/help", Where(chat=forum.id, thread=thread))
        sandbox.membership.close_topic(forum.id, thread)
        app = build_client(Secret(TOKEN), sandbox.url)
        gate = Gate(FakeClock())
        gate.extend(10_000.0)

        sent = await TelegramCalls(app.bot, Files(), FakeClock()).carry(
            SendContext(gate, forum.id, thread), replying(saying(SCREEN), asked["message_id"])
        )
        await app.close()

        said = sandbox.state.messages[forum.id][sent.message_id or 0]
        assert (said["text"], "message_thread_id" in said) == ("hello", False)

    serve(check)


def test_an_answer_in_a_topic_arrives_there_though_its_question_was_deleted() -> None:
    async def check(sandbox: TelegramSandbox, api: Api) -> None:
        await api("getMe")
        forum = sandbox.membership.group("Forum", [USER], forum=True)
        thread = sandbox.membership.topic(forum.id, "Cats")
        asked = sandbox.actions.say(USER, "/help", Where(chat=forum.id, thread=thread))
        sandbox.actions.delete(USER, asked["message_id"], forum.id)
        app = build_client(Secret(TOKEN), sandbox.url)
        gate = Gate(FakeClock())
        gate.extend(10_000.0)

        sent = await TelegramCalls(app.bot, Files(), FakeClock()).carry(
            SendContext(gate, forum.id, thread), replying(saying(SCREEN), asked["message_id"])
        )
        await app.close()

        said = sandbox.state.messages[forum.id][sent.message_id or 0]
        assert (said["text"], said["message_thread_id"]) == ("hello", thread)

    serve(check)


@pytest.mark.parametrize(
    "said",
    ["message to be replied not found", "replied message not found", "REPLY message not found"],
)
def test_a_picture_whose_question_was_deleted_is_not_tried_in_other_forms(said: str) -> None:
    telegram = FakeTelegram()
    telegram.script["send_photo"] = [
        refused(400, f"Bad Request: {said}"),
        refused(400, "Bad Request: TOPIC_CLOSED"),
    ]

    carried(telegram, replying(PICTURE, 77), chat=-5, thread=3)

    assert {name for name, _ in telegram.calls} == {"send_photo"}
    tried = telegram.sent("send_photo")
    assert [each["message_thread_id"] for each in tried] == [3, 3, None]
    assert [each["reply_parameters"] is None for each in tried] == [False, True, True]


def test_a_topic_that_is_not_found_costs_the_answer_its_number_before_its_reply() -> None:
    """A reply finds its topic by itself, where only the number is not known."""
    telegram = FakeTelegram()
    telegram.script["send_message"] = [refused(400, "Bad Request: message thread not found")]

    carried(telegram, replying(saying(SCREEN), 77), thread=3)

    first, second = telegram.sent("send_message")
    assert (first["message_thread_id"], second["message_thread_id"]) == (3, None)
    assert second["reply_parameters"].message_id == 77


# ------------------------------------------------------ a button that is refused --

BUTTONS: Keyboard = (
    (Button("again", "again|1|"), Button("share", share="5")),
    (Button("see", url="https://t.me/x"), Button("copy", copy="words")),
)
NO_BUTTON = [
    refused(400, f"Bad Request: {words}")
    for words in (
        "BUTTON_TYPE_INVALID",
        "BUTTON_URL_INVALID",
        "REPLY_MARKUP_INVALID",
        "inline keyboard button URL 'https://t.me/x' is invalid: Wrong HTTP URL",
    )
]


def shown(telegram: FakeTelegram, method: str) -> list[list[str]]:
    """The labels under each of these messages."""
    return [
        [each.text for row in sent["reply_markup"].inline_keyboard for each in row]
        for sent in telegram.sent(method)
    ]


@pytest.mark.parametrize("refusal", NO_BUTTON, ids=lambda error: str(error)[13:40])
@pytest.mark.parametrize(
    ("payload", "method"),
    [
        (
            showing(
                "photo", ["http://x.example/1.png"], Markup("x"), BUTTONS, link=Markup("the link")
            ),
            "send_photo",
        ),
        (saying(Screen(Markup("hello"), BUTTONS)), "send_message"),
        (editing(5, Screen(Markup("hello"), BUTTONS), or_say=True), "edit_message_text"),
    ],
    ids=["picture", "text", "edit"],
)
def test_a_button_that_telegram_refuses_costs_the_message_nothing_else(
    payload: dict[str, Any], method: str, refusal: BotError
) -> None:
    """As when inline mode was switched off after the bot had asked for it."""
    telegram = FakeTelegram()
    telegram.script[method] = [refusal]

    sent = carried(telegram, payload)

    assert sent.message_id is not None
    assert {name for name, _ in telegram.calls} == {method}
    assert shown(telegram, method) == [["again", "share", "see", "copy"], ["again"]]


def test_what_has_only_buttons_that_cannot_be_refused_is_not_repeated() -> None:
    telegram = FakeTelegram()
    telegram.script["send_message"] = list(NO_BUTTON)
    payload = saying(Screen(Markup("hello"), ((Button("again", "again|1|"),),)))

    with pytest.raises(BadButtons):
        carried(telegram, payload)

    assert len(telegram.calls) == 1


# ------------------------------------------------------------- clips of an album --
