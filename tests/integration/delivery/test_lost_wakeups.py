"""An idle sender leaves the table alone; what nobody announced is found by the gauges."""

import threading
from typing import Any

import pytest

from handlers.delivery import sender
from supervisor.health.gauge_sampler import GaugeSampler
from supervisor.health.health import Health
from supervisor.lock.phase import Phase
from supervisor.runtime.clock import SystemClock
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import settled, texts

#: As an outbox that announces nothing would leave it.
UNTOLD = """
INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, state, claim_token, updated_at)
VALUES (%s, 7, 'answer', '{"do": "say", "text": "hello", "keyboard": []}', 'untold', %s, %s,
        now() - interval '11 seconds')
"""


@pytest.fixture
def looks(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The results of all looks at the table."""
    found: list[Any] = []
    claim = talk.claims.claim

    def counting(*given: Any, **named: Any) -> Any:
        found.append(claim(*given, **named))
        return found[-1]

    monkeypatch.setattr(talk.claims, "claim", counting)
    return found


def gauges(talk: Conversation) -> GaugeSampler:
    health = Health(SystemClock(), mode="polling", instance_id="test", version="0")
    health.phase_changed(Phase.ACTIVE, epoch=1, reason="won")
    return GaugeSampler(talk.database, talk.wakeups, health, BOT_ID, lambda: None)


def test_an_idle_sender_goes_round_without_a_look_at_the_table(
    talk: Conversation, looks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "ROUND", 0.01)
    rounds, turn, enough = 0, sender.Sender._turn, threading.Event()

    async def counting(self: Any, in_flight: Any) -> Any:
        nonlocal rounds
        rounds += 1
        if rounds >= 50:
            enough.set()
        return await turn(self, in_flight)

    monkeypatch.setattr(sender.Sender, "_turn", counting)
    with talk.sending():
        assert enough.wait(20)

    assert len(looks) == 1


def test_a_delivery_that_nobody_announced_is_found_by_the_gauges(
    talk: Conversation, looks: list[Any]
) -> None:
    with talk.sending():
        talk.until(lambda: looks, "the first look")
        talk.rows(UNTOLD, BOT_ID, "pending", None)

        gauges(talk).look()

        settled(talk, "untold", "sent")
    assert texts(talk) == ["hello"]


def test_a_claim_whose_commit_was_made_late_is_found_by_the_gauges(
    talk: Conversation, looks: list[Any]
) -> None:
    with talk.sending():
        talk.until(lambda: looks, "the first look")
        talk.rows(UNTOLD, BOT_ID, "sending", str(talk.term.token))

        gauges(talk).look()

        settled(talk, "untold", "sent")
    assert texts(talk) == ["hello"]


def test_without_gauges_the_sender_looks_itself(
    talk: Conversation, looks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "supervisor.health.gauge_sampler._SQL", {"gauges": "SELECT 1 FROM no_such_table"}
    )
    with talk.sending():
        talk.until(lambda: looks, "the first look")
        talk.rows(UNTOLD, BOT_ID, "pending", None)

        gauges(talk).look()

        settled(talk, "untold", "sent")
