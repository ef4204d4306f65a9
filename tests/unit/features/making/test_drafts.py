"""What a user gave stays until they remove it: long texts, corrections, photos."""

from typing import Any

import pytest

from handlers.dialogue.effects import Say, Show
from handlers.features.paying.balance import Books
from kie.money.ledger import Account
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram
from tests.support.situations.acts import corrected, written
from tests.support.words.wording import say

PHOTO = {"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 900}


def shown(talk: Talk) -> str:
    return "".join(str(e.screen.text) for e in talk.effects if isinstance(e, Say | Show))


def test_a_text_that_the_app_has_cut_in_two_is_one_description() -> None:
    talk = Talk().hear(telegram.press("model||google/nano-banana"))
    talk.hear(written("a" * 4000, 10)).hear(written(" and the rest", 11, 101))

    assert talk.dialogue.answers["inputs"]["prompt"] == "a" * 4000 + " and the rest"
    assert say("en", "texts_joined") in shown(talk)


def test_three_parts_of_one_text_are_one_wish_and_a_model_that_takes_them_is_found() -> None:
    talk = Talk()
    for number in range(3):
        talk.hear(written("b" * 4000, 10 + number))

    assert talk.dialogue.answers["inputs"]["prompt"] == " ".join(["b" * 4000] * 3)


@pytest.mark.parametrize(
    ("first", "number", "date"),
    [("short", 11, 100), ("a" * 4000, 12, 100), ("a" * 4000, 11, 110)],
    ids=["the first was short", "something came between", "it came later"],
)
def test_another_text_is_no_continuation(first: str, number: int, date: int) -> None:
    talk = Talk().hear(telegram.press("model||google/nano-banana"))
    talk.hear(written(first, 10)).hear(written("a new wish", number, date))

    assert talk.dialogue.answers["inputs"]["prompt"] == "a new wish"


def test_a_corrected_message_corrects_the_description() -> None:
    talk = Talk().presses_model("z-image").hear(written("a fx", 10))
    talk.hear(corrected("a fox", 10))

    assert talk.dialogue.answers["inputs"]["prompt"] == "a fox"
    assert say("en", "edit_taken") in shown(talk)


def test_a_corrected_message_corrects_the_words_that_wait_for_a_model() -> None:
    talk = Talk().hear(written("a fx", 10)).hear(corrected("a fox", 10)).presses_model("z-image")

    assert talk.dialogue.answers["inputs"]["prompt"] == "a fox"


def test_a_correction_after_the_order_says_that_it_is_too_late_and_is_kept() -> None:
    talk = Talk().presses_model("z-image").hear(written("a fx", 10))
    talk.presses("Create").hear(corrected("a fox", 10))

    assert not talk.started
    assert talk.dialogue.answers["inputs"]["prompt"] == "a fox"
    assert say("en", "edit_too_late") in shown(talk)


def test_a_correction_of_an_older_message_changes_nothing_and_says_nothing() -> None:
    talk = Talk().hear(written("a fox", 10)).hear(written("a cat", 20)).hear(corrected("a dog", 10))

    assert talk.effects == ()


def test_a_photo_and_then_words_are_both_for_the_model_that_is_chosen() -> None:
    talk = Talk().hear(telegram.message(photo=[PHOTO])).says("make it blue")
    assert "make it blue" in shown(talk)
    talk.presses("🤖").presses_model("google/nano-banana-edit")

    inputs = talk.dialogue.answers["inputs"]
    assert inputs["prompt"] == "make it blue"
    assert [each["file_id"] for each in inputs["image_urls"]] == ["p"]


@pytest.mark.parametrize("way", ["/start", "/language", "/help", "/search", "/balance"])
def test_a_photo_survives_the_menu_and_every_command(way: str) -> None:
    talk = Talk(loads={"books": Books()}).hear(telegram.message(photo=[PHOTO])).says(way)
    talk.presses_model("recraft/remove-background")

    assert talk.dialogue.answers["inputs"]["image"]["file_id"] == "p"


def test_the_menu_says_what_is_kept_and_an_order_takes_it_along() -> None:
    talk = Talk().presses_model("z-image").says("a <red> fox").says("/start")
    assert "a &lt;red&gt; fox" in shown(talk)
    talk.presses("Continue").presses("Create").says("/start")

    assert "fox" not in shown(talk)


def test_what_is_cancelled_is_gone() -> None:
    talk = Talk().at_confirm().presses("Remove").says("/start")

    assert "draft" not in talk.dialogue.answers


def test_words_behind_an_unknown_command_are_the_wish() -> None:
    talk = Talk().says("/imagine a fox").presses_model("z-image")

    assert talk.dialogue.answers["inputs"]["prompt"] == "a fox"


def test_an_old_button_pressed_again_and_again_makes_no_new_message() -> None:
    talk = Talk().at_confirm()
    old = talk.button("Create")
    talk.says("a better fox")
    for _ in range(3):
        talk.hear(telegram.press(old, message_id=50))
        assert [type(each) for each in talk.effects][-1] is Show
        assert talk.toast.text


def test_a_wish_is_enough_for_a_card_with_everything_that_has_a_default() -> None:
    talk = Talk().says("a red fox")
    talk.presses("Create")

    assert talk.started[0].job.inputs["prompt"] == "a red fox"
    assert talk.started[0].job.model == "z-image"
    assert talk.started[0].job.price == 0


def test_a_photo_with_words_under_it_is_a_card_at_once() -> None:
    talk = Talk(account=Account(balance=100))
    talk.hear(telegram.message(photo=[PHOTO], caption="make it blue")).presses("Create")

    (start,) = talk.started
    assert start.job.inputs["prompt"] == "make it blue"
    assert [each["file_id"] for each in _files(start.job.inputs)] == ["p"]


def test_a_wish_that_is_too_long_for_the_free_model_finds_another_one() -> None:
    talk = Talk().says("я" * 1001)

    assert talk.dialogue.step == "confirm"
    assert talk.dialogue.answers["model"] != "z-image"


def test_another_model_for_the_same_wish_keeps_the_words() -> None:
    talk = Talk().says("a red fox").presses("🤖")
    assert {each.press for each in talk.buttons} >= {"model||z-image", "model||google/nano-banana"}
    talk.presses("Back")
    assert "a red fox" in shown(talk)
    talk.presses_model("google/imagen4")

    assert talk.dialogue.answers["model"] == "google/imagen4"
    assert talk.dialogue.answers["inputs"]["prompt"] == "a red fox"


def test_while_the_free_ones_last_a_wish_costs_nothing_and_then_the_least() -> None:
    used = Account(balance=100, free_used={"z-image": 20})
    first, later = Talk().says("a fox"), Talk(account=used).says("a fox")

    assert first.dialogue.answers["price"] == 0
    cheapest = min(each.price for each in SHOP.offers.values() if each.kind == "image")
    assert 0 < later.dialogue.answers["price"] <= 2 * cheapest + 2


def _files(inputs: Any) -> list[Any]:
    listed = [v if isinstance(v, list) else [v] for v in inputs.values()]
    return [each for value in listed for each in value if isinstance(each, dict)]
