"""One name in the log from a user's press to the picture, across threads and a restart."""

import json
import signal
from typing import Any

import pytest

from tests.support.bots.ordering import order
from tests.support.bots.world import World

BEN = 1002


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@pytest.mark.forked
def test_every_line_from_the_press_to_the_picture_has_the_name_of_the_update(
    world: World,
) -> None:
    bot = world.bot(LOG_FORMAT="json", LOG_LEVEL="DEBUG")
    bot.wait_line("WEBHOOK CONFIGURED")
    order(world, BEN)
    world.telegram.press(BEN, "Create")
    bot.wait_line("task_created")
    bot.signal(signal.SIGTERM)
    bot.wait()
    second = world.bot(LOG_FORMAT="json", LOG_LEVEL="DEBUG")
    world.telegram.wait_photo(BEN)
    second.wait_line("delivery_sent")
    second.signal(signal.SIGTERM)
    second.wait()

    written = lines(bot.text()) + lines(second.text())
    (made,) = [line for line in written if line["event"] == "job_created"]
    events = [line["event"] for line in written if line.get("trace") == made["trace"]]
    others = {line["event"] for line in written if line.get("job") == made["job"]}
    nameless = [line for line in written if line.get("job") == made["job"] and "trace" not in line]

    assert made["trace"].startswith("u")
    assert {"job_created", "update_handled", "task_created", "job_succeeded"} <= set(events)
    assert events.count("delivery_sent") >= 2
    assert others <= set(events)
    assert nameless == []
