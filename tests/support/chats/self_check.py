"""The nightly self-check of a conversation's database."""

from collections.abc import Callable
from threading import Event

from kie.money.audit import Audit
from supervisor.telemetry.metrics import Metrics
from tests.support.chats.conversation import BOT_ID, Conversation


class Timer:
    """Keeps the timers that were asked for, and fires them when told to."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.act: Callable[[], None] | None = None

    def call_later(self, name: str, seconds: float, fn: Callable[[], None]) -> None:
        assert name == "ledger_check"
        self.asked.append(seconds)
        self.act = fn

    def cancel(self, name: str) -> None:
        self.act = None


def audit_of(
    talk: Conversation, metrics: Metrics | None = None, timer: Timer | None = None
) -> Audit:
    """The self-check over this conversation."""
    return Audit(
        database=talk.database,
        alerts=talk.news,
        metrics=metrics or Metrics(),
        timer=timer or Timer(),
        clock=talk.clock,
        bot_id=BOT_ID,
    )


def differences(talk: Conversation) -> list[str]:
    """What it finds in the books."""
    found = audit_of(talk).check(talk.term, Event())
    assert found is not None
    return found
