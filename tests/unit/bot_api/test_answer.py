"""Whose word an answer is, and what it says."""

import itertools
import json
from typing import Any

import pytest

from handlers.bot_api.answer import FLOOD_PAUSE, MOST_FLOOD, result
from handlers.bot_api.calls import file_id, message_id
from handlers.bot_api.errors import (
    REFUSALS,
    BadMarkup,
    BadPhoto,
    BadUrl,
    ChatMigrated,
    ChatUnreachable,
    Conflict,
    FileUnavailable,
    MessageGone,
    NothingToDo,
    NotServed,
    TokenRefused,
    TooLarge,
    TooManyRequests,
    UnreadableAnswer,
)
from supervisor.runtime.errors import BotError, OutcomeUnknown, Rejected, Unavailable
from tests.support.edges.telegram_answers import answered, refused

PAGES = [
    b"",
    b"404 page not found\n",
    b"<html><head><title>502 Bad Gateway</title></head></html>",
    b'{"message":"no Route matched with those values"}',
    b'{"error":"Unauthorized","error_code":401}',
    b'{"ok":1,"result":true}',
    b'{"ok":"false","error_code":401,"description":"Unauthorized"}',
    b'{"ok":false,"error_code":"401","description":"Unauthorized"}',
    b'{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}',
    b'{"ok":false,"description":"Unauthorized"}',
    b"[]",
    b"null",
    b"\xff\xfe{\x00}\x00",
]


def test_no_refusal_is_hidden_by_an_earlier_one() -> None:
    for (earlier, _), (later, _) in itertools.combinations(REFUSALS, 2):
        assert earlier not in later


@pytest.mark.parametrize(
    ("code", "description", "meaning"),
    [
        (400, "Bad Request: something else", Rejected),
        (400, "Message is not modified: specified new message", NothingToDo),
        (400, "Query is too old and response timeout expired", NothingToDo),
        (400, "Message to edit not found", MessageGone),
        (400, "Message can't be edited", MessageGone),
        (400, "Can't parse entities: unsupported start tag", BadMarkup),
        (400, "Chat not found", ChatUnreachable),
        (400, "Wrong file identifier/HTTP URL specified", BadUrl),
        (400, "Failed to get HTTP URL content", BadUrl),
        (400, "Wrong type of the web page content", BadUrl),
        (400, "PHOTO_INVALID_DIMENSIONS", BadPhoto),
        (400, "Bad Request: wrong file_id or the file is temporarily unavailable", FileUnavailable),
        (400, "Bad Request: have no rights to send a message", ChatUnreachable),
        (400, "Bad Request: group chat was deactivated", ChatUnreachable),
        (400, "Bad Request: USER_IS_BLOCKED", ChatUnreachable),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", ChatUnreachable),
        (400, "Bad Request: SLOWMODE_WAIT_30", TooManyRequests),
        (420, "FLOOD_WAIT_5", TooManyRequests),
        (404, "Not Found: method not found", Rejected),
        (400, "Logged out", NotServed),
        (401, "Unauthorized", TokenRefused),
        (401, "Unauthorized: invalid api-id/api-hash", NotServed),
        (403, "Forbidden: bot was blocked by the user", ChatUnreachable),
        (404, "Not Found", TokenRefused),
        (409, "Conflict: terminated by other getUpdates request", Conflict),
        (413, "Request Entity Too Large", TooLarge),
        (418, "a code that nobody knows", Rejected),
        (500, "Internal Server Error", OutcomeUnknown),
        (502, "Bad Gateway", OutcomeUnknown),
        (504, "Gateway Timeout", OutcomeUnknown),
    ],
)
def test_telegrams_own_refusal_means_what_its_code_and_text_say(
    code: int, description: str, meaning: type[BotError]
) -> None:
    assert type(refused(code, description)) is meaning


@pytest.mark.parametrize("body", PAGES)
@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (200, UnreadableAnswer),
        (302, Unavailable),
        (401, Unavailable),
        (403, Unavailable),
        (404, Unavailable),
        (407, Unavailable),
        (413, TooLarge),
        (429, Unavailable),
        (500, OutcomeUnknown),
        (502, OutcomeUnknown),
        (503, OutcomeUnknown),
        (504, OutcomeUnknown),
        (599, OutcomeUnknown),
    ],
)
def test_a_page_of_something_in_between_is_no_verdict(
    status: int, meaning: type[BotError], body: bytes
) -> None:
    assert type(answered(status, body)) is meaning


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"ok":true,"result":{"message_id":5}}', {"message_id": 5}),
        (b'{"ok":true,"result":true}', True),
        (b'{"ok":true,"result":"abc"}', "abc"),
        (b'{"ok":true}', None),
        (b'{"ok":true,"result":null,"description":7}', None),
    ],
)
def test_what_is_ok_has_happened_whatever_its_result_looks_like(body: bytes, found: Any) -> None:
    assert result(200, body) == found


def test_a_number_that_nobody_can_read_does_not_hide_that_it_happened() -> None:
    body = b'{"ok":true,"result":{"message_id":5,"date":%s}}' % (b"9" * 5000)

    assert result(200, body) == {"message_id": 5, "date": None}


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        (7, 7.0),
        (0.5, 0.5),
        (10**12, MOST_FLOOD),
        (10**400, FLOOD_PAUSE),
        (-3, FLOOD_PAUSE),
        (True, FLOOD_PAUSE),
        ("7", FLOOD_PAUSE),
        (None, FLOOD_PAUSE),
    ],
)
def test_flood_control_names_its_seconds_within_reason(asked: Any, seconds: float) -> None:
    error = refused(429, "Too Many Requests", retry_after=asked)

    assert isinstance(error, TooManyRequests)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Bad Request: SLOWMODE_WAIT_30", 30.0),
        ("Bad Request: FLOOD_WAIT_0", FLOOD_PAUSE),
        ("Bad Request: FLOOD_WAIT_999999", MOST_FLOOD),
    ],
)
def test_a_wait_in_telegrams_own_words_is_one(words: str, seconds: float) -> None:
    error = refused(400, words)

    assert isinstance(error, TooManyRequests)
    assert error.retry_after == seconds


@pytest.mark.parametrize("parameters", [[], "x", 5, None])
def test_parameters_that_are_none_say_nothing(parameters: Any) -> None:
    refusal = {"ok": False, "error_code": 429, "description": "", "parameters": parameters}
    error = answered(429, json.dumps(refusal).encode())

    assert isinstance(error, TooManyRequests)
    assert error.retry_after == FLOOD_PAUSE


def test_a_group_that_has_moved_names_its_new_number() -> None:
    moved = refused(400, "group chat was upgraded", migrate_to_chat_id=-1005)

    assert isinstance(moved, ChatMigrated)
    assert moved.chat_id == -1005


@pytest.mark.parametrize("number", [2**63, "-1005", True, [], 1.5, 0, 7])
def test_a_number_that_no_chat_can_have_is_not_moved_to(number: Any) -> None:
    error = refused(400, "group chat was upgraded", migrate_to_chat_id=number)

    assert type(error) is Rejected


@pytest.mark.parametrize(
    "description",
    ["a\x00b", "half \ud83d of a pair", "red \x1b[31m", "two\nlines", 5, ["x"], {}, "x" * 10**6],
)
def test_what_telegram_says_can_be_stored_and_printed(description: Any) -> None:
    text = str(refused(400, description))

    assert text.isprintable()
    assert len(text) <= 300
    text.encode()


@pytest.mark.parametrize(
    ("found", "number"),
    [
        ({"message_id": 5}, 5),
        ({"message_id": "5"}, None),
        ({"message_id": 2**63}, None),
        ({"message_id": True}, None),
        ({"message_id": None}, None),
        ({"message_id": -5}, None),
        (True, None),
        (None, None),
        ("abc", None),
        ([], None),
    ],
)
def test_a_message_has_the_number_that_its_answer_tells(found: Any, number: int | None) -> None:
    assert message_id(found) == number


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ({"photo": [{"file_id": "small"}, {"file_id": "large"}]}, "large"),
        ({"video": {"file_id": "v"}}, "v"),
        ({"document": {"file_id": "d"}, "photo": None}, "d"),
        ({"photo": [], "audio": {"file_id": "a"}}, "a"),
        ({"photo": [{"file_id": "nul \x00"}]}, None),
        ({"photo": [{"file_id": "half \udc00"}]}, None),
        ({"photo": [{"file_id": 5}]}, None),
        ({"photo": {"file_id": "x"}}, None),
        ({"video": ["x"]}, None),
        ({}, None),
        (True, None),
        (None, None),
    ],
)
def test_a_file_has_the_name_that_its_answer_tells(found: Any, name: str | None) -> None:
    assert file_id(found) == name
