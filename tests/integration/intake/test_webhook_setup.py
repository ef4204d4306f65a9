"""The webhook: compared, set when it differs, read back."""

import asyncio

import pytest

from handlers.intake.envelope import ALLOWED_UPDATES
from supervisor.runtime.errors import Unavailable
from tests.support.chats.conversation import Conversation
from tests.support.chats.webhooks import IDENTITY, URL, FakeApi, ensure, webhook_setup

pytestmark = pytest.mark.any_server


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


def test_a_kind_that_an_older_server_does_not_know_is_left_out_of_the_webhook(
    talk: Conversation, api: FakeApi
) -> None:
    api.unknown = {"subscription"}
    setup = webhook_setup(talk, api)

    assert asyncio.run(setup.ensure(talk.term))

    assert set(ALLOWED_UPDATES) - set(api.allowed) == {"subscription"}
    api.calls.clear()
    assert not asyncio.run(setup.ensure(talk.term))
    assert api.calls == ["get"]


def test_a_server_that_knows_a_kind_again_is_asked_for_it(talk: Conversation, api: FakeApi) -> None:
    api.unknown = {"subscription"}
    ensure(talk, api)
    api.unknown.clear()

    assert ensure(talk, api)
    assert api.allowed == ALLOWED_UPDATES


def test_a_webhook_without_messages_is_a_failure(talk: Conversation, api: FakeApi) -> None:
    api.unknown = {"subscription", "message"}

    with pytest.raises(Unavailable):
        ensure(talk, api)


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
