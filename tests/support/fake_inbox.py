"""An inbox that keeps what it is given, or fails as a test says."""

from collections.abc import Sequence

from handlers.intake.envelope import Envelope


class FakeInbox:
    def __init__(self, *failures: Exception | None) -> None:
        self.stored: list[Envelope] = []
        self.failures = list(failures)

    async def store(self, envelopes: Sequence[Envelope]) -> None:
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.stored.extend(envelopes)
