"""Answers: from the webhook request of a /start to the sendMessage that answers it, beside PTB and
aiogram with an equivalent handler: it answers with the same message, of nine buttons, and then
removes its former answer in the chat, so that one of them has buttons.

All three get the same requests and call the same stub of the Bot API, in alternating rounds. The
chats are known: each wrote /start before. Ours commits update, answer and both outcomes to
PostgreSQL (its own settings, fsync on), and runs with all features on; the others keep in memory
which answer was the former one.

    python tests/bench/answers.py [--quick]

cpu, db: microseconds of processor per answered /start in the server's process and in PostgreSQL's.
rest: one request at a time, four a second, over one connection. busy: 100 a second, over 40. Times
in milliseconds. MB: resident memory before the first request.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from threading import Event
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil
from loguru import logger

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migration import migrate
from supervisor.runtime.clock import SystemClock
from tests.bench.bot_api_stub import BotApiStub
from tests.bench.intake import (
    SECRET,
    Ours,
    Peer,
    no_collection,
    request,
    steady,
    update,
)
from tests.bench.library_bots import run_aiogram, run_ptb
from tests.bench.processor import cpu_seconds
from tests.support.bots.world import TOKEN, World
from tests.support.machine.waiting import until

FIRST_CHAT = 500_000
#: What ours answers.
TEXT = "What shall we make?\n\nFree today: 20 pictures\nBalance: 0 credits 💎"
BUTTONS = [
    [("🎨 Picture", "task||draw"), ("🎬 Video", "task||film")],
    [("🪄 Edit a photo", "task||edit"), ("💃 Animate a photo", "task||animate")],
    [("🔊 Voice", "task||voice"), ("🧰 Touch up", "task||tools")],
    [("✨ Effects", "fx||")],
    [("🖼 My works", "history||"), ("💳 Balance", "balance||")],
]


@dataclass
class Figures:
    cpu: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    rest: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def start(number: int, chat: int) -> bytes:
    made = json.loads(update(number))
    message = made["message"]
    message["chat"]["id"] = message["from"]["id"] = chat
    message["text"] = "/start"
    message["entities"] = [{"offset": 0, "length": 6, "type": "bot_command"}]
    return json.dumps(made).encode()


# ------------------------------------------------------------------- peers --


def serve_ptb(api: str, port: int, path: str, _: "Synchronized[int]") -> None:
    from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
    from telegram.ext import CommandHandler

    answers: dict[int, int] = {}

    async def answer(found: Any, context: Any) -> None:
        rows = [[InlineKeyboardButton(*each) for each in row] for row in BUTTONS]
        shown = InlineKeyboardMarkup(rows)
        sent = await found.message.reply_text(
            TEXT,
            parse_mode="HTML",
            reply_markup=shown,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        chat = found.message.chat_id
        former, answers[chat] = answers.get(chat), sent.message_id
        if former is not None:
            await context.bot.delete_message(chat, former)

    handler = CommandHandler("start", answer, block=False)
    run_ptb(handler, token=TOKEN, api=api, port=port, path=path, secret=SECRET)


def serve_aiogram(api: str, port: int, path: str, _: "Synchronized[int]") -> None:
    from aiogram import Bot, Dispatcher, filters
    from aiogram.types import (
        InlineKeyboardButton,
        InlineKeyboardMarkup,
        LinkPreviewOptions,
        Message,
    )

    dispatcher = Dispatcher()
    answers: dict[int, int] = {}

    @dispatcher.message(filters.CommandStart())
    async def answer(message: Message, bot: Bot) -> None:
        rows = [
            [InlineKeyboardButton(text=text, callback_data=data) for text, data in row]
            for row in BUTTONS
        ]
        shown = InlineKeyboardMarkup(inline_keyboard=rows)
        sent = await message.answer(
            TEXT,
            parse_mode="HTML",
            reply_markup=shown,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        chat = message.chat.id
        former, answers[chat] = answers.get(chat), sent.message_id
        if former is not None:
            await bot.delete_message(chat, former)

    run_aiogram(dispatcher, token=TOKEN, api=api, port=port, path=path, secret=SECRET)


# ------------------------------------------------------------------ rounds --


class Bench:
    def __init__(self, stub: BotApiStub, *, quick: bool) -> None:
        self._stub = stub
        self._rest, self._busy = (8, 100) if quick else (40, 300)
        self._next = 1
        self.figures: dict[str, Figures] = {}

    def measure(self, server: Ours | Peer) -> None:
        figures = self.figures.setdefault(server.name, Figures())
        process = psutil.Process(server.pid)
        figures.memory.append(process.memory_info().rss / 2**20)
        self._answered(server, self._busy, 50.0)
        # Nothing of the first answers is under way any more, nor the samples behind them.
        until(server.is_idle, 120, f"{server.name} is idle")
        time.sleep(1.0)
        before = cpu_seconds(process), server.database_seconds()
        figures.rest += self._answered(server, self._rest, 4.0, connections=1)
        figures.busy += self._answered(server, self._busy, 100.0)
        until(server.is_idle, 60, f"{server.name} is idle")
        time.sleep(0.5)
        after = cpu_seconds(process), server.database_seconds()
        count = self._rest + self._busy
        figures.cpu.append((after[0] - before[0]) / count * 1e6)
        figures.database.append((after[1] - before[1]) / count * 1e6)

    def _answered(
        self, server: Ours | Peer, count: int, rate: float, *, connections: int = 40
    ) -> list[float]:
        """Milliseconds from when each request was due to the call that answers it."""
        bodies = []
        for chat in range(FIRST_CHAT, FIRST_CHAT + count):
            bodies.append(start(self._next, chat))
            self._next += 1
        requests = [request(server.path, each) for each in bodies]
        self._stub.sent()
        with no_collection():
            begun, _ = asyncio.run(steady(server.port, requests, rate, connections))
        sent: dict[int, float] = {}

        def all_sent() -> bool:
            for chat, at in self._stub.sent().items():
                sent.setdefault(chat, at)
            return len(sent) >= count

        until(all_sent, 60, f"{server.name} has answered")
        return [
            (sent[FIRST_CHAT + number] - begun - number / rate) * 1000 for number in range(count)
        ]

    def show(self) -> None:
        print(
            f"{'':10}{'cpu µs':>9}{'db µs':>8}{'both ÷':>8}{'rest p50':>10}{'p99':>8}"
            f"{'busy p50':>10}{'p99':>8}{'MB':>6}"
        )
        ours = _both(self.figures["trt"])
        median = statistics.median
        for name, found in self.figures.items():
            ratio = median(a / b for a, b in zip(ours, _both(found), strict=True))
            rest, busy = _percentiles(found.rest), _percentiles(found.busy)
            print(
                f"{name:10}{median(found.cpu):>9.0f}{median(found.database):>8.0f}{ratio:>8.2f}"
                f"{rest[0]:>10.1f}{rest[1]:>8.1f}{busy[0]:>10.1f}{busy[1]:>8.1f}"
                f"{median(found.memory):>6.0f}"
            )


def _both(found: Figures) -> list[float]:
    return [a + b for a, b in zip(found.cpu, found.database, strict=True)]


def _percentiles(found: Sequence[float]) -> tuple[float, float]:
    return statistics.median(found), statistics.quantiles(found, n=100)[98]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two rounds of fewer requests")
    quick = parser.parse_args().quick
    logger.remove()
    with tempfile.TemporaryDirectory(prefix="trt-bench-") as folder:
        server = EmbeddedPostgres.start(Path(folder) / "data")
        migrate(server.dsn, SystemClock(), Event())
        running_as = (Path(folder) / "data" / "postgres" / "postmaster.pid").read_text()
        stub = BotApiStub()
        world = World(Path(folder), server.dsn.reveal())
        postmaster, dsn = int(running_as.split()[0]), server.dsn.reveal()
        makers: tuple[Callable[[], Ours | Peer], ...] = (
            lambda: Ours(world, dsn, postmaster, TELEGRAM_API_URL=stub.url),
            lambda: Peer("ptb", serve_ptb, stub.url),
            lambda: Peer("aiogram", serve_aiogram, stub.url),
        )
        bench = Bench(stub, quick=quick)
        for _ in range(2 if quick else 5):
            for make in makers:
                running = make()
                bench.measure(running)
                running.close()
        print(f"load average {os.getloadavg()[0]:.1f}")
        bench.show()
        world.close()
        stub.close()
        server.close()


if __name__ == "__main__":
    main()
