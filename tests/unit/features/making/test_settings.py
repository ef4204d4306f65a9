"""Settings, choices and the way back."""

from dataclasses import replace

import pytest

from handlers.dialogue.facts import IDLE
from handlers.features.making.dialogue_state import ASK, CONFIRM, SETTINGS
from kie.catalogue.input import Complaint
from tests.support.chats.answers import chosen, inputs, labels, photo
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram


def test_settings_stand_behind_one_button_and_change_the_price() -> None:
    talk = chosen("nano-banana-2").says("a fox")
    assert talk.dialogue.step == CONFIRM
    assert "16\u00a0credits" in talk.screen.text

    talk.presses("Settings").presses("Resolution: 1K").presses("4K")

    assert talk.dialogue.step == SETTINGS
    assert "36\u00a0credits" in talk.screen.text
    assert any("Create · 36 💎" in each for each in labels(talk))
    talk.presses("Back")
    assert talk.dialogue.step == CONFIRM
    assert "Resolution: 4K" in talk.screen.text
    talk.presses("Create")
    assert talk.started[0].job.price == 36
    assert talk.started[0].job.inputs["resolution"] == "4K"
    assert talk.started[0].job.inputs["output_format"] == "png"  # a default is sent, too


def test_the_price_of_the_whole_stands_on_each_choice_that_changes_it() -> None:
    talk = chosen("nano-banana-2").says("a fox").presses("Settings").presses("Resolution")

    assert "✓ 1K · 16 💎" in labels(talk)
    assert "4K · 36 💎" in labels(talk)


def test_a_setting_can_be_taken_back() -> None:
    talk = chosen("nano-banana-2").says("a fox").presses("Settings").presses("Resolution")
    talk.presses("2K").presses("Resolution: 2K").presses("Automatic")

    assert talk.dialogue.step == SETTINGS
    assert "resolution" not in inputs(talk)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0,5", 0.5),
        ("1", 1),
        ("0.25", 0.25),
        ("2", None),
        ("much", None),
        ("nan", None),
        ("٣", None),
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str, value: float | None) -> None:
    talk = chosen("kling/v2-5-turbo-text-to-video-pro").says("a fox")
    talk.presses("Settings").presses("Closeness").says(typed)

    assert inputs(talk).get("cfg_scale") == value
    assert type(inputs(talk).get("cfg_scale")) is type(value)  # 1 is written as 1, not as 1.0
    assert talk.dialogue.step == (ASK if value is None else SETTINGS)


def test_a_whole_number_with_few_values_has_buttons_and_keeps_its_type() -> None:
    talk = chosen("minimax-h3/text-to-video").says("a fox").presses("⏱")
    talk.presses("15 s")
    assert inputs(talk)["duration"] == 15

    talk = chosen("kling-2.6/text-to-video").says("a fox").presses("⏱").presses("10 s")
    assert inputs(talk)["duration"] == "10"


def test_a_switch_is_turned_on_the_card_itself() -> None:
    talk = chosen("kling-2.6/text-to-video").says("a fox")
    assert inputs(talk)["sound"] is False

    talk.presses("Sound: no")

    assert talk.dialogue.step == CONFIRM
    assert inputs(talk)["sound"] is True
    assert any("Sound: yes" in each for each in labels(talk))


def test_back_leads_to_the_card_and_from_a_question_home_and_answers_stay() -> None:
    talk = chosen("kling/v2-1-standard").hear(photo())
    assert talk.dialogue.answers["asking"] == "prompt"

    talk.presses("Back")
    assert talk.dialogue.step == IDLE
    talk.presses("Continue").says("a fox")
    assert talk.dialogue.step == CONFIRM
    talk.presses("⏱").presses("Back")

    assert talk.dialogue.step == CONFIRM
    assert inputs(talk)["image_url"]["file_id"] == "p"
    assert inputs(talk)["prompt"] == "a fox"


def test_back_from_an_edit_changes_nothing() -> None:
    talk = Talk().at_confirm()
    before = inputs(talk)

    talk.presses("16:9").presses("Back")

    assert talk.dialogue.step == CONFIRM
    assert inputs(talk) == before


def test_many_choices_are_shown_in_pages_without_a_step() -> None:
    base = SHOP.offers["z-image"]
    names = tuple(f"value number {n}" for n in range(40))
    long = replace(base.questions[1], choices=names, default=None)
    offer = replace(base, questions=(base.questions[0], long), complaints=lambda _: ())
    talk = Talk(replace(SHOP, offers={"z-image": offer})).says("a fox").presses("value number 0")
    version = talk.dialogue.version
    assert "value number 39" not in labels(talk)

    talk.presses("‹")
    assert "value number 39" in labels(talk)
    assert talk.dialogue.version == version
    talk.presses("value number 39")

    assert inputs(talk)["aspect_ratio"] == "value number 39"


def test_a_confirmation_whose_catalogue_has_changed_is_asked_anew_instead_of_made() -> None:
    talk = Talk().at_confirm()
    create = talk.button("Create")
    base = SHOP.offers["z-image"]
    fewer = replace(base.questions[1], choices=("1:1",))
    changed = Complaint("aspect_ratio", "missing")
    offer = replace(base, questions=(base.questions[0], fewer), complaints=lambda _: [changed])
    talk.shop = replace(SHOP, offers={"z-image": offer})

    talk.hear(telegram.press(create))

    assert not talk.started
    assert talk.dialogue.answers["asking"] == "aspect_ratio"


def test_what_a_setting_does_is_a_sentence_in_its_question() -> None:
    talk = chosen("qwen/text-to-image").says("a fox").presses("Settings").presses("Seed")

    assert "<i>The same number" in talk.screen.text


def test_a_value_that_says_little_alone_has_its_name_before_it() -> None:
    talk = chosen("google/nano-banana-edit").hear(photo()).says("make it blue")

    assert "Format: Auto · " in talk.screen.text
