"""No call leaves without an open gate."""

import asyncio
import gc
from typing import Any

import pytest

from handlers.courier import NEED, Courier
from handlers.dialogue.effects import Screen
from handlers.outbox import editing, saying, showing
from handlers.texts import Markup
from handlers.verdict import NotYet
from supervisor.errors import Fenced, Rejected
from supervisor.term import Gate
from tests.support.conversation import FakeTelegram
from tests.support.fakes import FakeClock
from tests.support.link_files import Files

SCREEN = Screen(Markup("hello"))
PAYLOADS: list[dict[str, Any]] = [
    saying(SCREEN),
    editing(5, SCREEN, or_say=True),
    {"do": "toast", "query_id": "q", "text": "", "alert": False},
    {"do": "refuse", "query_id": "q", "text": "no"},
    showing("photo", ["http://x.example/1.png"], Markup("x"), (), link=Markup("x")),
]


def carry(gate: Gate, payload: dict[str, Any]) -> FakeTelegram:
    telegram = FakeTelegram()
    courier = Courier(telegram, Files())
    try:
        asyncio.run(courier.carry(gate, 7, payload))
    finally:
        gc.collect()  # a coroutine that was made and never awaited would be a warning here
        assert telegram.calls == []
    return telegram


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_shut_gate_lets_no_call_out(payload: dict[str, Any]) -> None:
    gate = Gate(FakeClock())
    gate.extend(10_000.0)
    gate.shut()

    with pytest.raises(Fenced):
        carry(gate, payload)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_too_little_trust_means_not_yet(payload: dict[str, Any]) -> None:
    clock = FakeClock()
    gate = Gate(clock)
    gate.extend(clock.now() + NEED - 0.1)

    with pytest.raises(NotYet):
        carry(gate, payload)


def test_a_payload_of_another_release_is_refused_not_guessed() -> None:
    clock = FakeClock()
    gate = Gate(clock)
    gate.extend(clock.now() + 100)

    with pytest.raises(Rejected):
        carry(gate, {"do": "sing"})
