"""What the receivers do before anything is stored."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.intake.envelope import LAST_CHECKOUT_LANE, envelope_of, envelope_of_update
from handlers.intake.webhook import Webhook
from supervisor.http.routes import Head
from supervisor.runtime.errors import BotError, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.bots.fake_inbox import FakeInbox
from tests.support.edges import telegram_updates as telegram

TOKEN = "123456:TEST-TOKEN"
IDENTITY = Identity(Secret(TOKEN))

# ------------------------------------------------------------------ envelopes --


@pytest.mark.parametrize(
    ("update", "lane", "kind"),
    [
        (telegram.message(7, update_id=1, text="x"), 7, "message"),
        (telegram.press("x", 8), 8, "callback_query"),
        ({"update_id": 1, "callback_query": {"from": {"id": 9}, "inline_message_id": "i"}}, 9,
         "callback_query"),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": -5}, "from": {"id": 1}}}, -5,
         "my_chat_member"),
        ({"update_id": 1, "poll": {"id": "p"}}, 0, "poll"),
        ({"update_id": 1}, 0, "empty"),
        ({"update_id": 1, "message": {"chat": {"id": "text"}}}, 0, "message"),
        ({"update_id": 1, "message": {"chat": {"id": 2**70}, "from": {"id": 3}}}, 3, "message"),
    ],
)  # fmt: skip
def test_an_update_goes_into_the_lane_of_its_chat_else_of_its_user(
    update: dict[str, Any], lane: int, kind: str
) -> None:
    envelope = envelope_of(telegram.raw(update))

    assert (envelope.lane, envelope.kind, envelope.state) == (lane, kind, "new")
    assert envelope == envelope_of_update(update)


@pytest.mark.parametrize("user", [7, 2**52, 2**53, -7, 0, "x", None])
def test_a_payer_has_a_lane_that_is_nobody_elses(user: Any) -> None:
    update = telegram.checkout()
    update["pre_checkout_query"]["from"]["id"] = user

    lane = envelope_of(telegram.raw(update)).lane

    assert -(2**63) < lane <= LAST_CHECKOUT_LANE
    assert envelope_of(telegram.raw(update)).is_checkout
    assert not envelope_of(telegram.raw(telegram.message(-(2**52), text="x"))).is_checkout


@pytest.mark.parametrize("chat", [0, 2**52, -(2**52), -(2**61), -(2**62), 2**63, True, "7", None])
def test_a_chat_that_cannot_be_has_no_lane(chat: Any) -> None:
    update = telegram.message(text="x")
    update["message"]["chat"]["id"] = chat
    update["message"]["from"]["id"] = chat

    envelope = envelope_of(telegram.raw(update))

    assert envelope.lane == 0
    assert not envelope.is_checkout


def test_a_press_says_which_query_waits_for_an_answer() -> None:
    press = telegram.press("x")
    assert envelope_of(telegram.raw(press)).query_id == press["callback_query"]["id"]
    press["callback_query"]["id"] = 5
    assert envelope_of(telegram.raw(press)).query_id is None
    assert envelope_of(telegram.raw(telegram.message(text="x"))).query_id is None


@pytest.mark.parametrize("query", ["", "a\x00b", "half \ud83d", "9" * 65, True, None, ["q"], {}])
def test_a_press_whose_query_cannot_be_stored_is_nobodys_spinner(query: Any) -> None:
    press = telegram.press("x")
    press["callback_query"]["id"] = query

    envelope = envelope_of(telegram.raw(press))

    assert (envelope.state, envelope.query_id) == ("new", None)
    envelope.body.encode()


@pytest.mark.parametrize("empty", ["message", "edited_message", "callback_query", "poll"])
def test_a_content_that_is_null_is_absent(empty: str) -> None:
    update = telegram.press("x", 8)
    nulls = {"update_id": update.pop("update_id"), empty: None} | update

    envelope = envelope_of(telegram.raw(nulls))

    assert (envelope.lane, envelope.kind) == (8, "callback_query")


@pytest.mark.parametrize("digits", [b"9" * 5000, b"-" + b"1" * 4301, b"1e999", b"1" * 400])
def test_a_number_that_nobody_can_read_does_not_hide_the_rest(digits: bytes) -> None:
    body = b'{"update_id":5,"message":{"chat":{"id":7},"date":%s,"text":"x"}}' % digits

    envelope = envelope_of(body)

    assert (envelope.update_id, envelope.lane, envelope.state) == (5, 7, "new")
    assert envelope.body.encode() == body


def test_the_mark_that_some_programs_put_before_utf_8_is_no_part_of_the_update() -> None:
    body = json.dumps(telegram.message(text="привет")).encode()

    assert envelope_of(b"\xef\xbb\xbf" + body) == envelope_of(body)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp1251"])
def test_an_update_in_another_encoding_than_the_bot_apis_is_set_aside(encoding: str) -> None:
    update = telegram.message(text="привет")

    envelope = envelope_of(json.dumps(update, ensure_ascii=False).encode(encoding))

    assert (envelope.state, envelope.update_id) == ("dead", None)
    assert "\x00" not in envelope.body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"update_id": true}',
        b'{"update_id": "5"}',
        b'{"update_id": -1}',
        b'{"update_id": 99999999999999999999999}',
        b'{"update_id": 1.5}',
        b'{"message": {}}',
        b'{"update_id": ' + b"9" * 5000 + b"}",
        b"a\x00b",
    ],
)
def test_what_cannot_be_read_is_kept_as_set_aside(body: bytes) -> None:
    envelope = envelope_of(body)

    assert envelope.state == "dead"
    assert envelope.update_id is None
    assert "\x00" not in envelope.body


@given(st.binary(max_size=200))
def test_no_body_breaks_the_envelope(body: bytes) -> None:
    envelope = envelope_of(body)

    envelope.body.encode()
    assert "\x00" not in envelope.body


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["chat", "from", "message", "id", "user", "x\ud800"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_shape_of_an_update_breaks_the_envelope(content: Any) -> None:
    envelope = envelope_of(
        json.dumps({"update_id": 5, "message": content, "k\x00": content}).encode()
    )

    assert envelope.update_id == 5
    assert -(2**63) <= envelope.lane < 2**63
    envelope.kind.encode()


# -------------------------------------------------------------------- webhook --


def head(path_id: str, secret: str | None) -> Head:
    headers = {} if secret is None else {"x-telegram-bot-api-secret-token": secret}
    return Head("POST", f"/telegram/{path_id}", {"id": path_id}, headers)


GOOD_ID, GOOD_SECRET = IDENTITY.webhook_id, IDENTITY.webhook_secret.reveal()


@pytest.mark.parametrize(
    ("path_id", "secret", "status"),
    [
        (GOOD_ID, GOOD_SECRET, None),
        (GOOD_ID, None, 401),
        (GOOD_ID, "wrong", 401),
        (GOOD_ID, GOOD_SECRET + "x", 401),
        (GOOD_ID, "ж\udcff", 401),
        ("wrong", GOOD_SECRET, 404),
        ("ж", GOOD_SECRET, 404),
        ("", None, 404),
    ],
)
def test_a_request_is_admitted_by_its_path_and_secret_alone(
    path_id: str, secret: str | None, status: int | None
) -> None:
    route = Webhook(IDENTITY, FakeInbox())  # type: ignore[arg-type]  # the one method it uses

    reply = route.admit(head(path_id, secret))

    assert (reply.status if reply else None) == status


def test_an_update_is_acknowledged_after_it_is_stored() -> None:
    inbox = FakeInbox()
    route = Webhook(IDENTITY, inbox)  # type: ignore[arg-type]

    reply = asyncio.run(route.answer(head(GOOD_ID, GOOD_SECRET), b'{"update_id": 5}'))

    assert reply.status == 200
    assert reply.body == b""
    assert [each.update_id for each in inbox.stored] == [5]


def test_broken_json_is_stored_and_acknowledged() -> None:
    inbox = FakeInbox()
    route = Webhook(IDENTITY, inbox)  # type: ignore[arg-type]

    assert asyncio.run(route.answer(head(GOOD_ID, GOOD_SECRET), b"{")).status == 200
    assert inbox.stored[0].state == "dead"


def test_the_short_way_stores_the_same_and_tells_when_it_is_stored() -> None:
    away = Unavailable("database: away")
    inbox = FakeInbox(None, away)
    route = Webhook(IDENTITY, inbox)  # type: ignore[arg-type]
    told: list[BotError | None] = []

    route.take(b'{"update_id": 5}', told.append)
    route.take(b'{"update_id": 6}', told.append)

    assert told == [None, away]
    assert [each.update_id for each in inbox.stored] == [5]
