"""What /metrics, /health and status say of jobs, of kie.ai and of what waits: the truth."""

from collections.abc import Iterator

import pytest
from prometheus_client import generate_latest

from handlers.operator import status
from handlers.process.kie_client import kie_client
from kie.api.circuit import FAILURES
from kie.jobs import checkup as checkup_module
from kie.jobs.checkup import Checkup, OpenWork
from supervisor.database.transactions import Database
from supervisor.health.gauge_sampler import GaugeSampler
from supervisor.health.health import Health
from supervisor.lock.phase import Phase
from supervisor.runtime.secret import Secret
from supervisor.runtime.threads import ServiceThread
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from supervisor.settings.reader import Settings
from tests.support.conversation import BOT_ID, Conversation
from tests.support.deliveries import picture, put, word
from tests.support.shop import CLOCK, Shop
from tests.support.simulators import running_kie
from tests.support.world import KIE_KEY, TOKEN


def test_jobs_and_strays_are_counted_while_active_and_nothing_afterwards(
    database: Database, identity: Identity, wakeups: Wakeups, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup_module, "WATCH_EVERY", 0.2)
    database.is_active = True
    seen: list[OpenWork] = []
    with running_kie() as (url, kie):
        shop = Shop(database, identity, wakeups, url, kie)
        checkup = Checkup(
            client=shop.client,
            account=shop.account,
            database=database,
            news=shop.told,
            clock=CLOCK,
            bot_id=identity.bot_id,
            measure=seen.append,
        )
        service = ServiceThread("checkup", checkup.run)
        shop.order("a")
        shop.order("b")
        with database.transaction() as tx:
            tx.run("INSERT INTO orphan_callbacks (task_id, payload) VALUES ('x', '{}')")
        shop.start(service)

        now = OpenWork(1, {("queued", "z-image"): 2})
        shop.until(lambda: now in seen, "the numbers of now")
        service.stop()
        assert service.join(10)
        shop.scheduler.stop()

    assert seen[-1] == OpenWork(0, {})


def gauge(health: Health) -> float:
    for line in generate_latest(health.metrics.registry).decode().splitlines():
        if line.startswith('trt_kie_circuit_open{kind="create"}'):
            return float(line.split()[-1])
    raise LookupError("trt_kie_circuit_open")


def test_an_open_circuit_is_shown_by_whoever_is_active(dsn: Secret) -> None:
    env = {"TELEGRAM_BOT_TOKEN": TOKEN, "KIE_API_KEY": KIE_KEY, "DATABASE_URL": dsn.reveal()}
    health = Health(CLOCK, mode="polling", instance_id="i", version="1")
    settings = Settings.from_env({**env, "BOT_MODE": "polling"}, version="1")
    client = kie_client(settings, CLOCK, health, Wakeups())
    health.phase_changed(Phase.ACTIVE, epoch=1, reason="won")
    assert gauge(health) == 0.0

    for _ in range(FAILURES):
        client.circuits.create.failed("no answer")
    assert gauge(health) == 1.0
    health.phase_changed(Phase.PASSIVE, epoch=None, reason="lost")
    assert gauge(health) == 0.0
    health.phase_changed(Phase.ACTIVE, epoch=2, reason="won")
    assert gauge(health) == 1.0

    client.circuits.create.worked()
    assert gauge(health) == 0.0


@pytest.fixture
def talk(dsn: Secret) -> Iterator[Conversation]:
    conversation = Conversation(dsn)
    yield conversation
    conversation.close()


def test_a_result_that_is_held_for_who_blocked_the_bot_is_not_late(
    talk: Conversation, dsn: Secret
) -> None:
    put(talk, picture("http://x.example/1.png"), word("hello", chat=8))
    talk.rows("UPDATE deliveries SET created_at = now() - interval '2 hours' WHERE chat_id = 7")
    talk.rows("INSERT INTO chats (bot_id, chat_id, reachable) VALUES (%s, 7, FALSE)", BOT_ID)
    talk.rows("INSERT INTO chats (bot_id, chat_id, reachable) VALUES (%s, 8, TRUE)", BOT_ID)
    health = Health(CLOCK, mode="polling", instance_id="i", version="1")

    GaugeSampler(talk.database, talk.wakeups, health, BOT_ID).look()
    shown = status.answer(dsn, Identity(Secret(f"{BOT_ID}:TEST-TOKEN"))).text

    assert b'"undelivered": 1' in health.as_json()
    assert "1 to deliver\n" in shown
    assert "1 held for users who have blocked the bot" in shown
    talk.rows("UPDATE chats SET reachable = TRUE")
    GaugeSampler(talk.database, talk.wakeups, health, BOT_ID).look()
    assert b'"undelivered": 2' in health.as_json()
    shown = status.answer(dsn, Identity(Secret(f"{BOT_ID}:TEST-TOKEN"))).text
    assert "2 to deliver, oldest 7200 s" in shown
    assert "held" not in shown
