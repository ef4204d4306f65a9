"""What an operator can see of a bot that works: its numbers, its log as data, /admin.

One bot lives one life for all tests of this file: a sale, a flood, two bookings, /admin.
"""

import json
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from sandbox.client import SandboxClient, buttons, content
from supervisor.runtime.secret import Secret
from tests.support.bots.ordering import order
from tests.support.bots.world import KIE_KEY, TOKEN, World
from tests.support.edges.sandbox_host import SANDBOX_HOST
from tests.support.machine.waiting import until

pytestmark = pytest.mark.xdist_group("seeing")
ROOT = Path(__file__).resolve().parents[3]
OPERATOR, BEN = 1001, 1002  # the operator reads Russian

#: Every word of what the metrics have to show → a sample, and the labels it needs.
WORDS: dict[str, tuple[str, dict[str, str]]] = {
    "state": ("trt_state", {"state": "ACTIVE"}),
    "epoch": ("trt_epoch", {}),
    "terms begun": ("trt_activations_total", {}),
    "lock renewals": ("trt_lock_heartbeat_seconds_count", {}),
    "their latency": ("trt_lock_heartbeat_seconds_sum", {}),
    "updates received": ("trt_updates_received_total", {"outcome": "stored"}),
    "updates processed": ("trt_updates_processed_total", {}),
    "updates set aside": ("trt_updates_set_aside_total", {}),
    "handler latency": ("trt_update_handling_seconds_count", {}),
    "loop latency": ("trt_loop_lag_seconds_count", {}),
    "jobs by state and model": ("trt_jobs", {"state": "waiting", "model": "z-image"}),
    "callbacks that fit no job": ("trt_orphan_callbacks", {}),
    "jobs that ended": ("trt_jobs_ended_total", {"state": "success", "model": "z-image"}),
    "kie.ai calls by outcome": ("trt_kie_calls_total", {"call": "createTask", "outcome": "done"}),
    "polls per job": ("trt_job_polls_count", {}),
    "deliveries": ("trt_deliveries_total", {"kind": "result", "outcome": "sent"}),
    "429s": ("trt_telegram_429_total", {}),
    "money in": ("trt_credits_in_total", {"kind": "grant"}),
    "money out": ("trt_credits_out_total", {"kind": "taken_back"}),
    "database pool: size": ("trt_database_pool_size", {}),
    "database pool: open": ("trt_database_pool_open", {}),
    "memory": ("process_resident_memory_bytes", {}),
}
#: The same, of what is rightly 0 in a life without trouble.
AT_REST: dict[str, str] = {
    "hand-overs": "trt_hand_overs",
    "age of the oldest unprocessed": "trt_oldest_update_seconds",
    "database pool: in use": "trt_database_pool_in_use",
    "database pool: waits": "trt_database_pool_wait_seconds",
}
#: What is counted a moment after somebody could see its effect.
COUNTED = (
    'trt_deliveries_total{kind="result",outcome="sent"}',
    'trt_jobs{model="z-image",state="waiting"}',
    'trt_credits_out_total{kind="taken_back"}',
)
CONFIRM = "Провести"
#: Histograms of what has no unit.
COUNTS = {"trt_job_polls"}
FIXED = {"ts", "level", "event", "logger", "instance"}


@dataclass(frozen=True)
class Life:
    """What was seen of it."""

    metrics: str
    log: str
    screens: list[str]
    edits: int


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, shared_dsn: Secret) -> Iterator[Life]:
    world = World(
        tmp_path_factory.mktemp("seeing"), shared_dsn.reveal(), host=SANDBOX_HOST, forks=True
    )
    try:
        yield lived(world, shared_dsn)
    finally:
        world.close()


def lived(world: World, dsn: Secret) -> Life:
    another_job(dsn)
    telegram = world.telegram
    bot = world.bot(LOG_FORMAT="json", LOG_LEVEL="DEBUG", ADMIN_ID=str(OPERATOR))
    bot.wait_line("WEBHOOK CONFIGURED")
    order(world, BEN)
    telegram.fault("error", "editMessageText", chat_id=BEN, code=429, retry_after=1)
    telegram.press(BEN, "Create")
    telegram.wait_photo(BEN)
    for words in (f"/grant {BEN} 9", f"/grant {BEN} -2"):
        telegram.say(OPERATOR, words)
        until(partial(_asks, telegram), 20, "the booking is asked about")
        telegram.press(OPERATOR, CONFIRM)
        until(lambda: not _asks(telegram), 20, "the booking is told")
    telegram.say(OPERATOR, "/admin")
    telegram.say(BEN, "/admin")
    telegram.wait_text(OPERATOR, "Работает")
    telegram.press(OPERATOR, "Обновить")
    until(lambda: edits(world), 20, "the screen was refreshed")
    until(lambda: all(part in bot.get("/metrics")[1] for part in COUNTED), 20, "all is counted")
    metrics = bot.get("/metrics")[1]
    bot.signal(signal.SIGTERM)
    bot.wait()
    screens = [content(each) for each in telegram.messages(OPERATOR, of_bot=True)]
    return Life(metrics, bot.text(), screens, edits(world))


def _asks(telegram: SandboxClient) -> bool:
    said = telegram.messages(OPERATOR, of_bot=True)
    return any(CONFIRM in each["text"] for message in said for each in buttons(message))


def another_job(dsn: Secret) -> None:
    """A job that waits for kie.ai all the while, and a callback of none."""
    connection = psycopg2.connect(dsn.reveal())
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO users (user_id) VALUES (7);"
            "INSERT INTO generation_jobs (bot_id, user_id, model, status, task_id, next_action_at,"
            " deadline_at) VALUES (%s, 7, 'z-image', 'waiting', 'x', now() + interval '1 hour',"
            " now() + interval '1 day');"
            "INSERT INTO orphan_callbacks (task_id, payload) VALUES ('y', '{}')",
            (int(TOKEN.partition(":")[0]),),
        )
    connection.close()


def edits(world: World) -> int:
    calls = world.telegram.calls("editMessageText")
    return sum("Работает" in str(call) for call in calls)


def families(life: Life) -> dict[str, Metric]:
    return {family.name: family for family in text_string_to_metric_families(life.metrics)}


@pytest.mark.parametrize("word", WORDS)
def test_a_number_is_there_and_moves(life: Life, word: str) -> None:
    name, labels = WORDS[word]
    samples = [
        sample.value
        for family in families(life).values()
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]

    assert len(samples) == 1, name
    if word != "updates set aside":
        assert samples[0] > 0


@pytest.mark.parametrize("word", AT_REST)
def test_a_number_is_there_before_it_moves(life: Life, word: str) -> None:
    assert AT_REST[word] in families(life)


def test_names_carry_their_units(life: Life) -> None:
    for family in families(life).values():
        if family.type == "counter":
            assert all(each.name.endswith("_total") for each in family.samples), family.name
        if family.type == "histogram" and family.name not in COUNTS:
            assert family.name.endswith("_seconds"), family.name
        assert not re.search(r"_(ms|millis\w*|minutes|mb|kb|megabytes)(_|$)", family.name)
        assert re.match(r"(trt|process)_[a-z0-9_]+$", family.name)
        assert family.documentation, family.name


def test_each_line_of_the_log_is_an_object_with_the_fixed_fields(life: Life) -> None:
    lines = [json.loads(line) for line in life.log.splitlines()]

    assert len(lines) > 30
    for line in lines:
        assert line.keys() >= FIXED, line
        assert all(isinstance(line[name], str) for name in FIXED), line
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", line["ts"])
    assert len({line["instance"] for line in lines}) == 1


def test_from_the_press_to_the_picture_every_line_has_one_trace(life: Life) -> None:
    lines: list[dict[str, Any]] = [json.loads(line) for line in life.log.splitlines()]
    (made,) = [line for line in lines if line["event"] == "job_created"]
    of_job = [line for line in lines if line.get("job") == made["job"]]
    of_trace = {line["event"] for line in lines if line.get("trace") == made["trace"]}

    assert {line.get("trace") for line in of_job} == {made["trace"]}
    assert {"update_handled", "task_created", "job_succeeded", "delivery_sent"} <= of_trace


def test_an_operator_sees_the_whole_installation_on_a_screen_that_can_be_refreshed(
    life: Life,
) -> None:
    screen = next(each for each in life.screens if "Работает" in each)

    assert "kie.ai отвечает" in screen
    assert "заданий 1" in screen
    assert life.edits >= 1
    assert len(life.screens) == 3  # two bookings, each where it was asked about, and this one


def test_no_secret_is_in_the_numbers_or_the_log(life: Life) -> None:
    for secret in (TOKEN, TOKEN.partition(":")[2], KIE_KEY):
        assert secret not in life.metrics + life.log


@pytest.mark.skipif(not os.environ.get("LONG"), reason="waits for half a minute: LONG=1")
def test_an_operator_of_a_running_bot_is_told_that_deliveries_fail(
    tmp_path: Path, dsn: Secret
) -> None:
    world = World(tmp_path, dsn.reveal(), host=SANDBOX_HOST, forks=True)
    try:
        bot = world.bot(ADMIN_ID=str(BEN))
        bot.wait_line("WEBHOOK CONFIGURED")
        world.telegram.say(BEN, "/start")
        connection = psycopg2.connect(dsn.reveal())
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, state, error)"
                " SELECT %s, 7, 'answer', '{}', 'x' || n, 'failed', 'Bad Request: ' || %s"
                " FROM generate_series(1, 20) AS n",
                (int(TOKEN.partition(":")[0]), TOKEN),
            )
        connection.close()

        told = content(world.telegram.wait_text(BEN, "deliveries within 10 minutes", 60))

        assert "20 deliveries within 10 minutes failed" in told
        assert "***" in told
        assert TOKEN not in told
    finally:
        world.close()


def test_the_dashboard_and_the_alert_rules_name_only_series_of_a_real_scrape(life: Life) -> None:
    exposed = set()
    for family in text_string_to_metric_families(life.metrics):
        exposed |= {family.name, *(sample.name for sample in family.samples)}
        ends = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
        exposed |= {family.name + end for end in ends.get(family.type, ())}
    monitoring = ROOT / "docs" / "monitoring"
    texts = [path.read_text(encoding="utf-8") for path in sorted(monitoring.iterdir())]
    named = {name for text in texts for name in re.findall(r"\b(?:trt|process)_[a-z_0-9]+", text)}

    assert len(named) > 30
    assert named - exposed == set()
