"""Files that answer a question, stand beside a wish, or are refused."""

from typing import Any

import pytest

from handlers.dialogue.effects import Say
from handlers.features.making.dialogue_state import ASK, CONFIRM
from kie.money.ledger import Account
from tests.support.chats.answers import RICH, chosen, document, inputs, labels, photo, voice
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram
from tests.support.words.wording import plain


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


@pytest.mark.parametrize("caption", ["/video she smiles", "/video@painter_bot she smiles"])
def test_a_command_for_a_clip_under_a_photo_animates_it_by_the_words_after_it(caption: str) -> None:
    talk = Talk(account=Account(balance=1000)).hear(photo("a", caption=caption))

    offer = SHOP.offers[talk.dialogue.answers["model"]]
    assert offer.kind == "video"
    assert offer.words_of(inputs(talk)) == "she smiles"
    assert offer.required_files == ("image",)


def test_another_command_under_a_photo_leaves_the_words_as_they_are() -> None:
    talk = Talk(account=Account(balance=1000)).hear(photo("a", caption="/image make it blue"))

    assert SHOP.offers[talk.dialogue.answers["model"]].kind == "image"


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
        ("recraft/remove-background", photo(size=11 * 1024 * 1024), "11.0\u00a0MB"),
        ("elevenlabs/audio-isolation", photo(), "I need a voice message or audio here"),
        ("elevenlabs/audio-isolation", voice(seconds=601), "601\u00a0s"),
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
    assert "48\u00a0credits" in talk.screen.text  # 8 a second, times two
