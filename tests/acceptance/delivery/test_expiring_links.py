"""kie.ai's link to a result ends while Telegram takes nothing: the picture comes all the same.

LONG=1 keeps Telegram closed for a minute, and cuts the next connection as well.
"""

import os
import signal
import urllib.error
import urllib.request
from pathlib import Path

from tests.support.bots.ordering import order
from tests.support.bots.world import World
from tests.support.machine.waiting import until

BEN = 1002
LINK_LIFE = 2.0
LONG = bool(os.environ.get("LONG"))
CLOSED_FOR = 60 if LONG else 4


def is_dead(link: str) -> bool:
    try:
        urllib.request.urlopen(link, timeout=5).close()
    except urllib.error.HTTPError as error:
        with error:
            return error.code == 404
    return False


def test_a_photo_outlives_its_link_a_telegram_that_is_closed_and_a_kill(
    world: World, tmp_path: Path
) -> None:
    bot = world.bot()
    bot.wait_line("WEBHOOK CONFIGURED")
    world.kie.fault("link_life", LINK_LIFE)
    world.telegram.fault("error", "sendPhoto", times=1, code=429, retry_after=CLOSED_FOR)
    order(world, BEN)
    world.telegram.press(BEN, "Create")
    until(lambda: world.telegram.calls("sendPhoto"), 20, "a refused sendPhoto")
    spool = tmp_path / "data" / "spool-123456"
    until(lambda: [f for f in spool.glob("*") if not f.suffix], 10, "the file on the disk")

    bot.signal(signal.SIGKILL)
    bot.wait()
    (task,) = world.kie.tasks()
    until(lambda: is_dead(f"{world.kie_url}/r/{task['id']}.png"), 15, "the end of the link")
    if LONG:
        world.telegram.fault("drop_before", "sendPhoto", times=1)
    world.bot()

    world.telegram.wait_photo(BEN, CLOSED_FOR + 60)
    assert sum("photo" in message for message in world.telegram.messages(BEN, of_bot=True)) == 1
