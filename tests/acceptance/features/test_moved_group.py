"""A group becomes a supergroup, or throws the bot out, while a picture for it is being made."""

from sandbox.client import content, is_photo
from tests.support.bots.world import World
from tests.support.machine.waiting import until

ANNA, BEN = 1001, 1002


def asked_for(world: World) -> tuple[int, str]:
    """Ben wants a picture in a group: the group, and the task that never ends by itself."""
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
    return group, str(task["id"])


def test_the_picture_comes_to_the_supergroup_and_is_delivered_once(world: World) -> None:
    group, task = asked_for(world)
    supergroup = world.telegram.migrate(group)
    world.kie.finish(task)
    photo = world.telegram.wait_photo(supergroup)

    assert "a green fox" in content(photo)
    assert not [each for each in world.telegram.messages(group) if is_photo(each)]
    assert world.telegram.violations() == []
    # Who wants the same is led to it.
    link = next(b for row in photo["reply_markup"]["inline_keyboard"] for b in row)["url"]
    world.telegram.say(ANNA, f"/start {link.partition('?start=')[2]}")
    world.telegram.wait_text(ANNA, "a green fox")


def test_the_picture_comes_to_its_user_when_the_group_has_thrown_the_bot_out(world: World) -> None:
    group, task = asked_for(world)
    world.telegram.bot_in_group(group, "kicked")
    world.kie.finish(task)

    assert "a green fox" in content(world.telegram.wait_photo(BEN))
    assert world.telegram.violations() == []
