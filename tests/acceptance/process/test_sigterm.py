"""SIGTERM in every state, as PID 1, twice, under load: exit 0, nothing half done, nothing lost."""

import http.client
import itertools
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extras
import pytest

from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.bots.crowd import Crowd
from tests.support.bots.ordering import a_call_under_way
from tests.support.bots.world import TOKEN, Bot, World
from tests.support.edges import telegram_updates as telegram
from tests.support.machine import pid_one
from tests.support.machine.pid_one import FirstProcess
from tests.support.machine.ports import free_port
from tests.support.machine.waiting import until

#: The contract's bound. It catches a hang; nothing here takes more than a few seconds.
WITHIN = 20.0
BEN = 1002
LONG = bool(os.environ.get("LONG"))
IDENTITY = Identity(Secret(TOKEN))
Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def ask(connect: Callable[[], Any]) -> Ask:
    connection = connect()

    def query(statement: str, *values: object) -> list[dict[str, Any]]:
        with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(statement, values or None)
            return [dict(row) for row in cursor.fetchall()]

    return query


@pytest.fixture
def as_pid_one(world: World, tmp_path: Path) -> Iterator[Callable[..., FirstProcess]]:
    reason = pid_one.why_not()
    if reason is not None:
        pytest.skip(reason)
    made: list[FirstProcess] = []

    def start(**changes: str) -> FirstProcess:
        made.append(FirstProcess(world.env(**changes), tmp_path / f"one-{len(made)}.log"))
        return made[-1]

    yield start
    for each in made:
        each.close()


def the_lock_is_free(ask: Ask) -> bool:
    return not ask(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND ((classid::bigint << 32) | objid::bigint) = %s",
        IDENTITY.lock_key,
    )


def signed_off(ask: Ask) -> list[bool]:
    return [
        row["clean"]
        for row in ask(
            "SELECT signed_off_at IS NOT NULL AND ended_at IS NOT NULL AND end_reason <> ''"
            " AS clean FROM lock_epochs ORDER BY epoch"
        )
    ]


def test_as_pid_one_it_ends_on_sigterm_and_frees_the_lock(
    as_pid_one: Callable[..., FirstProcess], ask: Ask
) -> None:
    bot = as_pid_one()
    bot.wait_line("WEBHOOK CONFIGURED")
    assert bot.number_inside == "1"

    bot.signal(signal.SIGTERM)

    assert bot.wait(WITHIN) == 0
    assert "[SHUTDOWN] ✅ Lock released, exit" in bot.text()
    assert the_lock_is_free(ask)
    assert signed_off(ask) == [True]


def test_as_pid_one_a_waiting_instance_ends_and_leaves_the_holder_alone(
    world: World, as_pid_one: Callable[..., FirstProcess], ask: Ask
) -> None:
    holder = world.bot()
    holder.wait_state("ACTIVE")
    waiter = as_pid_one(PORT=str(world.spare_port))
    waiter.wait_state("PASSIVE")

    waiter.signal(signal.SIGTERM)

    assert waiter.wait(WITHIN) == 0
    assert holder.health()["epoch"] == 1
    assert signed_off(ask) == [False]


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", free_port())) as server:
        yield server.getsockname()[1]


def test_as_pid_one_it_ends_while_it_waits_for_a_database_that_is_not_there(
    as_pid_one: Callable[..., FirstProcess],
) -> None:
    bot = as_pid_one(DATABASE_URL=f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    bot.wait_line("not reachable yet")

    bot.signal(signal.SIGTERM)

    assert bot.wait(WITHIN) == 0


def test_as_pid_one_it_ends_while_a_database_keeps_it_waiting(
    as_pid_one: Callable[..., FirstProcess],
) -> None:
    with silent_server() as port:
        bot = as_pid_one(DATABASE_URL=f"postgresql://nobody@127.0.0.1:{port}/none")
        bot.wait_line("[HEALTH]")

        bot.signal(signal.SIGTERM)

        assert bot.wait(WITHIN) == 0


@pytest.mark.skipif(not LONG, reason="LONG=1: waits for the last resort")
def test_a_list_of_hosts_that_do_not_answer_does_not_keep_the_process(world: World) -> None:
    with silent_server() as port:
        hosts = ",".join([f"127.0.0.1:{port}"] * 10)
        bot = world.bot(DATABASE_URL=f"postgresql://nobody@{hosts}/none")
        bot.wait_line("[HEALTH]")

        bot.signal(signal.SIGTERM)

        assert bot.wait(WITHIN + 2) == 70


#: Loaded by Python itself: makes the import of the daemon last, and tells of it.
SLOW_START = """
import pathlib, sys, time
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "handlers.process.daemon":
            pathlib.Path({mark!r}).touch()
            time.sleep(30)
sys.meta_path.insert(0, Slow())
"""


def test_as_pid_one_it_obeys_while_it_still_imports(
    as_pid_one: Callable[..., FirstProcess], tmp_path: Path
) -> None:
    """PID 1 does not hear of a signal without a handler, and nobody sends it twice."""
    mark = tmp_path / "importing"
    (tmp_path / "sitecustomize.py").write_text(SLOW_START.format(mark=str(mark)))
    bot = as_pid_one(PYTHONPATH=str(tmp_path))
    until(mark.exists, 10, "the bot imports the daemon")

    bot.signal(signal.SIGTERM)

    assert bot.wait(10) == 0


@pytest.mark.forked
@pytest.mark.parametrize("pause", [0.0, 0.005, 0.05, 0.3] if LONG else [0.0])
def test_two_sigterms_under_load_leave_nothing_half_done(
    world: World, dsn: Secret, ask: Ask, pause: float
) -> None:
    bot = world.bot(LOG_LEVEL="INFO")
    bot.wait_line("WEBHOOK CONFIGURED")
    crowd = Crowd(world.telegram, dsn, 30)
    talking = threading.Thread(target=crowd.talk, args=(90, 60.0))
    talking.start()
    until(lambda: crowd.processed() >= 20, 20, "the bot is at work")

    bot.signal(signal.SIGTERM)
    time.sleep(pause)
    bot.signal(signal.SIGTERM)

    assert bot.wait(WITHIN) == 0
    talking.join()
    assert signed_off(ask) == [True]
    assert ask("SELECT id FROM deliveries WHERE state = 'sending'") == []
    assert ask("SELECT id FROM generation_jobs WHERE status = 'submitting'") == []
    successor = world.bot(LOG_LEVEL="INFO", PORT=str(world.spare_port))
    successor.wait_state("ACTIVE")
    world.telegram.options(route=f"http://127.0.0.1:{successor.port}")
    until(crowd.settled, 30, "every text is processed and every answer sent")
    tally = crowd.tally()
    assert (tally.lost, tally.out_of_order, tally.effects) == ([], [], [])
    assert (tally.repeated, tally.unanswered) == (0, 0)


@pytest.mark.forked
def test_updates_are_stored_until_the_port_closes(world: World, ask: Ask) -> None:
    bot = world.bot()
    bot.wait_line("WEBHOOK CONFIGURED")
    a_call_under_way(world, BEN)
    posting = Posting(bot)
    posting.thread.start()
    until(lambda: posting.stored, 10, "an update is stored before the drain")

    bot.signal(signal.SIGTERM)
    bot.wait_state("DRAINING", 5)
    before = len(posting.stored)
    until(lambda: len(posting.stored) > before + 50, 15, "updates are stored during the drain")
    # The call would last for ever; the one who waits for us has enough.
    bot.signal(signal.SIGTERM)

    assert bot.wait(WITHIN) == 0
    posting.thread.join(10)
    rows = {row["update_id"] for row in ask("SELECT update_id FROM telegram_updates")}
    assert posting.stored - rows == set()
    # Nobody is told 200 for what is not stored, and nobody else is turned away meanwhile.
    assert posting.refused == []
    assert signed_off(ask) == [False]


class Posting:
    """Posts updates as Telegram does, one after the other, until nobody listens any more."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self.stored: set[int] = set()
        self.refused: list[int] = []
        self.thread = threading.Thread(target=self._post)

    def _post(self) -> None:
        for number in itertools.count(700_000_000):
            body = json.dumps(telegram.message(5, update_id=number, text=f"number {number}"))
            connection = http.client.HTTPConnection("127.0.0.1", self._bot.port, timeout=10)
            try:
                connection.request(
                    "POST",
                    f"/telegram/{IDENTITY.webhook_id}",
                    body,
                    {
                        "Content-Type": "application/json",
                        "X-Telegram-Bot-Api-Secret-Token": IDENTITY.webhook_secret.reveal(),
                    },
                )
                status = connection.getresponse().status
            except ConnectionRefusedError:
                return
            except (OSError, http.client.HTTPException):
                continue  # it was cut off: Telegram would send it again
            finally:
                connection.close()
            if status == 200:
                self.stored.add(number)
            else:
                self.refused.append(status)
            time.sleep(0.005)
