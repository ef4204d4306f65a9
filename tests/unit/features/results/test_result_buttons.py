"""The buttons under a result: what fits its kind and is on sale, with prices."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue.buttons import MOST_BYTES
from handlers.dialogue.effects import Button
from handlers.features.results.result_buttons import Subject, keyboard, which
from kie.money.ledger import Account
from tests.support.chats.talk import CATALOGUE, SHOP
from tests.support.edges.example_inputs import minimal

WORDS = {"prompt": "a fox", "aspect_ratio": "1:1"}
PICTURE = Subject(5, "z-image", WORDS, ["image"])


USED_UP = Account(free_used={"z-image": 20})


def buttons(subject: Subject, account: Account = USED_UP, **shop: Any) -> Mapping[str, Button]:
    shown = keyboard(subject, replace(SHOP, **shop), account, "en")
    return {button.press: button for row in shown for button in row}


def test_a_picture_leads_on_to_everything_that_can_be_done_with_it() -> None:
    shown = buttons(PICTURE)

    assert list(shown) == [
        "again||5:2",
        "format||5",
        "words||5",
        "do||5:animate",
        "do||5:edit",
        "do||5:upscale",
        "do||5:cutout",
        "star||5",
        "original||5",
        "prompt||5",
    ]


def test_a_button_that_costs_says_the_price_that_its_card_will_say() -> None:
    shown = buttons(PICTURE)

    assert shown["again||5:2"].text == "🔁 Another one · 2 💎"
    assert shown["do||5:animate"].text == "💃 Animate · 50"
    assert shown["do||5:edit"].text == "🪄 Edit · 8"
    assert shown["do||5:cutout"].text == "✂️ Cut out · 2"


def test_a_free_use_that_is_left_costs_nothing() -> None:
    assert "again||5:0" in buttons(PICTURE, Account(free_used={"z-image": 19}))
    assert "again||5:2" in buttons(PICTURE)


def test_a_model_that_is_off_sale_leaves_what_is_kept_and_what_others_do() -> None:
    offers = {name: each for name, each in SHOP.offers.items() if name != "z-image"}

    assert list(buttons(PICTURE, offers=offers)) == [
        "do||5:animate",
        "do||5:edit",
        "do||5:upscale",
        "do||5:cutout",
        "star||5",
        "original||5",
    ]


def test_a_tool_makes_the_same_of_the_same_file_so_there_is_no_other_variant() -> None:
    shown = buttons(Subject(5, "recraft/remove-background", {}, ["image"]))

    assert not any(press.startswith(("again", "words", "format")) for press in shown)
    assert "do||5:cutout" not in shown
    assert "do||5:edit" in shown


def test_an_edited_picture_is_edited_again_by_the_same_model() -> None:
    shown = buttons(Subject(5, "google/nano-banana-edit", {"prompt": "x"}, ["image"]))

    assert shown["do||5:edit"].text == "🪄 Edit · 8"


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_nothing_is_offered_that_the_kind_of_the_file_does_not_bear(kind: str) -> None:
    shown = buttons(Subject(5, "z-image", WORDS, [kind]))

    assert not any(press.startswith("do|") for press in shown)


def test_inputs_that_the_model_does_not_take_any_more_are_asked_about_on_the_card() -> None:
    shown = buttons(Subject(5, "z-image", {"aspect_ratio": "1:1"}, ["image"]))

    assert "again||5" in shown


def test_a_clip_whose_length_was_ordered_is_improved_at_the_price_of_that_length() -> None:
    ordered = {"prompt": "x", "duration": "10", "aspect_ratio": "16:9", "sound": False}
    shown = buttons(Subject(5, "kling-2.6/text-to-video", ordered, ["video"]))

    assert shown["do||5:upscale"].text == "🔍 Enhance · 160"


def test_several_files_are_told_apart_by_number() -> None:
    shown = which("edit", 5, 6, "en")

    presses = [[button.press for button in row] for row in shown]
    assert presses[0] == [f"do||5:edit:{n}" for n in range(1, 6)]
    assert presses[1:] == [["do||5:edit:6"], ["made||5"]]


@pytest.mark.parametrize("model", [model.id for model in CATALOGUE.models()])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_result_has_buttons_that_telegram_takes(model: str, language: str) -> None:
    found = CATALOGUE.model(model)
    assert found is not None
    subject = Subject(2**62, model, minimal(found), [found.kind])

    for row in keyboard(subject, SHOP, Account(), language):
        assert 0 < len(row) <= 4
        for button in row:
            assert len(button.press.encode()) <= MOST_BYTES
            assert len(button.text) <= 24
