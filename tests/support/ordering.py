"""Walking through the dialogue as a user, in acceptance tests."""

from sandbox.client import buttons, content
from tests.support.world import World


def order(world: World, user: int, prompt: str = "a cat <b>& friends") -> None:
    """Say a wish and wait for its card."""
    world.telegram.say(user, prompt)
    world.telegram.wait_for(user, lambda m: prompt in content(m) and bool(buttons(m)))
