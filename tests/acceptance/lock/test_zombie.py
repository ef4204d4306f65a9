"""A holder whose machine is gone without a word: its session stays half open at the server."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg2
import pytest

from sandbox.client import buttons
from tests.chaos.network import Namespace, network, why_not
from tests.support.bots.around import Around
from tests.support.bots.world import Bot, World
from tests.support.machine.ports import free_port
from tests.support.machine.waiting import until
from tests.support.postgres.own_postgres import own_postgres

BEN = 1002
#: ``idle`` of ``Timing``, three polls, and what a busy machine needs.
REPLACED_WITHIN = 30.0
USERS = 3000
MUCH_WORK = f"""
    INSERT INTO telegram_updates (bot_id, update_id, lane, kind, body)
    SELECT 123456, n, n, 'message', json_build_object('update_id', n, 'message', json_build_object(
        'message_id', n, 'date', 1, 'text', '/start', 'chat', json_build_object('id', n, 'type',
        'private'), 'from', json_build_object('id', n, 'is_bot', false, 'first_name', 'A')))::text
    FROM generate_series(1000, {999 + USERS}) AS n"""
HANDLED = "SELECT count(*) FROM telegram_updates WHERE state <> 'new'"


@pytest.fixture
def place() -> Iterator[tuple[Namespace, str, str]]:
    """A namespace with a cable, the address of the database for it, and that for this side."""
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    with ExitStack() as stack:
        net = stack.enter_context(network(1))
        server = stack.enter_context(own_postgres())
        address = server.listen(net.address, net.subnet, free_port())
        yield net.namespaces[0], address.reveal(), server.dsn.reveal()


def behind(world: World, namespace: Namespace, over_the_cable: str) -> Bot:
    """A bot whose cable to the database can be cut."""
    env = {
        "DATABASE_URL": over_the_cable,
        "PORT": str(world.spare_port),
        "BOT_MODE": "polling",
        "WEBHOOK_BASE_URL": "",
    }
    return world.started(env=env, prefix=Around(namespace.prefix, network=namespace.name))


def test_a_half_open_session_frees_the_lock_and_its_instance_steps_back(
    world: World, place: tuple[Namespace, str, str]
) -> None:
    namespace, over_the_cable, local = place
    zombie = behind(world, namespace, over_the_cable)
    zombie.wait_line("[LOCK] ✅ ACTIVE MODE", 60)
    bot = world.bot(DATABASE_URL=local)
    bot.wait_state("PASSIVE", 60)

    namespace.cut("both")
    cut = time.monotonic()
    bot.wait_state("ACTIVE", REPLACED_WITHIN)
    took = time.monotonic() - cut
    zombie.wait_line("[LOCK] ⚠️ ACTIVE → PASSIVE: ", 30)

    assert took > 4.0, "nobody may act before the holder has stopped"
    bot.wait_line("WEBHOOK CONFIGURED", 40)
    world.telegram.say(BEN, "/start")
    world.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 40)

    namespace.heal()
    zombie.signal(signal.SIGTERM)
    assert zombie.wait(40) == 0
    assert bot.health()["state"] == "ACTIVE"


def test_a_holder_that_is_cut_off_in_the_middle_of_much_work_steps_back_and_stays(
    world: World, place: tuple[Namespace, str, str]
) -> None:
    """All its connections hang, and more calls wait for one; none of them may outlive its term."""
    namespace, over_the_cable, local = place
    run(local, MUCH_WORK)
    cut_off = behind(world, namespace, over_the_cable)
    until(lambda: run(local, HANDLED) > 50, 60, "it is in the middle of it")
    namespace.cut("both")
    left = run(local, HANDLED)
    bot = world.bot(DATABASE_URL=local)
    cut_off.wait_line("[LOCK] ⚠️ ACTIVE → PASSIVE: ", 30)
    bot.wait_state("ACTIVE", REPLACED_WITHIN)

    namespace.heal()
    # Its services have ended, so that it competes again.
    until(lambda: competes_again(cut_off), 60, "it competes again")
    assert left < USERS
    assert "outlived its term" not in cut_off.text()
    cut_off.signal(signal.SIGTERM)
    assert cut_off.wait(40) == 0


def run(dsn: str, statement: str) -> int:
    """The number in its row; 0: there is none."""
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else [(0,)]
    connection.close()
    return int(rows[0][0])


def competes_again(bot: Bot) -> bool:
    """Whether it has looked at the holder since it stepped back."""
    assert bot.popen.poll() is None, bot.text()[-4000:]
    return "lock_passive" in bot.text().partition("[LOCK] ⚠️ ACTIVE → PASSIVE: ")[2]
