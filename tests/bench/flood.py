"""A chat that floods the bot while something else is measured."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.bots.world import World

TEXTS = 600


@contextmanager
def flooding(world: World) -> Iterator[None]:
    """Within the block one chat sends ``TEXTS`` texts, as fast as Telegram delivers them; the block
    ends when all are sent."""
    flooder = world.telegram.new_user("Flooder")

    def flood() -> None:
        for number in range(TEXTS):
            world.telegram.say(flooder, f"text {number}")

    thread = threading.Thread(target=flood)
    thread.start()
    yield
    thread.join()
