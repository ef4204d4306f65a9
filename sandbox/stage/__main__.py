"""``python -m sandbox.stage``: the simulators, the page and two copies of the bot.

The settings come in the environment: ``STAGE`` holds port, dsn, data_dir and the settings of the
copies as JSON. The first line on stdout names the page. A line ``{"ask": "restart"}`` asks the
parent to restart PostgreSQL; it answers with a line. The end of stdin ends everything.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.kie import KieSandbox
from sandbox.stage.acts import Acts
from sandbox.stage.copies import Copy
from sandbox.stage.crowd import Crowd, Witness
from sandbox.stage.director import Director
from sandbox.stage.guest import Guest
from sandbox.stage.relays import FrontDoor, Relay, to_port, to_socket
from sandbox.stage.routes import StageRoutes
from sandbox.stage.tables import Tables, fresh_database
from sandbox.telegram import TelegramSandbox

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Returns 0 when stopped, 1 when a port is taken."""
    given = json.loads(os.environ.pop("STAGE"))
    folder = Path(tempfile.mkdtemp(prefix="trt-stage-"))
    try:
        return asyncio.run(_run(given, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _run(given: dict[str, Any], folder: Path) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    parent = _Parent(stop)
    routes = StageRoutes()
    telegram = TelegramSandbox(given["token"], guests=(routes,))
    kie = KieSandbox(given["kie_key"])
    director, acts = None, None
    try:
        try:
            page = await telegram.start("127.0.0.1", given["port"])
        except OSError as error:
            sys.stderr.write(f"the stage cannot listen: {error}\n")
            return 1
        kie_url = await kie.start()
        bot_id = int(given["token"].partition(":")[0])
        given["dsn"] = await asyncio.to_thread(fresh_database, given["dsn"], bot_id)
        director, acts = await _set(given, folder, telegram, kie, kie_url, parent)
        routes.set(director.snapshot, acts.begin, (*acts.all(), "crowd"))
        await director.start()
        parent.tell({"page": page})
        await stop.wait()
        return 0
    finally:
        if acts is not None:
            await acts.close()
        if director is not None:
            await director.close()
        await telegram.stop()
        await kie.stop()


async def _set(
    given: dict[str, Any],
    folder: Path,
    telegram: TelegramSandbox,
    kie: KieSandbox,
    kie_url: str,
    parent: "_Parent",
) -> tuple[Director, Acts]:
    """Everything in its place; nothing runs yet."""
    door = FrontDoor()
    base = f"http://127.0.0.1:{await door.listen()}"
    shared = {
        **os.environ,
        **given["settings"],
        "TELEGRAM_BOT_TOKEN": given["token"],
        "KIE_API_KEY": given["kie_key"],
        "WEBHOOK_BASE_URL": base,
        "KIE_API_URL": kie_url,
        "KIE_UPLOAD_URL": kie_url,
    }
    copies = [
        await _copy(slot, given, shared, folder, int(urlsplit(telegram.url).port or 0))
        for slot in ("A", "B")
    ]
    witness = Witness()
    telegram.state.events.watchers.append(witness.saw)
    crowd = Crowd(telegram.state, telegram.actions, witness)
    books = Tables(given["dsn"], int(given["token"].partition(":")[0]))
    director = Director(copies, door, books, telegram.state, kie.account, crowd, witness)
    guest = Guest(telegram.state, telegram.actions, telegram.queries, director.purse)
    acts = Acts(director, kie.account, telegram.limits, guest, parent.restart)
    return director, acts


async def _copy(
    slot: str, given: dict[str, Any], shared: dict[str, str], folder: Path, telegram_port: int
) -> Copy:
    calls: list[float] = []
    telegram = Relay(to_port(telegram_port), calls.append)
    own = {
        **shared,
        "PORT": str(_free_port()),
        "TELEGRAM_API_URL": f"http://127.0.0.1:{await telegram.listen()}",
        "DATA_DIR": str(Path(given["data_dir"]) / slot),
    }
    database = None
    sockets = parse_qs(urlsplit(given["dsn"]).query).get("host")
    if sockets and hasattr(asyncio, "start_unix_server"):
        database = Relay(to_socket(f"{sockets[0]}/.s.PGSQL.5432"))
        home = folder / slot
        home.mkdir()
        await database.listen_at(str(home / ".s.PGSQL.5432"))
        own["DATABASE_URL"] = given["dsn"].replace(sockets[0], str(home))
    else:
        own["DATABASE_URL"] = given["dsn"]
    made = Copy(slot, int(own["PORT"]), own, database, telegram, ROOT)
    made.calls = calls
    return made


class _Parent:
    """The process that owns PostgreSQL: lines there and back."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._answers: asyncio.Queue[str] = asyncio.Queue()
        self._reading = asyncio.ensure_future(self._read(stop))

    def tell(self, what: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()

    async def restart(self) -> None:
        self.tell({"ask": "restart"})
        await self._answers.get()

    async def _read(self, stop: asyncio.Event) -> None:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            self._answers.put_nowait(line.decode())
        stop.set()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
