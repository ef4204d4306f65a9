"""Instances around one PostgreSQL, and what they have done so far.

Each place holds one process after another, in a network namespace of its own where that is
possible. The history is read from the files into which the instances write their actions and
from the tables.
"""

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extras

from supervisor.lock.timing import Timing
from supervisor.runtime.clock import SystemClock
from tests.chaos.instance import LIMIT, Config
from tests.chaos.network import Namespace, network, why_not
from tests.chaos.oracle import Action, Recorded, Row
from tests.support.machine import waiting
from tests.support.machine.ports import free_port
from tests.support.postgres.own_postgres import OwnPostgres, own_postgres

ROOT = Path(__file__).resolve().parents[2]
_CLOCK = SystemClock()
TABLE = (
    "CREATE TABLE chaos_rows (number bigint GENERATED ALWAYS AS IDENTITY, epoch bigint NOT NULL,"
    " instance text NOT NULL)"
)


def now() -> float:
    """On the clock by which the instances write down what they do."""
    return _CLOCK.now()


class Place:
    """Where one instance runs; a killed one is followed by another with a name of its own."""

    def __init__(
        self,
        name: str,
        dsn: str,
        folder: Path,
        timing: Timing,
        namespace: Namespace | None,
    ) -> None:
        self._name = name
        self._dsn = dsn
        self._folder = folder
        self._timing = timing
        self.namespace = namespace
        self._incarnations = 0
        self.popen: subprocess.Popen[bytes]
        self.start()

    @property
    def instance(self) -> str:
        return f"{self._name}{self._incarnations}"

    @property
    def log(self) -> str:
        return (self._folder / f"{self.instance}.log").read_text(encoding="utf-8")

    def start(self) -> None:
        self._incarnations += 1
        config = Config(
            name=self.instance,
            dsn=self._dsn,
            folder=str(self._folder),
            timing=dataclasses.asdict(self._timing),
        )
        prefix = self.namespace.prefix if self.namespace else ()
        with (self._folder / f"{self.instance}.log").open("wb") as log:
            self.popen = subprocess.Popen(
                [*prefix, sys.executable, "-m", "tests.chaos.instance"],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **config.as_env()},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def signal(self, number: signal.Signals) -> None:
        """``ip netns exec`` becomes the instance, so the process number is its own."""
        self.popen.send_signal(number)

    def end(self) -> int:
        """The exit code that follows a SIGTERM."""
        self.signal(signal.SIGTERM)
        return self.popen.wait(25)

    def close(self) -> None:
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait(10)


class Cluster:
    """Use ``cluster``."""

    def __init__(
        self, server: OwnPostgres, places: Sequence[Place], timing: Timing, folder: Path
    ) -> None:
        self.server = server
        self.places = places
        self.timing = timing
        self._folder = folder
        self._read: dict[Path, int] = {}
        self._open: dict[tuple[str, int], tuple[int, float]] = {}
        self._actions: list[Action] = []

    # ------------------------------------------------------------ the history --

    def actions(self) -> list[Action]:
        """Everything that was done outside so far; what is under way has no end yet."""
        for path in sorted(self._folder.glob("*.actions")):
            self._read_on(path)
        under_way = [
            Action(epoch, instance, judged, None, LIMIT)
            for (instance, _), (epoch, judged) in self._open.items()
        ]
        return [*self._actions, *under_way]

    def rows(self) -> list[Row]:
        found = self.ask(
            "SELECT number, epoch, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8"
            " AS committed FROM chaos_rows ORDER BY number"
        )
        return [Row(row["epoch"], row["number"], row["committed"]) for row in found]

    def epochs(self) -> list[Recorded]:
        found = self.ask(
            "SELECT epoch, instance_id, ended_at IS NOT NULL AS ended, end_reason,"
            " signed_off_at IS NOT NULL AS signed_off FROM lock_epochs ORDER BY acquired_at"
        )
        return [
            Recorded(
                row["epoch"], row["instance_id"], row["ended"], row["signed_off"], row["end_reason"]
            )
            for row in found
        ]

    def acting_since(self, moment: float) -> Action | None:
        """The first action of the newest epoch that has acted, if it acted after ``moment``."""
        actions = self.actions()
        if not actions:
            return None
        newest = max(action.epoch for action in actions)
        mine = [action for action in actions if action.epoch == newest]
        if max(action.judged for action in mine) < moment:
            return None
        return min(mine, key=lambda action: action.judged)

    def place_of(self, instance: str) -> Place:
        return next(place for place in self.places if place.instance == instance)

    # ----------------------------------------------------------- the database --

    def ask(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """From outside, over the local socket. Raises ``psycopg2.Error`` during a restart."""
        connection = psycopg2.connect(self.server.dsn.reveal(), application_name="chaos")
        connection.autocommit = True
        try:
            with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
                cursor.execute(statement, values or None)
                return [dict(row) for row in cursor.fetchall()] if cursor.description else []
        finally:
            connection.close()

    def waiting(self) -> bool:
        """Whether every instance has a session for the lock."""
        try:
            (found,) = self.ask(
                "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name LIKE 'trt:%'"
            )
        except psycopg2.Error:
            return False
        return bool(found["n"] >= len(self.places))

    def tail(self) -> str:
        """The last words of every instance, for a test that fails."""
        return "\n".join(f"--- {place.instance}\n{place.log[-3000:]}" for place in self.places)

    def _read_on(self, path: Path) -> None:
        instance = path.stem
        with path.open("rb") as file:
            file.seek(self._read.get(path, 0))
            text = file.read()
        whole = text.rpartition(b"\n")[0]
        self._read[path] = self._read.get(path, 0) + len(whole) + bool(whole)
        for line in whole.decode().splitlines():
            kind, number, *rest = line.split()
            if kind == "J":
                self._open[instance, int(number)] = (int(rest[0]), float(rest[1]))
            else:
                epoch, judged = self._open.pop((instance, int(number)))
                self._actions.append(Action(epoch, instance, judged, float(rest[0]), LIMIT))


@contextmanager
def cluster(size: int, timing: Timing, folder: Path) -> Iterator[Cluster]:
    """A PostgreSQL and ``size`` instances; everything is gone afterwards."""
    with ExitStack() as undo:
        server = undo.enter_context(own_postgres())
        dsn = server.dsn.reveal()
        namespaces: list[Namespace | None] = [None] * size
        if why_not() is None:
            net = undo.enter_context(network(size))
            dsn = server.listen(net.address, net.subnet, free_port()).reveal()
            namespaces = [*net.namespaces]
        places: list[Place] = []
        made = Cluster(server, places, timing, folder)
        made.ask("ALTER SYSTEM SET track_commit_timestamp = on")
        server.restart("fast")
        made.ask(TABLE)
        for number in range(size):
            places.append(Place("abc"[number], dsn, folder, timing, namespaces[number]))
            undo.callback(places[-1].close)
        yield made


def until(fact: Any, seconds: float, what: str, made: Cluster) -> Any:
    """The first true value of ``fact``; fails after ``seconds`` with everybody's last words."""
    try:
        return waiting.until(fact, seconds, what)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{made.tail()}") from None
