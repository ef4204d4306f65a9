"""A file that a user sends arrives at kie.ai as a link of kie.ai's, through the real daemon."""

from typing import Any

from sandbox.client import buttons, content
from tests.support.bots.world import TOKEN, Bot, World
from tests.support.machine.waiting import until

#: What Telegram makes of each photo: a JPEG, here of 1280 x 960.
PHOTO = (
    b"\xff\xd8\xff\xc0\x00\x11\x08\x03\xc0\x05\x00\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01\xff\xd9"
)


def start(world: World, credits: int) -> tuple[Bot, int]:
    """A running bot, and a user who has so many credits."""
    admin, user = world.telegram.new_user(), world.telegram.new_user()
    bot = world.bot(ADMIN_ID=str(admin))
    bot.wait_state("ACTIVE")
    world.telegram.say(user, "/start")
    world.telegram.wait_text(user, "Hi")
    world.telegram.say(admin, f"/grant {user} {credits}")
    world.telegram.wait_for(admin, has_button("Book it"))
    world.telegram.press(admin, "Book it")
    world.telegram.wait_text(admin, f"Balance: {credits}")
    return bot, user


def has_button(label: str) -> Any:
    return lambda message: any(label in button["text"] for button in buttons(message))


def choose(world: World, user: int, model: str, query: str) -> None:
    world.telegram.say(user, f"/search {query}")
    world.telegram.wait_for(user, has_button(model))
    world.telegram.press(user, model)


def only_task(world: World) -> dict[str, Any]:
    (task,) = until(world.kie.tasks, 15, "a task at kie.ai")
    return dict(task)


def no_token_left_the_process(world: World, bot: Bot) -> None:
    assert TOKEN not in bot.text()
    assert TOKEN not in str(world.kie.tasks()) + str(world.kie.uploads())
    assert world.telegram.violations() == []
    assert world.kie.violations() == []


def test_a_photo_with_words_becomes_another_photo(world: World) -> None:
    bot, anna = start(world, credits=8)
    choose(world, anna, "Nano Banana Edit", "banana edit")
    world.telegram.wait_text(anna, "Send up to")

    world.telegram.send(anna, "photo", content=PHOTO, caption="make the sky green")
    world.telegram.wait_for(anna, has_button("Done · 1"))
    world.telegram.press(anna, "Done")
    world.telegram.wait_for(anna, lambda m: "make the sky green" in content(m) and bool(buttons(m)))
    world.telegram.press(anna, "Create")
    world.telegram.wait_photo(anna)

    task, (upload,) = only_task(world), world.kie.uploads()
    assert task["model"] == "google/nano-banana-edit"
    assert task["input"]["image_urls"] == [upload["url"]]
    assert task["input"]["prompt"] == "make the sky green"
    assert upload["mime"] == "image/jpeg"
    no_token_left_the_process(world, bot)


def test_a_photo_comes_alive_as_a_video(world: World) -> None:
    bot, ben = start(world, credits=50)
    choose(world, ben, "Kling 2.1", "kling 2.1")
    world.telegram.wait_text(ben, "Send a photo")

    world.telegram.send(ben, "photo")
    world.telegram.wait_text(ben, "What should happen")
    world.telegram.say(ben, "she smiles")
    world.telegram.wait_for(ben, has_button("Create · 50"))
    world.telegram.press(ben, "Create")
    video = world.telegram.wait_for(ben, lambda message: "video" in message, 30)

    task, (upload,) = only_task(world), world.kie.uploads()
    sent = {"image_url": upload["url"], "prompt": "she smiles", "duration": "5"}
    assert task["model"] == "kling/v2-1-standard"
    assert sent.items() <= task["input"].items()  # the rest are kie.ai's own defaults
    assert "she smiles" in content(video)
    no_token_left_the_process(world, bot)
