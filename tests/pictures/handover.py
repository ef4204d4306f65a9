"""Makes docs/images/handover-<language>.svg: a deploy under load, drawn from a real run.

Two instances of `run.py serve`, a real PostgreSQL, and users who write all the time: the second
instance starts, Telegram is led to it, the first one gets SIGTERM. Every dot is an update, drawn
when it was written and when its answer was seen in the chat.

    python tests/pictures/handover.py
"""

import signal
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psycopg2
from loguru import logger

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migration import migrate
from supervisor.runtime.clock import SystemClock
from tests.bench.handover import Eyes, until_settled
from tests.pictures.chat import IMAGES
from tests.pictures.timeline import WORDS, Handover, Span, drawn
from tests.support.bots.crowd import Crowd, Tally
from tests.support.bots.world import ROOT, Bot, World

CHATS, TEXTS_PER_SECOND = 60, 20.0
BEFORE, BESIDE, AFTER = 2.0, 1.1, 2.0  #: seconds: alone, both, alone


@dataclass
class Run:
    """What is known after the run, in seconds of the wall clock."""

    second: Bot
    stopped: float  #: SIGTERM to the first instance
    freed: float
    won: float
    eyes: Eyes
    tally: Tally
    said: int


def deploy(folder: Path) -> Run:
    server = EmbeddedPostgres.start(folder / "data")
    migrate(server.dsn, SystemClock(), threading.Event())
    world = World(folder, server.dsn.reveal())
    pause, over = threading.Event(), threading.Event()
    try:
        first = world.bot(LOG_LEVEL="INFO")
        first.wait_line("WEBHOOK CONFIGURED")
        crowd = Crowd(world.telegram, server.dsn, CHATS)
        eyes = Eyes(world.telegram_url)
        talk = threading.Thread(target=crowd.talk, args=(10**6, TEXTS_PER_SECOND, over.is_set))
        talk.start()
        pause.wait(BEFORE)
        second = world.bot(LOG_LEVEL="INFO", PORT=str(world.spare_port))
        second.wait_line("PASSIVE MODE")
        world.telegram.options(route=f"http://127.0.0.1:{second.port}")
        pause.wait(BESIDE)
        stopped = time.time()
        first.signal(signal.SIGTERM)
        assert first.wait() == 0
        second.wait_state("ACTIVE")
        pause.wait(AFTER)
        over.set()
        talk.join()
        until_settled(crowd)
        freed, won = lock_moments(server.dsn.reveal())
        return Run(second, stopped, freed, won, eyes, crowd.tally(), crowd.said)
    finally:
        over.set()
        world.close()
        server.close()


def lock_moments(dsn: str) -> tuple[float, float]:
    """When the first instance signed its term off and the second one won its own, both by the
    clock of the server."""
    connection = psycopg2.connect(dsn)
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM signed_off_at), extract(epoch FROM acquired_at)"
            " FROM lock_epochs ORDER BY epoch"
        )
        (freed, _), (_, won) = cursor.fetchall()
    return float(freed), float(won)


def logged(bot: Bot, part: str) -> float:
    """When ``bot`` logged the line with ``part``."""
    line = next(line for line in bot.text().splitlines() if part in line)
    return datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S.%f").astimezone().timestamp()


def seen(run: Run) -> Handover:
    """The run as the picture shows it: seconds from SIGTERM."""
    wall = time.time() - time.monotonic() - run.stopped  # from this process's clock
    started = run.second.started_at + wall
    passive = logged(run.second, "PASSIVE MODE") - run.stopped
    freed, won = run.freed - run.stopped, run.won - run.stopped
    return Handover(
        first=(Span("ACTIVE", -BEFORE * 2, 0.0), Span("DRAINING", 0.0, freed)),
        second=(
            Span("STARTING", started, passive),
            Span("PASSIVE", passive, won),
            Span("ACTIVE", won, AFTER),
        ),
        gap_ms=(won - freed) * 1000,
        waits=tuple((said + wall, seconds) for said, seconds in run.eyes.waits),
        sent=run.said,
        lost=len(run.tally.lost),
        twice=run.tally.repeated,
        out_of_order=len(run.tally.out_of_order),
    )


def main() -> None:
    logger.remove()
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="trt-picture-") as folder:
        handover = seen(deploy(Path(folder)))
    for language in WORDS:
        path = IMAGES / f"handover-{language}.svg"
        path.write_text(drawn(handover, language), encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
