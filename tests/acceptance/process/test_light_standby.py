"""An instance that only stores and waits has loaded only what that needs."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.client import buttons
from supervisor.runtime.secret import Secret
from tests.support.bots.world import Bot, World
from tests.support.edges.sandbox_host import SANDBOX_HOST
from tests.support.machine import loaded
from tests.support.machine.waiting import until

#: What answers, sends, calls kie.ai and draws; packages that a waiting instance has no use for.
HEAVY = {
    *("telegram", "httpx", "requests", "urllib3", "tenacity", "matplotlib", "numpy"),
    *("handlers.features", "handlers.delivery", "handlers.dispatch", "handlers.process.services"),
    *("kie.submission", "kie.http.transport"),
}
BEN = 1002

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of users")


@pytest.fixture
def telling(tmp_path: Path, dsn: Secret) -> Iterator[World]:
    made = World(
        tmp_path, dsn.reveal(), entrance=("-m", loaded.__name__), host=SANDBOX_HOST, time_scale=0.2
    )
    yield made
    made.close()


def heavy_modules(bot: Bot) -> set[str]:
    """What of ``HEAVY`` is in the process now."""
    before = bot.text().count(loaded.MARK)
    bot.signal(signal.SIGUSR1)
    bot_told = until(lambda: _last(bot, before), 10, "the list of modules")
    return HEAVY & set(bot_told.split())


def _last(bot: Bot, before: int) -> str:
    lines = [line for line in bot.text().splitlines(keepends=True) if loaded.MARK in line]
    whole = [line for line in lines if line.endswith("\n")]
    return whole[-1].partition(loaded.MARK)[2] if len(whole) > before else ""


def pair(world: World) -> tuple[Bot, Bot]:
    active = world.bot()
    active.wait_line("WEBHOOK CONFIGURED")
    standby = world.bot(PORT=str(world.spare_port))
    standby.wait_state("PASSIVE")
    return active, standby


def test_a_passive_instance_without_traffic_has_loaded_nothing_that_acts(telling: World) -> None:
    active, standby = pair(telling)

    assert heavy_modules(standby) == set()
    loaded_there = heavy_modules(active)
    assert {"handlers.features", "requests"} <= loaded_there
    assert "telegram" not in loaded_there  # nobody has written yet


def test_a_passive_instance_that_stores_an_update_gets_ready_to_act(telling: World) -> None:
    _, standby = pair(telling)
    telling.telegram.options(route=f"http://127.0.0.1:{standby.port}")

    telling.telegram.say(BEN, "/start")

    standby.wait_line("services_made")
    assert standby.health()["state"] == "PASSIVE"
    assert {"telegram", "handlers.features"} <= heavy_modules(standby)


def test_a_passive_instance_gets_ready_to_act_where_another_one_stores_updates(
    telling: World,
) -> None:
    active = telling.bot()
    active.wait_line("WEBHOOK CONFIGURED")
    telling.telegram.say(BEN, "/start")
    telling.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 15)

    standby = telling.bot(PORT=str(telling.spare_port))

    standby.wait_line("services_made")
    assert standby.health()["state"] == "PASSIVE"


def test_a_catalogue_that_cannot_be_read_ends_an_instance_that_only_waits(telling: World) -> None:
    active = telling.bot()
    active.wait_state("ACTIVE")

    broken = telling.bot(PORT=str(telling.spare_port), TRT_TESTS_CATALOGUE="models/video.yaml: [")

    assert broken.wait() == 64
    assert "models/video.yaml: [" in broken.text()
    assert active.health()["state"] == "ACTIVE"


def test_a_standby_that_cannot_act_ends_before_it_takes_over(telling: World) -> None:
    active = telling.bot()
    active.wait_line("WEBHOOK CONFIGURED")
    epoch = active.health()["epoch"]
    broken = telling.bot(PORT=str(telling.spare_port), TRT_TESTS_SERVICES="missing")
    broken.wait_state("PASSIVE")

    telling.telegram.say(BEN, "/start")

    assert broken.wait() == 1
    assert "services_not_made" in broken.text()
    assert "No module named 'handlers.process.services'" in broken.text()
    assert "[LOCK] ✅" not in broken.text()
    assert "[SHUTDOWN] ❌ exit with code 1" in broken.text()
    telling.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 15)
    assert (active.health()["state"], active.health()["epoch"]) == ("ACTIVE", epoch)


WITHOUT_REQUESTS = """
import importlib.abc, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "requests":
            raise ModuleNotFoundError("No module named 'requests'", name=name)

sys.meta_path.insert(0, Missing())
"""


def test_a_standby_to_whose_bot_nobody_writes_finds_out_that_it_cannot_act(
    telling: World, tmp_path: Path
) -> None:
    """A package of the new release was not installed. Python runs the file at every start."""
    active = telling.bot()
    active.wait_line("WEBHOOK CONFIGURED")
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_REQUESTS)

    broken = telling.bot(PORT=str(telling.spare_port), PYTHONPATH=str(tmp_path))

    assert broken.wait(90) == 1
    assert "services_not_made" in broken.text()
    assert "No module named 'requests'" in broken.text()
    assert "[LOCK] ✅" not in broken.text()
    assert active.health()["state"] == "ACTIVE"


def test_a_standby_that_had_no_traffic_takes_over_and_answers(telling: World) -> None:
    active, standby = pair(telling)

    active.signal(signal.SIGTERM)
    assert active.wait() == 0
    telling.telegram.options(route=f"http://127.0.0.1:{standby.port}")
    telling.telegram.say(BEN, "/start")

    telling.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 15)
    assert standby.health()["state"] == "ACTIVE"
    assert telling.telegram.violations() == []
