"""Words on their way through models that do not take them, and what may stand in their place."""

import pytest

from handlers.features.making.dialogue_state import ASK, CONFIRM
from kie.money.ledger import Account
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram

RICH = Account(balance=1000)
SIZE = {"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 900}
LONG = "я" * 1500
ROOMY = "google/nano-banana"


@pytest.mark.parametrize("model", ["recraft/remove-background", "fx-restore"])
def test_words_survive_a_model_that_takes_none(model: str) -> None:
    talk = Talk(account=RICH).says("кот в шляпе").says("/start").presses_model(model).says("/start")

    talk.presses("кот").presses("Create")
    assert talk.started[0].job.inputs["prompt"] == "кот в шляпе"
    assert talk.started[0].job.model == "z-image"


def test_words_and_the_photo_of_a_model_that_takes_none_reach_the_next_one() -> None:
    talk = Talk(account=RICH).says("сделай ночь").says("/start")
    talk.presses_model("recraft/remove-background").hear(telegram.message(photo=[SIZE]))
    assert talk.dialogue.step == CONFIRM
    talk.says("/start").presses_model("google/nano-banana-edit")

    inputs = talk.dialogue.answers["inputs"]
    assert inputs["prompt"] == "сделай ночь"
    assert [each["file_id"] for each in inputs["image_urls"]] == ["p"]


def test_words_that_are_too_long_for_a_model_wait_for_one_that_takes_them() -> None:
    assert SHOP.offers["z-image"].prompt is not None
    talk = Talk(account=RICH).presses_model(ROOMY).says(LONG).presses_model("z-image")
    assert talk.dialogue.step == ASK
    assert "1500" in talk.screen.text
    talk.presses_model(ROOMY)

    assert talk.dialogue.step == CONFIRM
    assert talk.dialogue.answers["inputs"]["prompt"] == LONG


def test_new_words_take_the_place_of_those_that_were_too_long() -> None:
    talk = Talk(account=RICH).presses_model(ROOMY).says(LONG).presses_model("z-image")
    talk.says("кот").presses_model(ROOMY)

    assert talk.dialogue.answers["inputs"]["prompt"] == "кот"


def test_the_words_of_an_action_are_no_words_of_the_user() -> None:
    talk = Talk(account=RICH).hear(telegram.message(photo=[SIZE])).presses("Animate")
    assert SHOP.is_default(talk.dialogue.answers["inputs"]["prompt"])
    talk.says("/start").presses("Edit a photo")

    assert (talk.dialogue.step, talk.dialogue.answers["asking"]) == (ASK, "prompt")
    assert [each["file_id"] for each in talk.dialogue.answers["inputs"]["image_urls"]] == ["p"]


def test_what_is_kept_is_said_once_for_words_and_files() -> None:
    talk = Talk(account=RICH).says("make it night").hear(telegram.message(photo=[SIZE]))
    talk.says("/start")

    assert talk.screen.text.count("Kept for you") == 1
    assert "📎 1\u00a0file" in talk.screen.text


@pytest.mark.parametrize("recent", [(), ("z-image",)])
def test_a_command_finds_a_model_for_words_that_are_too_long_for_its_usual_one(
    recent: tuple[str, ...],
) -> None:
    talk = Talk(account=RICH, loads={"recent_models": recent}).says(f"/image {LONG}")

    assert talk.dialogue.step == CONFIRM
    offer = SHOP.offers[talk.dialogue.answers["model"]]
    assert (offer.kind, offer.words_of(talk.dialogue.answers["inputs"])) == ("image", LONG)


@pytest.mark.parametrize("command", ["image", "video", "photo"])
def test_a_command_with_words_that_no_model_takes_says_so_and_keeps_them(command: str) -> None:
    words = "ж" * 50_000

    talk = Talk(account=RICH).says(f"/{command} {words}")

    assert "Too long (50000 of" in talk.screen.text
    assert talk.dialogue.answers["draft"] == words


def test_a_command_that_is_corrected_to_long_words_finds_a_model_for_them() -> None:
    said = telegram.message(text="/video waves")
    talk = Talk(account=RICH).hear(said)
    corrected = {**said["message"], "text": f"/image {LONG}"}

    talk.hear({"update_id": 1, "edited_message": corrected})

    assert talk.dialogue.step == CONFIRM
    assert talk.dialogue.answers["inputs"]["prompt"] == LONG
