"""Files, captions and chips on their way from card to card, and proposals beside a draft."""

from typing import Any

from handlers.dialogue.effects import Compose, Say, Show
from handlers.features.making.dialogue_state import CONFIRM, files_in
from kie.money.ledger import Account
from tests.support.chats.talk import Talk
from tests.support.edges import telegram_updates as telegram

RICH = Account(balance=1000)
EDIT = "google/nano-banana-edit"
CUTOUT = "recraft/remove-background"
TALKING = "fx-talking"


def size(name: str) -> dict[str, Any]:
    return {"file_id": name, "file_unique_id": name, "width": 9, "height": 9, "file_size": 900}


def photo(name: str, number: int = 10, **more: Any) -> dict[str, Any]:
    update = telegram.message(photo=[size(name)], **more)
    update["message"] |= {"message_id": number, "date": 100}
    return update


def voice(name: str) -> dict[str, Any]:
    recording = {"duration": 4, "mime_type": "audio/ogg", "file_size": 900}
    return telegram.message(voice={"file_id": name, "file_unique_id": name, **recording})


def corrected(number: int, **content: Any) -> dict[str, Any]:
    update = telegram.message(**content)
    update["message"] |= {"message_id": number, "date": 100}
    return {"update_id": update["update_id"], "edited_message": update["message"]}


def written(text: str, number: int, date: int = 100) -> dict[str, Any]:
    update = telegram.message(text=text)
    update["message"] |= {"message_id": number, "date": date}
    return update


def shown(talk: Talk) -> str:
    return "".join(str(e.screen.text) for e in talk.effects if isinstance(e, Say | Show))


def inputs(talk: Talk) -> dict[str, Any]:
    found = talk.dialogue.answers["inputs"]
    assert isinstance(found, dict)
    return found


def ids(talk: Talk) -> list[str]:
    return sorted(file.file_id for file in files_in(inputs(talk)))


# ------------------------------------------------------------------------- files --


def test_a_recording_after_a_photo_leaves_the_photo() -> None:
    talk = Talk(account=RICH).hear(photo("p")).hear(voice("v")).presses_model(TALKING)

    assert ids(talk) == ["p", "v"]


def test_a_photo_for_the_card_leaves_the_files_that_its_model_does_not_take() -> None:
    talk = Talk(account=RICH).hear(voice("v")).hear(photo("p")).presses_model(CUTOUT)
    talk.hear(photo("q")).presses_model(TALKING)

    assert ids(talk) == ["q", "v"]


def test_files_survive_a_model_that_takes_one_of_them() -> None:
    talk = Talk(account=RICH)
    for name in ("p", "q"):
        talk.hear(photo(name, media_group_id="a"))
    talk.presses_model(CUTOUT).says("/start").presses_model(EDIT)

    assert ids(talk) == ["p", "q"]


def test_photos_that_do_not_fit_wait_for_a_model_with_more_room() -> None:
    talk = Talk(account=RICH).presses_model(CUTOUT)
    for number, name in enumerate("pq"):
        talk.hear(photo(name, 10 + number, media_group_id="a"))
    talk.presses_model(EDIT)

    assert ids(talk) == ["p", "q"]


# --------------------------------------------------------------------- corrections --


def test_a_corrected_setting_is_that_setting_and_no_description() -> None:
    talk = Talk(account=RICH).presses_model("google/imagen4").hear(written("a fox", 10))
    talk.presses("Settings").presses("What to avoid").hear(written("blu", 20))
    talk.hear(corrected(20, text="blur"))

    assert inputs(talk)["prompt"] == "a fox"
    assert inputs(talk)["negative_prompt"] == "blur"
    talk.hear(corrected(10, text="a red fox"))
    assert inputs(talk)["prompt"] == "a red fox"
    talk.presses("Create")
    assert talk.started[0].job.wish_message_id == 10


def test_words_that_were_refused_can_be_corrected() -> None:
    talk = Talk().presses_model("z-image").hear(written("я" * 1500, 10))
    talk.hear(corrected(10, text="кот"))

    assert talk.dialogue.step == CONFIRM
    assert inputs(talk)["prompt"] == "кот"


def test_new_words_for_a_card_that_were_refused_can_be_corrected() -> None:
    talk = Talk().presses_model("z-image").hear(written("a fox", 5)).hear(written("я" * 1500, 10))
    talk.hear(corrected(10, text="кот"))

    assert inputs(talk)["prompt"] == "кот"


def test_the_rest_of_a_refused_text_is_no_answer_by_itself() -> None:
    talk = Talk().presses_model("z-image").hear(written("я" * 4000, 10))
    talk.hear(written("хвост", 11, 101))

    assert talk.dialogue.answers["inputs"].get("prompt") is None
    assert "4006" in shown(talk)


def test_a_corrected_caption_corrects_the_description() -> None:
    talk = Talk(account=RICH).hear(photo("p", 10, caption="сделай нось"))
    talk.hear(corrected(10, photo=[size("p")], caption="сделай ночь"))

    assert inputs(talk)["prompt"] == "сделай ночь"


def test_a_corrected_caption_of_an_album_leaves_the_other_captions() -> None:
    talk = Talk(account=RICH).hear(photo("p", 10, media_group_id="a", caption="кот"))
    talk.hear(photo("q", 11, media_group_id="a", caption="пёс"))
    talk.hear(corrected(10, photo=[size("p")], caption="лев"))

    assert inputs(talk)["prompt"] == "лев\nпёс"


def test_the_result_of_a_captioned_photo_answers_the_photo() -> None:
    talk = Talk(account=RICH).hear(photo("p", 10, caption="сделай ночь")).presses("Create")

    assert talk.started[0].job.wish_message_id == 10


def test_the_result_of_a_photo_without_words_answers_the_photo() -> None:
    talk = Talk(account=RICH).hear(photo("p", 10)).presses("Cut out").presses("Create")

    assert talk.started[0].job.wish_message_id == 10


def test_the_result_of_words_and_a_later_photo_answers_the_words() -> None:
    talk = Talk(account=RICH).hear(written("make it blue", 10)).hear(photo("p", 20))
    talk.presses("Create")

    assert talk.started[0].job.wish_message_id == 10


def test_a_caption_for_the_card_that_is_open_is_corrected_there() -> None:
    talk = Talk(account=RICH).presses_model(EDIT).hear(written("day", 5)).hear(photo("p", 6))
    talk.hear(photo("q", 10, caption="nigt"))
    talk.hear(corrected(10, photo=[size("q")], caption="night")).presses("Create")

    assert talk.started[0].job.inputs["prompt"] == "night"
    assert talk.started[0].job.wish_message_id == 10


def test_a_caption_that_the_model_has_no_use_for_waits_for_another_one() -> None:
    talk = Talk(account=RICH).presses_model(CUTOUT).hear(photo("p", 10, caption="make it blue"))
    talk.presses_model(EDIT)

    assert inputs(talk)["prompt"] == "make it blue"


def test_words_kept_for_the_menu_are_still_answered_by_the_result() -> None:
    talk = Talk().hear(written("a fox", 10)).says("/start").presses("Continue").presses("Create")

    assert talk.started[0].job.wish_message_id == 10


# -------------------------------------------------------------- chips and proposals --


def test_chips_go_along_to_the_next_model() -> None:
    talk = Talk(account=RICH).says("a fox").presses("1:1").presses("16:9")
    talk.presses_model("google/imagen4-fast")
    assert inputs(talk)["aspect_ratio"] == "16:9"
    talk.says("/start").presses_model("qwen/text-to-image")

    assert inputs(talk)["image_size"] == "landscape_16_9"


def test_seconds_go_along_to_a_model_that_writes_them_in_another_way() -> None:
    talk = Talk(account=RICH).presses_model("kling/v2-5-turbo-text-to-video-pro").says("waves")
    talk.presses("⏱").presses("10").presses_model("bytedance/seedance-2")
    assert inputs(talk)["duration"] == 10
    talk.presses_model("wan/2-5-text-to-video")

    assert inputs(talk)["duration"] == "10"


def test_a_chip_that_nobody_has_changed_leaves_the_next_model_its_own_default() -> None:
    talk = Talk(account=RICH).says("a fox").presses("Video instead")
    asked = talk.shop.offers[talk.dialogue.answers["model"]].defaults

    assert {name: inputs(talk).get(name) for name in asked} == dict(asked)


def test_a_proposal_leaves_the_draft_and_its_order_too() -> None:
    talk = Talk(account=RICH).hear(photo("p", 10)).says("my own words")
    talk.composes(Compose("z-image", {"prompt": "an old fox"})).says("/start")
    assert "my own words" in shown(talk)
    talk.presses("Continue")
    assert (inputs(talk)["prompt"], ids(talk)) == ("my own words", ["p"])

    talk.composes(Compose("z-image", {"prompt": "an old fox"})).presses("Create")
    assert talk.started[0].job.inputs["prompt"] == "an old fox"
    talk.says("/start").presses("Continue")
    assert (inputs(talk)["prompt"], ids(talk)) == ("my own words", ["p"])


def test_another_model_for_a_proposal_has_the_words_of_the_proposal() -> None:
    talk = Talk(account=RICH).says("my own words")
    talk.composes(Compose("z-image", {"prompt": "an old fox"}, other=True))
    talk.presses_model("google/nano-banana")

    assert inputs(talk)["prompt"] == "an old fox"
    talk.says("/start")
    assert "my own words" in shown(talk)


def test_a_proposal_that_its_user_has_changed_is_kept_like_every_card() -> None:
    talk = Talk().says("my own words").composes(Compose("z-image", {"prompt": "an old fox"}))
    talk.says("a new fox").says("/start")

    assert "a new fox" in shown(talk)
