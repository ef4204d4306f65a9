"""A group becomes a supergroup while a picture for it is being made."""

from sandbox.client import content, is_photo
from tests.support.bots.world import World
from tests.support.machine.waiting import until

ANNA, BEN = 1001, 1002


def test_the_picture_comes_to_the_supergroup_and_is_delivered_once(world: World) -> None:
    bot = world.bot()
    bot.wait_state("ACTIVE")
    world.telegram.say(BEN, "/start")
    world.telegram.wait_text(BEN, "Hi")
    group = world.telegram.new_group("Us", [ANNA, BEN])
    world.kie.fault("stuck")
    world.telegram.say(BEN, "@trt_demo_bot a green fox", chat=group)
    world.telegram.wait_text(BEN, "a green fox")
    world.telegram.press(BEN, "Create")
    (task,) = until(world.kie.tasks, 15, "the task")

    supergroup = world.telegram.migrate(group)
    world.kie.finish(task["id"])
    photo = world.telegram.wait_photo(supergroup)

    assert "a green fox" in content(photo)
    assert not [each for each in world.telegram.messages(group) if is_photo(each)]
    assert world.telegram.violations() == []
    # Who wants the same is led to it.
    link = next(b for row in photo["reply_markup"]["inline_keyboard"] for b in row)["url"]
    world.telegram.say(ANNA, f"/start {link.partition('?start=')[2]}")
    world.telegram.wait_text(ANNA, "a green fox")
