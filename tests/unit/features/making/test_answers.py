"""The conversation that is generated from a model: files, settings, back, categories, search."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue.effects import Move, Say
from handlers.dialogue.facts import IDLE
from handlers.features.making.actions import ASK, CONFIRM, SEARCH, SETTINGS
from kie.catalogue.input import Complaint
from kie.money.ledger import Account
from tests.support import telegram_updates as telegram
from tests.support.talk import SHOP, Talk
from tests.support.wording import plain

RICH = Account(balance=10_000)


def photo(file_id: str = "p", size: int = 900, **more: Any) -> dict[str, Any]:
    found = {"file_id": file_id, "file_unique_id": "u", "width": 9, "height": 9}
    small = {**found, "file_id": "small", "width": 1, "height": 1}
    return telegram.message(photo=[small, {**found, "file_size": size}], **more)


def voice(seconds: int = 4) -> dict[str, Any]:
    sent = {"file_id": "v", "file_unique_id": "u", "duration": seconds, "file_size": 900}
    return telegram.message(voice={**sent, "mime_type": "audio/ogg"})


def document(mime: str, name: str = "a.bin", **more: Any) -> dict[str, Any]:
    sent = {"file_id": "d", "file_unique_id": "u", "mime_type": mime, "file_name": name}
    return telegram.message(document={**sent, "file_size": 900, **more})


def chosen(model: str) -> Talk:
    return Talk(account=RICH).hear(telegram.press(f"model||{model}"))


def inputs(talk: Talk) -> dict[str, Any]:
    return dict(talk.dialogue.answers["inputs"])


def labels(talk: Talk) -> list[str]:
    return [each.text for each in talk.buttons]


# ------------------------------------------------------------------- files --


def test_a_photo_is_kept_as_a_reference_in_its_largest_size_and_never_as_a_url() -> None:
    talk = chosen("recraft/remove-background").hear(photo("big"))

    assert talk.dialogue.step == CONFIRM
    assert inputs(talk)["image"] == {
        "file_id": "big",
        "kind": "image",
        "size": 900,
        "name": "image.jpg",
        "mime": "image/jpeg",
        "seconds": None,
    }


def test_pictures_of_a_list_are_added_until_done_is_pressed() -> None:
    talk = chosen("google/nano-banana-edit")
    assert not any("Done" in each for each in labels(talk))

    talk.hear(photo("a")).hear(photo("b"))
    assert "Received: 2" in talk.screen.text
    talk.presses("Done · 2").says("make it blue")

    assert [each["file_id"] for each in inputs(talk)["image_urls"]] == ["a", "b"]
    assert talk.dialogue.step == CONFIRM


def settled(talk: Talk, name: str = "g") -> Say:
    """The one screen of an album that is sent: each waits for the next and gives way to it."""
    (found,) = [each for each in talk.effects if isinstance(each, Say)]
    assert found.settles == name
    return found


def test_an_album_that_a_question_waits_for_is_counted_and_leads_on_by_itself() -> None:
    talk = chosen("google/nano-banana-edit").hear(photo("a", media_group_id="g", caption="bluer"))
    for each in "bcd":
        talk.hear(photo(each, media_group_id="g"))

    assert "4 photos" in settled(talk).screen.text
    assert talk.dialogue.step == CONFIRM
    assert [each["file_id"] for each in inputs(talk)["image_urls"]] == ["a", "b", "c", "d"]
    assert inputs(talk)["prompt"] == "bluer"


def test_of_an_album_as_many_are_taken_as_fit_and_the_rest_is_told() -> None:
    talk = chosen("qwen3/image-to-image")  # three at the most
    for each in "abcde":
        talk.hear(photo(each, media_group_id="g", caption="sharper" if each == "a" else None))

    assert plain("en", "left_out", n=3) in settled(talk).screen.text
    assert talk.dialogue.step == CONFIRM
    assert len(inputs(talk)["image_urls"]) == 3
    assert inputs(talk)["prompt"] == "sharper"


def test_an_album_before_a_model_is_counted_and_its_captions_are_one_description() -> None:
    talk = Talk(account=RICH)
    for each, words in (("a", None), ("b", "a blue sky"), ("c", "and the sea")):
        talk.hear(photo(each, media_group_id="g", caption=words))

    assert "3 photos" in settled(talk).screen.text
    assert [each["file_id"] for each in inputs(talk)["image_urls"]] == ["a", "b", "c"]
    assert inputs(talk)["prompt"] == "a blue sky\nand the sea"


def test_what_does_not_fit_is_left_out_of_an_album_and_the_rest_is_taken() -> None:
    talk = chosen("google/nano-banana-edit").hear(photo("a", media_group_id="g"))
    clip = {"file_id": "c", "file_unique_id": "u", "duration": 1, "width": 1, "height": 1}
    talk.hear(telegram.message(video={**clip, "file_size": 9}, media_group_id="g"))
    assert "photo" in talk.screen.text

    talk.hear(photo("b", media_group_id="g"))

    assert [each["file_id"] for each in inputs(talk)["image_urls"]] == ["a", "b"]


def test_words_under_a_photo_are_the_description_if_there_is_none_yet() -> None:
    talk = chosen("kling/v2-1-standard").hear(photo(caption="she smiles"))
    assert inputs(talk)["prompt"] == "she smiles"

    talk.hear(photo("other"))

    assert inputs(talk)["prompt"] == "she smiles"
    assert inputs(talk)["image_url"]["file_id"] == "other"


def test_a_description_before_the_photo_is_kept() -> None:
    talk = chosen("google/nano-banana-edit").says("make it blue")

    assert talk.dialogue.step == ASK
    assert inputs(talk)["prompt"] == "make it blue"


@pytest.mark.parametrize(
    ("model", "update", "told"),
    [
        ("recraft/remove-background", voice(), "I need a photo here"),
        ("recraft/remove-background", document("image/gif"), "image/gif"),
        ("recraft/remove-background", document("application/pdf"), "read this kind of file"),
        ("recraft/remove-background", photo(size=11 * 1024 * 1024), "11.0 MB"),
        ("elevenlabs/audio-isolation", photo(), "I need a voice message or audio here"),
        ("elevenlabs/audio-isolation", voice(seconds=601), "601 s"),
        ("elevenlabs/audio-isolation", document("audio/mpeg"), "how long it is"),
        ("topaz/video-upscale", photo(), "I need a video here"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_way_out(
    model: str, update: dict[str, Any], told: str
) -> None:
    talk = chosen(model)
    before = talk.dialogue

    talk.hear(update)

    assert told in talk.screen.text
    assert talk.dialogue == before


def test_a_picture_sent_as_a_file_is_a_picture() -> None:
    talk = chosen("recraft/remove-background").hear(document("image/png", "a.png"))

    assert inputs(talk)["image"]["name"] == "a.png"


def test_a_photo_without_words_leads_to_what_can_be_done_with_it_with_prices() -> None:
    talk = Talk(account=RICH).hear(photo("first"))
    assert "What shall I do" in talk.screen.text
    does = [each.press for each in talk.buttons]
    assert does[:5] == [
        f"task||{each}" for each in ("edit", "animate", "cutout", "upscale", "speak")
    ]
    assert "Edit · 8 💎" in labels(talk)[0]
    assert not any("Z-Image" in each for each in labels(talk))

    talk.presses("Cut out")

    assert talk.dialogue.step == CONFIRM
    assert inputs(talk)["image"]["file_id"] == "first"


def test_photo_to_clip_is_the_photo_and_two_taps() -> None:
    talk = Talk(account=RICH).hear(photo()).presses("Animate").presses("Create")

    assert talk.started[0].job.inputs["image_url"]["file_id"] == "p"


@pytest.mark.parametrize(
    ("model", "name", "taken"),
    [
        ("qwen3/image-to-image", "image_urls", ["a", "b", "c"]),
        ("kling/v2-1-standard", "image_url", ["a"]),
    ],
)
def test_of_photos_that_came_before_a_model_as_many_are_taken_as_it_takes(
    model: str, name: str, taken: list[str]
) -> None:
    talk = Talk(account=RICH)
    for each in "abcd":
        talk.hear(photo(each, media_group_id="g"))

    talk.hear(telegram.press(f"model||{model}"))

    found = inputs(talk)[name]
    assert [each["file_id"] for each in (found if isinstance(found, list) else [found])] == taken


def test_a_voice_message_is_paid_by_its_seconds() -> None:
    talk = chosen("kling/ai-avatar-standard").hear(photo()).hear(voice(seconds=3)).says("hello")

    assert talk.dialogue.step == CONFIRM
    assert "48 credits" in talk.screen.text  # 8 a second, times two


# ------------------------------------------------------- settings and back --


def test_settings_stand_behind_one_button_and_change_the_price() -> None:
    talk = chosen("nano-banana-2").says("a fox")
    assert talk.dialogue.step == CONFIRM
    assert "16 credits" in talk.screen.text

    talk.presses("Settings").presses("Resolution: 1K").presses("4K")

    assert talk.dialogue.step == SETTINGS
    assert "36 credits" in talk.screen.text
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


# ------------------------------------------------------ categories, search --


def test_the_menu_leads_to_every_model_through_categories() -> None:
    talk = Talk().says("/start")
    reached = set()
    for category in ("Images", "Video", "Voice", "Touch up"):
        talk.says("/models").presses(category)
        for _ in range(9):
            reached |= {each.press for each in talk.buttons if each.press.startswith("model|")}
            if any(each.text == "›" for each in talk.buttons):
                talk.presses("›")

    assert reached == {f"model||{each.model}" for each in SHOP.by_use}


def test_a_category_opened_in_the_middle_of_a_request_does_not_lose_it() -> None:
    talk = Talk().at_confirm()
    before = talk.dialogue

    talk.hear(telegram.press("cat||video:0"))

    assert talk.dialogue == before
    assert not [each for each in talk.effects if isinstance(each, Move)]


@pytest.mark.parametrize(
    "argument", ["", "video", "video:99", "video:x", "nothing:0", ":", "video:-1"]
)
def test_no_page_of_a_category_is_too_far(argument: str) -> None:
    talk = Talk().hear(telegram.press(f"cat||{argument}"))

    assert any(each.press.startswith(("model|", "cat|")) for each in talk.buttons)


def test_the_most_used_models_come_first() -> None:
    shop = replace(SHOP, uses={"wan/2-5-text-to-video": 9, "qwen/image-edit": 10})
    talk = Talk(shop).says("/models").presses("Video")

    assert talk.buttons[0].press == "model||wan/2-5-text-to-video"


@pytest.mark.parametrize(
    "query", ["kling 2.6", "KLING 2.6", "оживить kling-2.6", "клинг 2.6", "оживить фото"]
)
def test_a_model_is_found_by_parts_of_its_name_in_both_languages(query: str) -> None:
    talk = Talk().says("/models").presses("Search")
    assert talk.dialogue.step == SEARCH

    talk.says(query)

    assert "model||kling-2.6/image-to-video" in {each.press for each in talk.buttons}
    assert "model||z-image" not in {each.press for each in talk.buttons}


def test_a_search_has_pages_without_a_limit() -> None:
    talk = Talk().says("/search image")
    found = set()
    for _ in range(9):
        found |= {each.press for each in talk.buttons if each.press.startswith("model|")}
        talk.presses("›")

    assert len(found) > 8


def test_a_search_that_finds_nothing_offers_its_words_as_a_picture_and_can_be_repeated() -> None:
    talk = Talk().says("/search <b>nothing</b>")
    assert "No model called" in talk.screen.text
    assert "&lt;b&gt;nothing" in talk.screen.text

    talk.says("zzz").says("z-image")
    assert "model||z-image" in {each.press for each in talk.buttons}
    talk.says("a dragon over the sea").presses("Draw")

    assert inputs(talk)["prompt"] == "a dragon over the sea"


def test_what_was_kept_before_a_search_is_used_after_it() -> None:
    talk = Talk().says("a red fox").says("/models").presses("Search").says("z-image")
    talk.presses("Z-Image")

    assert inputs(talk)["prompt"] == "a red fox"


def test_the_list_says_what_a_model_costs_this_user() -> None:
    assert "Z-Image · free" in labels(Talk().says("/search z-image"))
    assert "Kling 2.6 · from 110 💎" in labels(Talk().says("/search kling 2.6"))

    used = Talk(account=Account(free_used={"z-image": 20})).says("/search z-image")

    assert "Z-Image · 2 💎" in labels(used)
