"""The same oracle over whole bots: two of ``run.py serve``, a crowd that talks, and faults.

Each bot reaches the simulated Telegram through a relay of its own, which dates its calls;
PostgreSQL dates the epochs. Everything is on one network: stopped, frozen, killed and
terminated only. LONG=1 takes twenty events instead of two.
"""

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from supervisor.runtime.secret import Secret
from tests.chaos.oracle import Action, Recorded, judge
from tests.chaos.witness import Witness
from tests.support.bots.crowd import Crowd
from tests.support.bots.world import Bot, World
from tests.support.edges.sandbox_host import SANDBOX_HOST
from tests.support.machine.ports import free_port
from tests.support.machine.waiting import until

LONG = bool(os.environ.get("LONG"))
SEED = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))
ROUNDS = 5  #: of all kinds of faults, with LONG=1
SOMEBODY_ACTS = 60.0  #: seconds; far above what is measured
EPOCHS = (
    "SELECT epoch, instance_id, extract(epoch FROM acquired_at)::float8, ended_at IS NOT NULL,"
    " signed_off_at IS NOT NULL, end_reason FROM lock_epochs ORDER BY epoch"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A bot, and what it did outside."""

    bot: Bot
    instance: str
    witness: Witness


class Pair:
    """Two bots at a time; who ended is followed by another one."""

    def __init__(self, world: World, ask: Callable[[str], list[tuple[Any, ...]]]) -> None:
        self._world = world
        self._ask = ask
        self.everybody: list[Seen] = []
        self.running = [self._start(world.public_port), self._start(free_port())]

    def replace(self, ended: Seen) -> None:
        self.running = [each for each in self.running if each is not ended]
        self.running.append(self._start(free_port()))

    def epochs(self) -> list[tuple[Any, ...]]:
        return self._ask(EPOCHS)

    def actions(self) -> list[Action]:
        """Each call belongs to the newest epoch that its instance had won by then."""
        found = []
        epochs = self.epochs()
        for each in self.everybody:
            mine = [(won, number) for number, name, won, *_ in epochs if name == each.instance]
            for moment in list(each.witness.calls):
                numbers = [number for won, number in mine if won <= moment]
                found.append(Action(max(numbers, default=0), each.instance, moment, None, 0.0))
        return found

    def acting(self, after: int) -> Seen | None:
        """Who acts as an epoch later than ``after``, once it has acted."""
        newest = max((action.epoch for action in self.actions()), default=0)
        if newest <= after:
            return None
        name = next(row[1] for row in self.epochs() if row[0] == newest)
        return next(each for each in self.everybody if each.instance == name)

    def let_telegram_reach(self, seen: Seen) -> None:
        self._world.telegram.options(route=f"http://127.0.0.1:{seen.bot.port}")

    def close(self) -> None:
        for each in self.everybody:
            each.witness.close()

    def _start(self, port: int) -> Seen:
        witness = Witness(self._world.telegram_url)
        bot = self._world.bot(LOG_LEVEL="INFO", PORT=str(port), TELEGRAM_API_URL=witness.url)
        seen = Seen(bot, until(bot.health, 15, "the bot answers")["instance_id"], witness)
        self.everybody.append(seen)
        until(lambda: bot.health()["state"] in {"ACTIVE", "PASSIVE"}, 15, "it competes")
        return seen


@pytest.fixture
def world(tmp_path: Path, dsn: Secret) -> Iterator[World]:
    made = World(tmp_path, dsn.reveal(), time_scale=0.05, host=SANDBOX_HOST, forks=True)
    yield made
    made.close()


@pytest.fixture
def ask(connect: Callable[[], Any]) -> Callable[[str], list[tuple[Any, ...]]]:
    cursor = connect().cursor()

    def query(statement: str) -> list[tuple[Any, ...]]:
        cursor.execute(statement)
        return list(cursor.fetchall())

    return query


def test_no_bot_calls_telegram_after_its_successor(
    world: World, dsn: Secret, ask: Callable[[str], list[tuple[Any, ...]]]
) -> None:
    moments = random.Random(SEED)
    pair = Pair(world, ask)
    crowd, enough = Crowd(world.telegram, dsn, 20), threading.Event()
    # Twelve a second: a chat gets about one answer a second, and what gathers during the
    # faults must be worked off at the end.
    talking = threading.Thread(target=crowd.talk, args=(10**6, 12.0, enough.is_set))
    talking.start()
    seconds: list[str] = []
    try:
        for fault in schedule(moments):
            seconds.append(f"{fault.__name__} {strike(pair, fault, ask):.1f}")
        enough.set()
        talking.join()
        until(crowd.settled, 120, "every text is processed and every answer sent")
        epochs, actions = pair.epochs(), pair.actions()
    finally:
        enough.set()
        talking.join()
        pair.close()
    sys.stdout.write(
        f"seed {SEED}: {len(seconds)} events, {len(epochs)} epochs, {len(actions)} calls;"
        f" seconds until the successor calls: {', '.join(seconds)}\n"
    )

    recorded = [Recorded(e, name, ended, clean, why) for e, name, _, ended, clean, why in epochs]
    assert judge(actions, [], recorded) == []
    assert len(recorded) > len(seconds)
    assert len(actions) > 20 * len(seconds)
    assert crowd.tally().lost == []


def strike(pair: Pair, fault: Callable[..., None], ask: Callable[[str], Any]) -> float:
    """One event; returns the seconds until another epoch called Telegram."""
    holder = until(lambda: pair.acting(0), SOMEBODY_ACTS, "somebody acts")
    epoch = pair.epochs()[-1][0]
    (waiter,) = [each for each in pair.running if each is not holder]
    until(lambda: waiter.bot.health().get("state") == "PASSIVE", SOMEBODY_ACTS, "one waits")
    pair.let_telegram_reach(waiter)
    struck = time.time()
    fault(holder, ask)
    until(lambda: pair.acting(epoch), SOMEBODY_ACTS, f"somebody acts after {fault.__name__}")
    first = min(action.judged for action in pair.actions() if action.epoch > epoch)
    if fault is freeze:
        holder.bot.signal(signal.SIGCONT)
    if fault in {sigkill, sigterm}:
        holder.bot.wait()
        pair.replace(holder)
    return first - struck


def sigterm(holder: Seen, ask: Callable[[str], Any]) -> None:
    holder.bot.signal(signal.SIGTERM)


def sigkill(holder: Seen, ask: Callable[[str], Any]) -> None:
    holder.bot.signal(signal.SIGKILL)


def freeze(holder: Seen, ask: Callable[[str], Any]) -> None:
    holder.bot.signal(signal.SIGSTOP)


def terminate(holder: Seen, ask: Callable[[str], Any]) -> None:
    ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE application_name = 'trt:123456:{holder.instance}'"
    )


FAULTS: tuple[Callable[..., None], ...] = (sigterm, sigkill, freeze, terminate)


def schedule(moments: random.Random) -> list[Callable[..., None]]:
    """All kinds again and again; in the short form a freeze and another one."""
    if LONG:
        return [fault for _ in range(ROUNDS) for fault in moments.sample(FAULTS, len(FAULTS))]
    return moments.sample([freeze, moments.choice((sigterm, sigkill, terminate))], 2)
