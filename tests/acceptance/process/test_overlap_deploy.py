"""A deploy as Render does it, under load: the newcomer gets the traffic, then the old one goes."""

import os
import signal
import threading
import time

from supervisor.runtime.secret import Secret
from tests.support.crowd import Crowd
from tests.support.waiting import until
from tests.support.world import World

USERS, PER_SECOND = (1200, 20.0) if os.environ.get("LONG") else (140, 20.0)
#: Seconds for which both run; Render gives the old one about sixty.
OVERLAP = 30.0 if os.environ.get("LONG") else 2.5


def test_every_user_gets_exactly_one_answer_across_a_deploy(world: World, dsn: Secret) -> None:
    old = world.bot(LOG_LEVEL="INFO")
    old.wait_line("WEBHOOK CONFIGURED")
    crowd = Crowd(world.telegram, dsn, USERS)
    talking = threading.Thread(target=crowd.talk, args=(USERS, PER_SECOND))
    talking.start()

    time.sleep(0.5)
    new = world.bot(LOG_LEVEL="INFO", PORT=str(world.spare_port))
    until(new.health, 10, "the newcomer passes its health check")
    world.telegram.options(route=f"http://127.0.0.1:{new.port}")
    time.sleep(OVERLAP)
    old.signal(signal.SIGTERM)
    assert old.wait() == 0
    new.wait_state("ACTIVE", 5)
    talking.join()
    until(crowd.settled, 30, "every text is processed and every answer sent")

    tally = crowd.tally()
    assert (tally.lost, tally.out_of_order, tally.effects) == ([], [], [])
    assert (tally.repeated, tally.unanswered) == (0, 0)
    assert tally.states == {"done": USERS}
    # Both had their share: the old one acted, the new one stored beside it and then acted.
    assert "PASSIVE MODE" in new.text()
    assert world.telegram.violations() == []
