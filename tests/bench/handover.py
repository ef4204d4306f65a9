"""How long nobody acts: hand-overs of the lock, whole deploys under load, and ends without a word.

Three tables, each beside its peer or its bound, all in one run of about five minutes:

* the protocol alone (sign off, unlock and notify; take, win a term, prove it), notified and
  by a retry loop of one second, holder and waiter in threads of one process;
* deploys of ``run.py serve`` while users write 20 texts a second: the longest time that a user
  waits for an answer; the peer is the same program that does not hear the notification and
  so finds the free lock by its ``lock_retry`` job, about once a second;
* a holder that is killed, frozen, cut off: until the successor makes its first outside call.

    python tests/bench/handover.py [protocol] [deploys] [ends]
"""

import json
import re
import signal
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from loguru import logger

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migration import migrate
from supervisor.lock.protocol import Acquisition, Lock, LockTarget
from supervisor.lock.timing import Timing
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from supervisor.runtime.wake_pipe import WakePipe
from supervisor.settings.identity import Identity
from tests.chaos.cluster import Cluster, Place, cluster, until
from tests.support.bots.candidate import target
from tests.support.bots.crowd import Crowd
from tests.support.bots.world import Bot, Process, World

NOTIFIED, RETRIED = 300, 30
DEPLOYS, TEXTS_PER_SECOND, CHATS = 8, 20.0, 60
ENDS = 4

# ------------------------------------------------------------------ the protocol alone --


def become_active(lock: Lock, *, notified: bool, wake_pipe: WakePipe) -> Acquisition:
    """What a waiter does until its lock is won and proved."""
    while not lock.take():
        if notified:
            lock.wait(5.0, wake_pipe)
        else:
            time.sleep(1.0)
    acquisition = lock.win(())
    lock.heartbeat(acquisition.term)
    return acquisition


def hand_over(
    holder: Lock, acquisition: Acquisition, waiter: Lock, *, notified: bool
) -> tuple[float, Acquisition]:
    """Milliseconds from the release to the verified successor, and its acquisition."""
    won: list[tuple[float, Acquisition]] = []
    wake_pipe = WakePipe()

    def wait() -> None:
        found = become_active(waiter, notified=notified, wake_pipe=wake_pipe)
        won.append((time.perf_counter(), found))

    thread = threading.Thread(target=wait)
    thread.start()
    # Long enough for the waiter to wait; a varying phase, so that a retry loop is
    # met at any point of its second.
    time.sleep(0.05 + (time.perf_counter() * 7919) % 1.0 * (0.0 if notified else 1.0))
    started = time.perf_counter()
    holder.sign_off(acquisition.term, "bench")
    assert holder.free()
    thread.join()
    wake_pipe.close()
    return (won[0][0] - started) * 1000, won[0][1]


def hand_overs(dsn: Secret, count: int, *, notified: bool) -> list[float]:
    identity, timing = Identity(Secret("123456:BENCH")), Timing()
    holder, waiter = (Lock.open(target(dsn, identity, name), timing) for name in ("a", "b"))
    assert holder.take()
    acquisition = holder.win(())
    gaps = []
    for _ in range(count):
        gap, acquisition = hand_over(holder, acquisition, waiter, notified=notified)
        gaps.append(gap)
        holder, waiter = waiter, holder
    holder.close()
    waiter.close()
    return gaps


def protocol(dsn: Secret, folder: Path) -> None:
    del folder
    rows = [
        ("notified", hand_overs(dsn, NOTIFIED, notified=True)),
        ("retry every 1 s", hand_overs(dsn, RETRIED, notified=False)),
    ]
    table("release -> verified successor, ms", rows, goal="p50 5, p99 25")


# ------------------------------------------------------------- whole deploys under load --

#: ``run.py serve`` that listens for a release on a channel where nobody speaks.
DEAF = f"""
import sys
from {LockTarget.__module__} import LockTarget
LockTarget.release_channel = property(lambda target: "trt_deaf")
import run
sys.exit(run.main(["serve"]))
"""
_NUMBER = re.compile(r"number-\d{5}")


class DeafBot(Bot):
    """A ``Bot`` that is told of no release."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self.port = int(env["PORT"])
        Process.__init__(self, [sys.executable, "-c", DEAF], env, log)


class Eyes:
    """Sees every message appear in the chats, as the page in the browser does."""

    def __init__(self, telegram_url: str) -> None:
        self._said: dict[tuple[int, str], float] = {}
        self.waits: list[tuple[float, float]] = []  #: when it was said, seconds to the answer
        self._stream = urllib.request.urlopen(f"{telegram_url}/sandbox/events")
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        for line in self._stream:
            now = time.monotonic()
            event = json.loads(line[6:]) if line.startswith(b"data: ") else {}
            if event.get("type") != "message":
                continue
            number = _NUMBER.search(event["message"].get("text") or "")
            if number is None:
                continue
            key = (event["chat_id"], number[0])
            if not event["message"]["from"]["is_bot"]:
                self._said[key] = now
            elif key in self._said:
                said = self._said.pop(key)
                self.waits.append((said, now - said))


def deploy_series(folder: Path, dsn: Secret, *, heard: bool) -> tuple[list[float], list[float]]:
    """The longest wait around each deploy, and all other waits; milliseconds."""
    world = World(folder, dsn.reveal())
    ports = (world.public_port, world.spare_port)
    made: list[Bot] = []

    def start(number: int) -> Bot:
        env = world.env(LOG_LEVEL="INFO", PORT=str(ports[number % 2]))
        log = folder / f"deploy-{number}.log"
        made.append(Bot(env, log) if heard else DeafBot(env, log))
        return made[-1]

    try:
        old = start(0)
        old.wait_line("WEBHOOK CONFIGURED")
        crowd, over = Crowd(world.telegram, dsn, CHATS), threading.Event()
        eyes = Eyes(world.telegram_url)
        talk = threading.Thread(target=crowd.talk, args=(10**6, TEXTS_PER_SECOND, over.is_set))
        talk.start()
        moments = []
        for number in range(1, DEPLOYS + 1):
            new = start(number)
            new.wait_state("PASSIVE")
            world.telegram.options(route=f"http://127.0.0.1:{new.port}")
            time.sleep(1.0 + (number * 0.137) % 1.0)
            moments.append(time.monotonic())
            old.signal(signal.SIGTERM)
            assert old.wait() == 0
            new.wait_state("ACTIVE")
            old = new
            time.sleep(2.0)
        over.set()
        talk.join()
        until_settled(crowd)
        tally = crowd.tally()
        print(f"  {crowd.said} texts, {DEPLOYS} deploys: {tally.line()}")
        return split(eyes.waits, moments)
    finally:
        for bot in made:
            bot.close()
        world.close()


def until_settled(crowd: Crowd) -> None:
    deadline = time.monotonic() + 30
    while not crowd.settled():
        if time.monotonic() > deadline:
            raise SystemExit("30 s after the last text there is still work to do")
        time.sleep(0.1)


def split(
    waits: Sequence[tuple[float, float]], moments: Sequence[float]
) -> tuple[list[float], list[float]]:
    longest, others = [0.0] * len(moments), []
    for said, seconds in waits:
        near = [n for n, moment in enumerate(moments) if moment - 0.5 <= said <= moment + 2.0]
        if near:
            longest[near[0]] = max(longest[near[0]], seconds * 1000)
        else:
            others.append(seconds * 1000)
    return longest, others


def deploys(dsn: Secret, folder: Path) -> None:
    del dsn
    rows = []
    for name, heard in (("notified", True), ("retry about every 1 s", False)):
        own = folder / name.split()[0]
        own.mkdir()
        server = EmbeddedPostgres.start(own / "data")
        migrate(server.dsn, SystemClock(), threading.Event())
        longest, others = deploy_series(own, server.dsn, heard=heard)
        server.close()
        rows += [(f"{name}: longest of a deploy", longest), (f"{name}: no deploy near", others)]
    table("a user waits for an answer, ms", rows, goal="max 500", peer=2)


# ------------------------------------------------------------------- ends without a word --


def act_after(made: Cluster, disturb: Callable[[Place], None]) -> float:
    """Seconds from the disturbance to the first outside action of the next epoch."""
    newest = max(action.epoch for action in made.actions())
    holder = next(a.instance for a in made.actions() if a.epoch == newest)
    started = SystemClock().now()
    disturb(made.place_of(holder))
    first = until(
        lambda: [action.judged for action in made.actions() if action.epoch > newest],
        30,
        "the successor acts",
        made,
    )
    return float(min(first)) - started


def ends(dsn: Secret, folder: Path) -> None:
    del dsn
    found: dict[str, list[float]] = {"SIGKILL": [], "SIGSTOP": [], "cut off": []}
    with cluster(2, Timing(), folder) as made:
        for _ in range(ENDS):
            for name, gaps in found.items():
                until(made.waiting, 30, "both wait or hold", made)
                until(made.actions, 30, "somebody acts", made)
                time.sleep(2.0)
                hit: list[Place] = []

                def disturb(place: Place, name: str = name, hit: list[Place] = hit) -> None:
                    hit.append(place)
                    if name == "cut off" and place.namespace is not None:
                        place.namespace.cut("both")
                    else:
                        place.signal(signal.SIGSTOP if name == "SIGSTOP" else signal.SIGKILL)

                if name == "cut off" and made.places[0].namespace is None:
                    continue
                gaps.append(act_after(made, disturb))
                restore(hit[0], name)
    rows = [(name, gaps) for name, gaps in found.items() if gaps]
    table("end -> the successor's first call, s", rows, goal="SIGKILL 5, others 10", peer=None)
    if not found["cut off"]:
        print("  cut off: not measured, network namespaces need root")


def restore(place: Place, name: str) -> None:
    if name == "cut off" and place.namespace is not None:
        place.namespace.heal()
    elif name == "SIGSTOP":
        place.signal(signal.SIGCONT)
    else:
        place.popen.wait(10)
        place.start()


def table(
    title: str, rows: Sequence[tuple[str, list[float]]], *, goal: str, peer: int | None = 1
) -> None:
    print(f"{title:36}{'n':>6}{'p50':>10}{'p99':>10}{'max':>10}   goal: {goal}")
    for name, gaps in rows:
        p99 = statistics.quantiles(gaps, n=100, method="inclusive")[98]
        print(
            f"  {name:34}{len(gaps):>6}{statistics.median(gaps):>10.2f}{p99:>10.2f}"
            f"{max(gaps):>10.2f}"
        )
    if peer is not None:
        ratio = statistics.median(rows[peer][1]) / statistics.median(rows[0][1])
        print(f"  the peer takes {ratio:.1f} x as long (median)")


def main() -> None:
    logger.remove()
    parts = {"protocol": protocol, "deploys": deploys, "ends": ends}
    wanted = sys.argv[1:] or list(parts)
    with tempfile.TemporaryDirectory(prefix="trt-bench-") as name:
        folder = Path(name)
        server = EmbeddedPostgres.start(folder / "data")
        migrate(server.dsn, SystemClock(), threading.Event())
        for part in wanted:
            own = folder / part
            own.mkdir()
            parts[part](server.dsn, own)
        server.close()


if __name__ == "__main__":
    main()
