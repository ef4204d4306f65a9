"""An inbox that keeps what it is given, or fails as a test says."""

from collections.abc import Sequence
from typing import Any

from handlers.intake.envelope import Envelope
from handlers.intake.store_request import Done
from supervisor.runtime.errors import BotError


class FakeInbox:
    def __init__(self, *failures: Exception | None) -> None:
        self.stored: list[Envelope] = []
        self.failures = list(failures)

    async def store(self, envelopes: Sequence[Envelope]) -> None:
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.stored.extend(envelopes)

    def put(self, envelope: Envelope, update: Any, done: Done) -> None:
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, BotError):
            done(failure)
            return
        self.stored.append(envelope)
        done(None)
