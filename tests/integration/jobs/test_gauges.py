"""What /metrics, /health and status say of jobs, of kie.ai and of what waits: the truth."""

import re
from collections.abc import Iterator

import pytest
from prometheus_client import generate_latest

import sql
from handlers.operator import status
from handlers.process.kie_client import kie_client
from kie.api.circuit import FAILURES
from kie.jobs import checkup as checkup_module
from kie.jobs.checkup import Checkup, OpenWork
from supervisor.database.transactions import Database, Row
from supervisor.health.gauge_sampler import _WAKES, GaugeSampler
from supervisor.health.health import Health
from supervisor.health.status import LATE
from supervisor.lock.phase import Phase
from supervisor.runtime.secret import Secret
from supervisor.runtime.threads import ServiceThread
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from supervisor.settings.reader import Settings
from tests.support.bots.world import KIE_KEY, TOKEN
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import picture, put, word
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.simulators import running_kie
from tests.support.jobs.shop import CLOCK, Shop
from tests.support.machine.waiting import within


def _nobody() -> None:
    pass


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
        assert within(service.join, 10)
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
    talk.rows("UPDATE deliveries SET state = 'held' WHERE chat_id = 7")
    health = Health(CLOCK, mode="polling", instance_id="i", version="1")

    GaugeSampler(talk.database, talk.wakeups, health, BOT_ID, _nobody).look()
    shown = status.answer(dsn, Identity(Secret(f"{BOT_ID}:TEST-TOKEN"))).text

    assert b'"undelivered": 1' in health.as_json()
    assert "1 to deliver\n" in shown
    assert "1 held for users who have blocked the bot" in shown
    talk.rows("UPDATE deliveries SET state = 'pending'")
    GaugeSampler(talk.database, talk.wakeups, health, BOT_ID, _nobody).look()
    assert b'"undelivered": 2' in health.as_json()
    shown = status.answer(dsn, Identity(Secret(f"{BOT_ID}:TEST-TOKEN"))).text
    assert re.search(r"2 to deliver, oldest 72\d\d s", shown)
    assert "held" not in shown


def test_a_bot_has_traffic_for_an_hour_after_the_newest_update(talk: Conversation) -> None:
    health = Health(CLOCK, mode="polling", instance_id="i", version="1")
    told: list[str] = []
    sampler = GaugeSampler(
        talk.database, talk.wakeups, health, BOT_ID, lambda: told.append("traffic")
    )

    sampler.look()
    assert told == []  # nobody has ever written
    with talk.storing():
        talk.put(telegram.message(9, text="/help"))
    sampler.look()
    assert told == ["traffic"]
    talk.rows("UPDATE telegram_updates SET received_at = now() - interval '61 minutes'")
    sampler.look()
    assert told == ["traffic"]


@pytest.mark.parametrize(
    "state",
    ["state = 'new'", "state = 'done'", "state = 'done', body = NULL", "state = 'dead'"],
)
def test_traffic_is_seen_by_time_since_telegrams_numbers_begin_anew_after_a_silence(
    talk: Conversation, state: str
) -> None:
    health = Health(CLOCK, mode="polling", instance_id="i", version="1")
    told: list[str] = []
    sampler = GaugeSampler(
        talk.database, talk.wakeups, health, BOT_ID, lambda: told.append("traffic")
    )
    with talk.storing():
        talk.put(telegram.message(9, update_id=900_000, text="/help"))
        talk.rows(
            "UPDATE telegram_updates SET state = 'done', received_at = now() - interval '8 days'"
        )
        sampler.look()
        assert told == []
        talk.put(telegram.message(9, update_id=5, text="/help"), anew=True)
    talk.rows(f"UPDATE telegram_updates SET {state} WHERE update_id = 5")

    sampler.look()

    assert told == ["traffic"]


def late(talk: Conversation) -> dict[str, float]:
    """How late what is due is, rounded, as a look finds it."""
    health = Health(CLOCK, mode="polling", instance_id="i", version="1")
    GaugeSampler(talk.database, talk.wakeups, health, BOT_ID, _nobody).look()
    shown = health.as_metrics().decode()
    return {
        what: round(float(shown.partition(f'trt_late_seconds{{what="{what}"}} ')[2].split()[0]), -1)
        for what in LATE
    }


def test_what_is_due_and_waits_is_late(talk: Conversation) -> None:
    put(talk, picture("http://x.example/1.png"), word("hello", chat=8))
    with talk.storing():
        talk.put(telegram.message(9, text="/help"))
    assert late(talk) == {"updates": 0, "answers": 0, "results": 0, "jobs": 0}

    talk.rows(
        "UPDATE telegram_updates SET received_at = now() - interval '90 s',"
        " next_try_at = now() - interval '60 s'"
    )
    talk.rows(
        "UPDATE deliveries SET created_at = now() - interval '300 s',"
        " not_before = now() - interval '200 s' WHERE chat_id = 8"
    )
    talk.rows(
        "UPDATE deliveries SET created_at = now() - interval '700 s',"
        " not_before = now() - interval '800 s' WHERE chat_id = 7"
    )
    talk.rows("SELECT ensure_user(7, 'anna', 'Anna')")
    talk.rows(
        "INSERT INTO generation_jobs (bot_id, user_id, model, status, deadline_at)"
        " VALUES (%s, 7, 'z-image', 'waiting', now() - interval '1000 s')",
        BOT_ID,
    )

    assert late(talk) == {"updates": 60, "answers": 200, "results": 700, "jobs": 1000}


@pytest.mark.parametrize(
    "why",
    [
        "UPDATE deliveries SET not_before = now() + interval '9 s'"
        " WHERE id = (SELECT min(id) FROM deliveries)",
        "INSERT INTO chats (bot_id, chat_id, parked_until)"
        " SELECT DISTINCT bot_id, chat_id, now() + interval '900 s' FROM deliveries",
        "UPDATE deliveries SET state = 'held'",
    ],
)
def test_a_chat_that_waits_on_purpose_is_not_late_nor_is_what_waits_behind(
    talk: Conversation, why: str
) -> None:
    put(talk, word("one", chat=8, key="1"), word("two", chat=8, key="2"))
    talk.rows(
        "UPDATE deliveries SET created_at = now() - interval '300 s',"
        " not_before = now() - interval '300 s'"
    )
    assert late(talk)["answers"] == 300
    talk.rows(why)

    assert late(talk)["answers"] == 0


def test_a_result_that_was_postponed_excuses_no_answer_behind_it(talk: Conversation) -> None:
    put(talk, picture("http://x.example/1.png", chat=8), word("two", chat=8))
    talk.rows(
        "UPDATE deliveries SET created_at = now() - interval '300 s',"
        " not_before = now() + CASE WHEN kind = 'result' THEN interval '9 s'"
        " ELSE interval '-300 s' END"
    )

    assert late(talk) == {"updates": 0, "answers": 300, "results": 0, "jobs": 0}


def test_an_update_that_was_postponed_is_not_late_nor_are_those_of_its_lane(
    talk: Conversation,
) -> None:
    with talk.storing():
        talk.put(*(telegram.message(8, update_id=number, text="/help") for number in (5, 6)))
    talk.rows(
        "UPDATE telegram_updates SET received_at = now() - interval '300 s',"
        " next_try_at = now() - interval '300 s'"
    )
    assert late(talk)["updates"] == 300
    talk.rows(
        "UPDATE telegram_updates SET next_try_at = now() + interval '9 s' WHERE update_id = 5"
    )

    assert late(talk)["updates"] == 0


def test_a_session_that_can_only_read_is_a_trouble_of_the_database(talk: Conversation) -> None:
    health = Health(CLOCK, mode="polling", instance_id="i", version="1")
    sampler = GaugeSampler(talk.database, talk.wakeups, health, BOT_ID, _nobody)
    row: Row = {"writable": False}
    row |= dict.fromkeys(("has_traffic", *(column for column, _ in _WAKES)), False)
    row |= dict.fromkeys(("unprocessed_updates", "oldest_update_seconds"), 0)
    row |= dict.fromkeys(("jobs_in_flight", "undelivered"), 0)
    row |= dict.fromkeys((f"late_{what}" for what in LATE), 0)
    with talk.database.transaction() as tx:
        tx.run("SET TRANSACTION READ ONLY")
        found = tx.one(sql.load("gauges")["gauges"], {"bot_id": BOT_ID, "acts": True})
    sampler.tell(row)

    assert found is not None
    assert found["writable"] is False
    assert health.status().kinds == "database"
    sampler.look()
    assert health.status().level == "ok"
