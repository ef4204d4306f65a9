"""One delivery, carried out while the gate is open."""

import asyncio
from typing import Any

from handlers.delivery.calls import TelegramCalls
from handlers.delivery.claimed import SendContext
from handlers.delivery.outcome import Sent
from supervisor.runtime.term import Gate
from tests.support.chats.fake_telegram import FakeTelegram
from tests.support.edges.fakes import FakeClock
from tests.support.edges.link_files import Files

ALBUM = {
    "do": "album",
    "files": [["photo", "http://x.example/1.png"], ["photo", "http://x.example/2.png"]],
    "caption": "x",
    "keyboard": [],
    "link": "the link",
}


def carried(
    telegram: FakeTelegram,
    payload: dict[str, Any],
    *,
    chat: int = 7,
    thread: int | None = None,
    files: Files | None = None,
) -> Sent:
    """``payload`` is carried out while the gate is open."""
    gate = Gate(FakeClock())
    gate.extend(10_000.0)
    calls = TelegramCalls(telegram, files or Files(), FakeClock())
    return asyncio.run(calls.carry(SendContext(gate, chat, thread), payload))
