"""The host of results sends a page with status 200 for a while: nobody pays for that page."""

from sandbox.client import buttons
from tests.support.bots.ordering import order
from tests.support.bots.world import World
from tests.support.machine.waiting import until

BEN = 1002
PAGE_FOR = 4.0  #: seconds


def test_a_page_in_place_of_a_picture_is_waited_for_and_the_picture_comes(world: World) -> None:
    bot = world.bot()
    bot.wait_line("WEBHOOK CONFIGURED")
    world.kie.fault("page_link", PAGE_FOR)
    order(world, BEN)
    world.telegram.press(BEN, "Create")

    world.telegram.wait_photo(BEN, 60)

    came = world.telegram.messages(BEN, of_bot=True)
    assert [m for m in came if "document" in m] == []
    until(lambda: any("photo" in m and buttons(m) for m in came), 1, "the result with its buttons")
