"""What the stage is compared with: the acts of the demo, done to bots of PTB and of aiogram.

Both bots are written as the examples of their libraries are: updates are handled in memory, a
picture is awaited in its handler. They stand behind the same door, simulators, crowd and witness
as the two copies of the demo. A platform starts a process that ended again, and deploys as Render
does: the new copy first, then SIGTERM to the old one.

Writes ``sandbox/stage/recorded.json``, which the page of the demo shows as recorded.

    python tests/bench/peers.py
"""

import asyncio
import contextlib
import datetime
import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sandbox.client import SandboxClient, buttons
from sandbox.kie import KieSandbox
from sandbox.stage.acts import CROWD_PER_SECOND, CROWD_SECONDS, FROZEN_SECONDS
from sandbox.stage.crowd import Crowd, Witness
from sandbox.stage.relays import FrontDoor
from sandbox.telegram import TelegramSandbox
from tests.bench.library_bots import run_aiogram, run_ptb
from tests.support.bots.world import ROOT
from tests.support.machine.ports import free_port

RECORDED = ROOT / "sandbox" / "stage" / "recorded.json"
TOKEN, KIE_KEY, SECRET, PATH = "123456:PEERS", "peers", "peers-secret", "/webhook"
PEERS = {"ptb": "python-telegram-bot", "aiogram": "aiogram"}
#: As the demo's guest orders it.
WISH = "a red fox in the snow"
ACTS = ("deploy", "kill", "freeze")
SETTLED = 3.0  #: seconds without anything new after which an answer is not expected any more
LONGEST = 100.0  #: seconds; Telegram has repeated an update by then


# ---------------------------------------------------------------------- the two bots --


def picture(kie_url: str, wish: str) -> str:
    """Order it and wait for it, as tutorials do. Returns its link."""

    def call(path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{kie_url}{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {KIE_KEY}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: dict[str, Any] = json.loads(answer.read())["data"]
            return found

    inputs = {"prompt": wish, "aspect_ratio": "1:1"}
    task = call("/api/v1/jobs/createTask", {"model": "z-image", "input": inputs})["taskId"]
    while True:
        record = call(f"/api/v1/jobs/recordInfo?taskId={task}")
        if record["state"] == "success":
            return str(json.loads(record["resultJson"])["resultUrls"][0])
        time.sleep(1.0)


def serve_ptb(api: str, door: str, port: int, kie_url: str) -> None:
    from telegram import Update
    from telegram.ext import ContextTypes, MessageHandler, filters

    async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        text = update.message.text or ""
        if text == WISH:
            link = await asyncio.to_thread(picture, kie_url, text)
            await update.message.reply_photo(link)
        else:
            await update.message.reply_text(f"You wrote {text}")

    settings = {"token": TOKEN, "api": api, "path": PATH, "secret": SECRET, "base": door}
    run_ptb(MessageHandler(filters.TEXT, answer), port=port, at_once=True, **settings)


def serve_aiogram(api: str, door: str, port: int, kie_url: str) -> None:
    from aiogram import Bot, Dispatcher, F
    from aiogram.types import Message

    dispatcher = Dispatcher()

    @dispatcher.startup()
    async def begin(bot: Bot) -> None:
        await bot.set_webhook(f"{door}{PATH}", secret_token=SECRET)

    @dispatcher.message(F.text)
    async def answer(message: Message) -> None:
        text = message.text or ""
        if text == WISH:
            await message.answer_photo(await asyncio.to_thread(picture, kie_url, text))
        else:
            await message.answer(f"You wrote {text}")

    run_aiogram(dispatcher, token=TOKEN, api=api, port=port, path=PATH, secret=SECRET)


SERVERS: dict[str, Callable[[str, str, int, str], None]] = {
    "ptb": serve_ptb,
    "aiogram": serve_aiogram,
}


# ------------------------------------------------------------------------ the platform --


class Platform:
    """One bot behind the door, as a platform runs it."""

    def __init__(self, name: str, telegram: TelegramSandbox, kie_url: str) -> None:
        self._name = name
        self._telegram = telegram
        self._kie_url = kie_url
        self._door = FrontDoor()
        self._base = ""
        self.process: subprocess.Popen[bytes] | None = None
        self._port = 0

    async def start(self) -> None:
        self._base = f"http://127.0.0.1:{await self._door.listen()}"
        self._door.ports = []
        self.process, self._port = await self._begin()
        self._door.ports = [self._port]
        await self._until_webhook()

    async def _begin(self) -> tuple["subprocess.Popen[bytes]", int]:
        port = free_port()
        words = [self._name, self._telegram.url, self._base, str(port), self._kie_url]
        process = subprocess.Popen(
            [sys.executable, __file__, "serve", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return process, port
            await asyncio.sleep(0.05)
        raise RuntimeError(f"{self._name} does not listen")

    async def _until_webhook(self) -> None:
        ends = time.monotonic() + 60
        while not self._telegram.state.updates.webhook.url and time.monotonic() < ends:
            await asyncio.sleep(0.05)

    async def deploy(self) -> None:
        old = self.process
        self.process, self._port = await self._begin()
        self._door.route_to(self._port)
        if old is not None:
            old.send_signal(signal.SIGTERM)
            await asyncio.to_thread(old.wait, 60)

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        await asyncio.to_thread(self.process.wait)
        self.process, self._port = await self._begin()
        self._door.route_to(self._port)

    async def freeze(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)
        await asyncio.sleep(FROZEN_SECONDS)
        os.kill(self.process.pid, signal.SIGCONT)

    async def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)
        await self._door.close()


async def settled(witness: Witness, pictures: Callable[[], int]) -> None:
    """Until all has its answer, or nothing new has come for long."""
    ends, changed, before = time.monotonic() + LONGEST, time.monotonic(), (-1, -1)
    while time.monotonic() < ends:
        now = (witness.waiting(), pictures())
        if now != before:
            before, changed = now, time.monotonic()
        patience = SETTLED if not witness.waiting() else LONGEST / 2
        if time.monotonic() - changed > patience:
            return
        await asyncio.sleep(0.1)


async def measure(name: str, act: str) -> dict[str, Any]:
    """One act under the demo's load; the kill strikes in the middle of an order."""
    telegram, kie = TelegramSandbox(TOKEN), KieSandbox(KIE_KEY)
    await telegram.start("127.0.0.1", 0)
    kie_url = await kie.start()
    witness = Witness()
    telegram.state.events.watchers.append(witness.saw)
    crowd = Crowd(telegram.state, telegram.actions, witness)
    guest = next(iter(telegram.state.users.values()))
    platform = Platform(name, telegram, kie_url)

    def pictures() -> int:
        return sum("photo" in each for each in telegram.state.messages[guest.id].values())

    try:
        await platform.start()
        writing = asyncio.ensure_future(crowd.write(CROWD_SECONDS, CROWD_PER_SECOND))
        await asyncio.sleep(1.0)
        if act == "kill":
            telegram.actions.say(guest.id, WISH)
            while not kie.account.tasks:
                await asyncio.sleep(0.05)
        acts: dict[str, Callable[[], Awaitable[None]]] = {
            "deploy": platform.deploy,
            "kill": platform.kill,
            "freeze": platform.freeze,
        }
        await acts[act]()
        await writing
        await settled(witness, pictures)
        counters = witness.counters(settled=True)
        made = len(kie.account.tasks)
        return {**counters, "paid": made, "came": pictures()}
    finally:
        await platform.close()
        await telegram.stop()
        await kie.stop()


# ----------------------------------------------------------------------- TRT's own stage --


def _asked(url: str, act: str = "") -> dict[str, Any]:
    request = urllib.request.Request(f"{url}{'/' + act if act else ''}", b"" if act else None)
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: dict[str, Any] = json.loads(answer.read())
        return found


def _order(client: SandboxClient) -> None:
    """A wish, and the button that orders it."""
    guest = client.new_user("Guest", "en")
    client.say(guest, WISH)
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        for message in reversed(client.messages(guest, of_bot=True)):
            for button in buttons(message):
                if "Create" in button["text"]:
                    client.press_data(guest, message["message_id"], button["callback_data"])
                    return
        time.sleep(0.1)
    raise RuntimeError("no card came")


def measure_ours(act: str) -> dict[str, Any]:
    """The same on the stage of the demo itself."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        port = free_port()
        words = [str(ROOT / "run.py"), "demo", "--no-browser", "--port", str(port)]
        process = subprocess.Popen(
            [sys.executable, *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            assert process.stdout is not None
            while b"Open http" not in process.stdout.readline():
                pass
            base = f"http://127.0.0.1:{port}"
            stage = f"{base}/sandbox/stage"
            while sorted(each["state"] for each in _asked(stage)["copies"]) != [
                "ACTIVE",
                "PASSIVE",
            ]:
                time.sleep(0.1)
            _asked(stage, "crowd")
            time.sleep(1.0)
            if act == "kill":
                _order(SandboxClient(base))
            _asked(stage, act)
            while (now := _asked(stage))["act"] or not now["counters"]["settled"]:
                time.sleep(0.2)
            pictures = now["pictures"]
            return {**now["counters"], "paid": pictures["made"], "came": pictures["came"]}
        finally:
            process.terminate()
            process.wait(60)


def main(words: list[str]) -> int:
    if words[:1] == ["serve"]:
        name, api, door, port, kie_url = words[1:]
        SERVERS[name](api, door, int(port), kie_url)
        return 0
    rows = []
    for act in ACTS:
        for name in ("trt", *PEERS):
            found = measure_ours(act) if name == "trt" else asyncio.run(measure(name, act))
            rows.append({"bot": name, "act": act, **found})
            print(f"{act:8} {name:8} {found}", flush=True)
    versions = {name: importlib.metadata.version(package) for name, package in PEERS.items()}
    today = datetime.datetime.now(datetime.UTC).date()
    told = {"on": today.isoformat(), "versions": versions, "rows": rows}
    RECORDED.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
