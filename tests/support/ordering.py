"""Walking through the dialogue as a user, in acceptance tests."""

from sandbox.client import buttons, content
from tests.support.world import World


def order(world: World, user: int, prompt: str = "a cat <b>& friends") -> None:
    """Walk through the wizard up to the confirmation."""
    world.telegram.say(user, "/start")
    world.telegram.wait_for(user, lambda m: any("Z-Image" in b["text"] for b in buttons(m)))
    world.telegram.press(user, "Z-Image")
    world.telegram.wait_for(user, lambda m: "1000" in content(m))
    world.telegram.say(user, prompt)
    world.telegram.wait_for(user, lambda m: any("16:9" in b["text"] for b in buttons(m)))
    world.telegram.press(user, "16:9")
    world.telegram.wait_for(user, lambda m: prompt in content(m) and bool(buttons(m)))
