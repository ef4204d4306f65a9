"""Telegram's methods of the webhook."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.chats.webhooks import FakeApi


@pytest.fixture
def api() -> "FakeApi":
    from tests.support.chats.webhooks import FakeApi

    return FakeApi()
