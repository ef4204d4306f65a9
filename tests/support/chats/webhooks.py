"""The setting of a webhook, with a Telegram that remembers it."""

import asyncio
import datetime
from typing import Any

from handlers.bot_api.calls import keep_result
from handlers.intake.webhook_setup import WebhookSetup
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.chats.conversation import Conversation

BASE = "https://bot.example"
IDENTITY = Identity(Secret("123456:TEST-TOKEN"))
URL = IDENTITY.webhook_url(BASE)


class FakeApi:
    """Telegram's three webhook methods, with a memory."""

    def __init__(self) -> None:
        self.url = ""
        self.allowed: tuple[str, ...] = ()
        self.secret = ""
        self.calls: list[str] = []
        self.dropped: list[bool] = []
        self.failures: list[Exception] = []
        self.unknown: set[str] = set()  #: kinds of updates that this server leaves out
        self.deaf = False  #: takes a webhook and does not keep it
        #: When Telegram last failed to reach us, look by look; None: never.
        self.errors: list[datetime.datetime | None] = []
        self.pending = 0

    def _fail(self, name: str) -> None:
        self.calls.append(name)
        if self.failures:
            raise self.failures.pop(0)

    async def get_webhook_info(self, *, read_timeout: float) -> None:
        self._fail("get")
        error = self.errors.pop(0) if self.errors else None
        told = (
            {
                "last_error_date": int(error.timestamp()),
                "last_error_message": "Connection refused",
            }
            if error
            else {}
        )
        keep_result(
            {
                "url": self.url,
                "has_custom_certificate": False,
                "pending_update_count": self.pending,
                "allowed_updates": list(self.allowed),
                **told,
            }
        )

    async def set_webhook(self, url: str, **options: Any) -> None:
        self._fail("set")
        assert "drop_pending_updates" not in options
        if not self.deaf:
            kinds = options["allowed_updates"]
            self.url, self.allowed = url, tuple(k for k in kinds if k not in self.unknown)
            self.secret = options["secret_token"]
        keep_result(True)

    async def delete_webhook(self, drop_pending_updates: bool, *, read_timeout: float) -> None:
        self._fail("delete")
        self.dropped.append(drop_pending_updates)
        self.url = ""
        keep_result(True)


def webhook_setup(talk: Conversation, api: FakeApi, **options: Any) -> WebhookSetup:
    given: dict[str, Any] = {"base_url": BASE, "identity": IDENTITY, **options}
    return WebhookSetup(api=api, database=talk.database, clock=SystemClock(), **given)


def ensure(talk: Conversation, api: FakeApi, **options: Any) -> bool:
    return asyncio.run(webhook_setup(talk, api, **options).ensure(talk.term))
