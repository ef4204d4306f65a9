"""A deploy as Render does it, under load: the newcomer gets the traffic, then the old one goes."""

import os
import signal
import threading

import pytest

from supervisor.runtime.secret import Secret
from tests.support.bots.crowd import Crowd
from tests.support.bots.world import World
from tests.support.machine.waiting import until

USERS, PER_SECOND = (1200, 20.0) if os.environ.get("LONG") else (100, 20.0)
#: Texts that are said while both run; Render gives the old one about sixty seconds.
OVERLAP = 600 if os.environ.get("LONG") else 50


@pytest.mark.forked
def test_every_text_gets_exactly_one_answer_across_a_deploy(world: World, dsn: Secret) -> None:
    old = world.bot(LOG_LEVEL="INFO")
    old.wait_line("WEBHOOK CONFIGURED")
    crowd = Crowd(world.telegram, dsn, USERS)
    enough = threading.Event()
    talking = threading.Thread(target=crowd.talk, args=(100_000, PER_SECOND, enough.is_set))
    talking.start()

    until(lambda: crowd.processed() >= 10, 20, "the old one is at work")
    new = world.bot(LOG_LEVEL="INFO", PORT=str(world.spare_port))
    new.wait_state("PASSIVE")
    world.telegram.options(route=f"http://127.0.0.1:{new.port}")
    last = crowd.said + OVERLAP
    until(lambda: crowd.said >= last, 60, "both have run for a while")
    old.signal(signal.SIGTERM)
    assert old.wait() == 0
    new.wait_state("ACTIVE")
    last = crowd.said + OVERLAP // 2
    until(lambda: crowd.said >= last, 60, "the new one is alone")
    enough.set()
    talking.join()
    until(crowd.settled, 30, "every text is processed and every answer sent")

    tally = crowd.tally()
    assert (tally.lost, tally.out_of_order, tally.effects) == ([], [], [])
    assert (tally.repeated, tally.unanswered) == (0, 0)
    assert tally.states == {"done": crowd.said}
    # Both had their share: the old one acted, the new one stored beside it and then acted.
    assert "PASSIVE MODE" in new.text()
    assert world.telegram.violations() == []
