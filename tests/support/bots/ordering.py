"""Walking through the dialogue as a user, in acceptance tests."""

from sandbox.client import buttons, content
from tests.support.bots.world import World
from tests.support.machine.waiting import until


def order(world: World, user: int, prompt: str = "a cat <b>& friends") -> None:
    """Say a wish and wait for its card."""
    world.telegram.say(user, prompt)
    world.telegram.wait_for(user, lambda m: prompt in content(m) and bool(buttons(m)))


def a_call_under_way(world: World, user: int) -> None:
    """A createTask that does not return within the time of a stop is under way on return."""
    world.kie.fault("slow", 60, call="createTask")
    world.telegram.say(user, "a cat")
    world.telegram.wait_for(user, lambda m: any("Create" in b["text"] for b in buttons(m)))
    world.telegram.press(user, "Create")
    until(lambda: world.kie.calls("createTask"), 10, "createTask is under way")
