"""Polling: a webhook in the way is removed, and never stolen."""

import asyncio

import pytest

from supervisor.runtime.errors import Misconfigured
from tests.support.chats.conversation import Conversation
from tests.support.chats.webhooks import IDENTITY, URL, FakeApi, ensure, webhook_setup

pytestmark = pytest.mark.any_server


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
