"""The files for Prometheus, Grafana and Compose: what their own tools say of them."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from supervisor.settings.reader import variables
from supervisor.telemetry.metrics import Metrics

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "docs" / "monitoring" / "alert-rules.yml"
DASHBOARD = ROOT / "docs" / "monitoring" / "grafana-dashboard.json"
COMPOSE = ROOT / "docs" / "compose"
#: What Compose itself reads from .env.
OF_COMPOSE = {"BOT_HOST", "POSTGRES_PASSWORD"}


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((COMPOSE / "docker-compose.yml").read_text("utf-8"))
    return found


def test_prometheus_accepts_the_alert_rules() -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    done = subprocess.run(
        ["promtool", "check", "rules", str(RULES)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


#: Series of two bots, ``trt-a`` and ``trt-b``, every 15 s; when to look; which alerts there are.
A_WORKS = {
    'up{job="trt-a", instance="1"}': "1x80",
    'trt_uptime_seconds{job="trt-a", instance="1"}': "0+15x80",
    'trt_state{job="trt-a", instance="1", state="ACTIVE"}': "1x80",
}
B_WAITS = 'trt_state{job="trt-b", instance="2", state="ACTIVE"}'
ALERTS: dict[str, tuple[dict[str, str], str, list[tuple[str, str]]]] = {
    "one bot of two is gone": (
        {**A_WORKS, 'up{job="trt-b", instance="2"}': "1x10 0x70"},
        "10m",
        [("TrtGone", "trt-b")],
    ),
    "a program that is no bot is gone": ({**A_WORKS, 'up{job="other"}': "0x80"}, "10m", []),
    "one instance of two is gone": (
        {**A_WORKS, 'up{job="trt-a", instance="2"}': "1x10 0x70"},
        "10m",
        [],
    ),
    "nothing is there at all": ({"nothing": "1x80"}, "10m", [("TrtGone", "")]),
    "nobody acts for one bot of two": (
        {**A_WORKS, B_WAITS: "0x80"},
        "10m",
        [("TrtNobodyActive", "trt-b")],
    ),
    "a deploy, seen through the platform's address": (
        {**A_WORKS, B_WAITS: "1x20 0x7 1x50"},
        "6m30s",
        [],
    ),
    "a process that ends again and again": (
        {
            **A_WORKS,
            'trt_activations_total{job="trt-a", instance="1"}': "1x80",
            'trt_epoch{job="trt-a", instance="1"}': "7+1x80",
        },
        "12m",
        [("TrtHandOversRepeat", "trt-a")],
    ),
    "deploys of six bots at once": (
        {
            **A_WORKS,
            **{f'trt_epoch{{job="trt-{n}", instance="old"}}': "5x30 0x50" for n in range(6)},
            **{f'trt_epoch{{job="trt-{n}", instance="new"}}': "0x30 6x50" for n in range(6)},
        },
        "12m",
        [],
    ),
    "another program has all its files open": (
        {**A_WORKS, 'process_open_fds{job="x"}': "99x80", 'process_max_fds{job="x"}': "100x80"},
        "12m",
        [],
    ),
}


@pytest.mark.parametrize("case", ALERTS)
def test_the_alerts_of_two_bots(case: str, tmp_path: Path) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    series, at, expected = ALERTS[case]
    names = [
        rule["alert"] for rule in yaml.safe_load(RULES.read_text("utf-8"))["groups"][0]["rules"]
    ]
    found = []
    for name in names:
        wanted = [{"job": job} if job else {} for alert, job in expected if alert == name]
        query = f'sum by (job) (ALERTS{{alertname="{name}", alertstate="firing"}})'
        labels = ["{" + ", ".join(f'{k}="{v}"' for k, v in each.items()) + "}" for each in wanted]
        samples = [{"labels": each, "value": 1} for each in labels]
        found.append({"expr": query, "eval_time": at, "exp_samples": samples})
    test = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "15s",
        "tests": [
            {
                "interval": "15s",
                "input_series": [{"series": k, "values": v} for k, v in series.items()],
                "promql_expr_test": found,
            }
        ],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump(test), encoding="utf-8")

    done = subprocess.run(
        ["promtool", "test", "rules", str(tmp_path / "test.yml")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_says_what_is_wrong_and_what_helps() -> None:
    (group,) = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    names = [rule["alert"] for rule in group["rules"]]

    assert len(set(names)) == len(names) >= 10
    for rule in group["rules"]:
        assert set(rule["annotations"]) == {"summary", "remedy"}, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_the_panels_of_the_dashboard_have_a_place_each_and_ask_something() -> None:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    places = [tuple(panel["gridPos"].values()) for panel in panels]

    assert len({panel["id"] for panel in panels}) == len(panels) == len(set(places))
    assert all(target["expr"] for panel in panels for target in panel["targets"])
    assert all(x + w <= 24 for x, _, w, _ in places)


def test_dashboard_and_alert_rules_name_only_series_that_are_exposed() -> None:
    exposed = set()
    for family in Metrics().registry.collect():
        exposed |= {family.name, *(sample.name for sample in family.samples)}
        ends = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
        exposed |= {family.name + end for end in ends.get(family.type, ())}
    texts = [path.read_text(encoding="utf-8") for path in (RULES, DASHBOARD)]
    named = {name for text in texts for name in re.findall(r"\b(?:trt|process)_[a-z_0-9]+", text)}

    assert len(named) > 30
    assert named - exposed == set()


def test_compose_accepts_the_file() -> None:
    schema = json.loads((ROOT / "tests/data/compose_spec.schema.json").read_text("utf-8"))

    # The draft that the file names is read as the one that it uses.
    jsonschema.Draft7Validator(schema).validate(compose())


def compose_tool() -> list[str] | None:
    """Compose itself, as a plugin of docker or by itself; None: neither is installed."""
    for command in (["docker", "compose"], ["docker-compose"]):
        found = shutil.which(command[0])
        told = [found, *command[1:], "version"] if found else []
        if told and not subprocess.run(told, capture_output=True, timeout=30).returncode:
            return told[:-1]
    return None


def test_composes_own_parser_reads_the_file(tmp_path: Path) -> None:
    tool = compose_tool()
    if tool is None:
        pytest.skip(
            "neither docker compose nor docker-compose is installed (Debian: docker-compose)"
        )
    (tmp_path / ".env").write_text("TELEGRAM_BOT_TOKEN=1:x\n", encoding="utf-8")
    given = ("--project-directory", tmp_path, "-f", COMPOSE / "docker-compose.yml", "config")
    names = {"BOT_HOST": "bot.example", "POSTGRES_PASSWORD": "abc"}

    done = subprocess.run(
        [*tool, *given], env={**os.environ, **names}, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0, done.stderr
    read = yaml.safe_load(done.stdout)["services"]
    assert read.keys() == compose()["services"].keys()
    assert read["bot"]["environment"]["WEBHOOK_BASE_URL"] == "https://bot.example"
    assert read["bot"]["environment"]["TELEGRAM_BOT_TOKEN"] == "1:x"


def test_compose_sets_only_settings_that_exist_and_keeps_what_must_not_be_lost() -> None:
    services = compose()["services"]
    bot, database = services["bot"], services["postgres"]

    known = {spec.metadata["env"] for spec in variables()}
    assert set(bot["environment"]) <= known
    assert bot["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert "postgres:/var/lib/postgresql/data" in database["volumes"]
    assert "ports" not in bot
    assert "ports" not in database
    assert set(compose()["volumes"]) == {"data", "postgres", "certificates"}


def test_no_log_of_compose_fills_the_disk() -> None:
    """Docker's default driver, json-file, keeps everything."""
    drivers = {
        name: each.get("logging", {}).get("driver") for name, each in compose()["services"].items()
    }

    assert set(drivers.values()) == {"local"}, drivers


def test_what_compose_reads_is_documented() -> None:
    text = (COMPOSE / "docker-compose.yml").read_text(encoding="utf-8")
    guide = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")

    assert {name for name in OF_COMPOSE if f"${{{name}" in text} == OF_COMPOSE
    assert all(f"`{name}`" in guide for name in OF_COMPOSE)


def test_caddy_accepts_the_file_and_lets_only_the_public_paths_through() -> None:
    if shutil.which("caddy") is None:
        pytest.skip("caddy is not installed")
    config = COMPOSE / "Caddyfile"
    done = subprocess.run(
        ["caddy", "validate", "--adapter", "caddyfile", "--config", str(config)],
        capture_output=True,
        text=True,
        check=False,
        env={"BOT_HOST": "bot.example.org", "HOME": "/nonexistent"},
    )

    assert done.returncode == 0, done.stderr
    ours = (ROOT / "systemd" / "Caddyfile").read_text(encoding="utf-8").partition("{\n")[2]
    theirs = config.read_text(encoding="utf-8").partition("{$BOT_HOST} {\n")[2]
    assert theirs == ours.replace("127.0.0.1:10000", "bot:10000")
