"""The card follows the corrected words: other words, another format, another kind of result."""

from typing import Any

import pytest

from handlers.dialogue.effects import Say, Show
from kie.money.ledger import Account
from tests.support.chats.talk import Talk
from tests.support.edges import telegram_updates as telegram
from tests.support.words.wording import say

PHOTO = {"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 900}
CLIPS = {
    "en": ("a cat", "a video of a cat"),
    "ru": ("кот", "видео про кота"),
}


def written(text: str, number: int = 10, **content: Any) -> dict[str, Any]:
    update = telegram.message(**({"text": text} if not content else {**content, "caption": text}))
    update["message"] |= {"message_id": number, "date": 100}
    return update


def corrected(text: str, number: int = 10, **content: Any) -> dict[str, Any]:
    update = written(text, number, **content)
    return {"update_id": update["update_id"], "edited_message": update["message"]}


def made(talk: Talk) -> str:
    """The kind of result that the card makes."""
    return talk.shop.offers[str(talk.dialogue.answers["model"])].kind


def words(talk: Talk) -> str:
    return str(talk.dialogue.answers["inputs"]["prompt"])


def shown(talk: Talk) -> str:
    return "".join(str(e.screen.text) for e in talk.effects if isinstance(e, Say | Show))


@pytest.mark.parametrize("language", CLIPS)
def test_words_that_are_corrected_to_a_video_become_the_card_of_a_video(language: str) -> None:
    picture, clip = CLIPS[language]
    talk = Talk(account=Account(balance=100))
    talk.language = language
    talk.hear(written(picture)).hear(corrected(clip))

    assert (made(talk), words(talk)) == ("video", clip)
    assert say(language, "edit_taken") in shown(talk)


@pytest.mark.parametrize("language", CLIPS)
def test_words_that_ask_for_a_video_no_more_become_a_picture_again(language: str) -> None:
    picture, clip = CLIPS[language]
    talk = Talk().hear(written(clip)).hear(corrected(picture))
    assert (made(talk), words(talk)) == ("image", picture)

    talk.hear(corrected("a song about a cat" if language == "en" else "песня про кота"))
    assert made(talk) == "audio"


def test_what_was_corrected_to_another_kind_comes_back_with_its_card() -> None:
    talk = Talk().hear(written("a cat")).hear(corrected("a video of a cat")).presses("Undo")
    assert (made(talk), words(talk)) == ("image", "a cat")

    talk.presses("Undo")
    assert (made(talk), words(talk)) == ("video", "a video of a cat")


def test_a_correction_stays_on_the_model_that_was_chosen() -> None:
    rather = Talk().hear(written("a cat")).presses("Video instead").hear(corrected("a dog"))
    assert (made(rather), words(rather)) == ("video", "a dog")

    command = Talk().hear(written("/video a cat")).hear(corrected("/video a dog"))
    assert (made(command), words(command)) == ("video", "a dog")

    chosen = Talk().presses_model("kling-2.6/text-to-video").hear(written("a video of a cat"))
    chosen.hear(corrected("a cat"))
    assert chosen.dialogue.answers["model"] == "kling-2.6/text-to-video"


def test_a_corrected_caption_leaves_its_photo_on_the_card() -> None:
    talk = Talk().hear(written("make it blue", photo=[PHOTO]))
    talk.hear(corrected("make it a video of the sea", photo=[PHOTO]))

    files = talk.dialogue.answers["inputs"]["image_urls"]
    assert [each["file_id"] for each in files] == ["p"]
    assert words(talk) == "make it a video of the sea"


def test_a_corrected_format_is_that_of_the_card() -> None:
    talk = Talk().hear(written("a cat")).hear(corrected("a cat, 16:9"))

    assert talk.dialogue.answers["inputs"]["aspect_ratio"] == "16:9"


def test_words_that_became_too_long_for_a_model_lead_to_one_that_takes_them() -> None:
    talk = Talk().hear(written("a cat")).hear(corrected("a cat " * 300))

    assert words(talk) == ("a cat " * 300).strip()


def test_a_correction_after_the_order_is_a_wish_of_its_kind() -> None:
    talk = Talk().hear(written("a cat")).presses("Create").hear(corrected("a video of a cat"))

    assert (made(talk), words(talk)) == ("video", "a video of a cat")
    assert say("en", "edit_too_late") in shown(talk)


def test_the_card_that_was_left_for_the_menu_has_the_corrected_words() -> None:
    talk = Talk().hear(written("a fx")).says("/start").hear(corrected("a fox"))
    talk.says("/start").presses("Continue")

    assert words(talk) == "a fox"


def test_a_corrected_search_searches_anew() -> None:
    talk = Talk().says("/search").hear(written("klng")).hear(corrected("kling"))

    assert "Kling" in str(talk.screen.keyboard)


def test_another_command_before_the_same_words_makes_another_kind() -> None:
    talk = Talk().hear(written("/image waves")).hear(corrected("/video waves"))
    assert (made(talk), words(talk)) == ("video", "waves")
    assert say("en", "edit_taken") in shown(talk)

    talk.hear(corrected("/image waves at night"))
    assert (made(talk), words(talk)) == ("image", "waves at night")


def test_a_command_that_is_taken_away_or_put_there_makes_another_kind() -> None:
    talk = Talk().hear(written("/video waves")).hear(corrected("waves"))
    assert (made(talk), words(talk)) == ("image", "waves")

    talk.hear(corrected("/video waves"))
    assert (made(talk), words(talk)) == ("video", "waves")


def test_the_same_command_keeps_the_model_that_was_chosen_after_it() -> None:
    talk = Talk().hear(written("/image waves")).presses("Video instead")
    talk.hear(corrected("/image big waves"))
    assert (made(talk), words(talk)) == ("video", "big waves")

    model = talk.dialogue.answers["model"]
    talk.hear(corrected("/video big waves"))
    assert talk.dialogue.answers["model"] == model


def test_a_corrected_command_after_the_order_makes_what_it_says() -> None:
    talk = Talk(account=Account(balance=1000)).hear(written("/video waves")).presses("Create")
    talk.hear(corrected("/video waves at night"))

    assert (made(talk), words(talk)) == ("video", "waves at night")
    assert say("en", "edit_too_late") in shown(talk)


def test_a_corrected_command_takes_the_photo_of_the_card_with_it() -> None:
    talk = Talk().hear(telegram.message(photo=[PHOTO])).hear(written("/photo make it blue"))
    talk.hear(corrected("/image make it blue"))

    assert words(talk) == "make it blue"
    assert "file_id" in str(talk.dialogue.answers)


def test_a_corrected_command_of_a_search_searches_anew() -> None:
    talk = Talk().hear(written("/search klng")).hear(corrected("/search kling"))

    assert "Kling" in str(talk.screen.keyboard)


def test_a_search_does_not_take_the_place_of_the_wish_that_came_before_it() -> None:
    talk = Talk().hear(written("a fx", 10)).hear(written("/search klng", 11))
    talk.hear(corrected("a fox", 10)).hear(corrected("/search kling", 11))
    assert "Kling" in str(talk.screen.keyboard)

    talk.presses_model("kling-2.6/text-to-video")
    assert words(talk) == "a fox"


def test_the_words_of_a_search_that_become_a_picture_are_its_wish() -> None:
    talk = Talk().hear(written("/search qwzx", 11)).presses("Draw").hear(corrected("a fox", 11))

    assert (made(talk), words(talk)) == ("image", "a fox")


@pytest.mark.parametrize("before", [None, "Create", "Video instead"])
@pytest.mark.parametrize("text", ["a cat", "a cat \n", "/image a cat"])
def test_an_edit_that_changes_no_word_changes_nothing(before: str | None, text: str) -> None:
    """Telegram tells of an edit also when the first reaction is put under a message."""
    talk = Talk(account=Account(balance=1000)).hear(written(text))
    if before is not None:
        talk.presses(before)
    known = talk.dialogue

    talk.hear(corrected(text))

    assert talk.effects == ()
    assert talk.dialogue == known


def test_neither_does_one_under_a_search_or_under_a_caption() -> None:
    searched = Talk().hear(written("/search klng", 11)).presses("Draw")
    for talk, text, number in (
        (Talk().hear(written("/search kling", 11)), "/search kling", 11),
        (searched, "/search klng", 11),
    ):
        known = talk.dialogue
        talk.hear(corrected(text, number))
        assert (talk.effects, talk.dialogue) == ((), known)

    pictured = Talk().hear(written("make it blue", photo=[PHOTO]))
    pictured.hear(corrected("make it blue", photo=[PHOTO]))
    assert pictured.effects == ()


@pytest.mark.parametrize("before", [None, "Create"])
@pytest.mark.parametrize("text", ["/photo make it blue", "/image a blue cat", "/video it runs"])
def test_neither_does_one_under_a_caption_with_a_command(before: str | None, text: str) -> None:
    talk = Talk(account=Account(balance=1000)).hear(written(text, photo=[PHOTO]))
    if before is not None:
        talk.presses(before)
    known = talk.dialogue

    talk.hear(corrected(text, photo=[PHOTO]))

    assert (talk.effects, talk.dialogue) == ((), known)


@pytest.mark.parametrize("before", [None, "Create"])
def test_neither_does_one_under_the_last_part_of_a_text_that_was_cut(before: str | None) -> None:
    talk = Talk(account=Account(balance=1000))
    talk.hear(written("a fox " * 600)).hear(written("and a dog", 11))
    if before is not None:
        talk.presses(before)
    known = talk.dialogue

    talk.hear(corrected("and a dog", 11))

    assert (talk.effects, talk.dialogue) == ((), known)


def test_a_correction_that_leaves_only_the_end_of_the_words_is_taken() -> None:
    talk = Talk().hear(written("a cat and a dog")).hear(corrected("a dog"))

    assert words(talk) == "a dog"


def test_a_correction_that_is_taken_back_is_taken() -> None:
    talk = Talk().hear(written("a cat")).hear(corrected("a dog")).hear(corrected("a cat"))

    assert words(talk) == "a cat"
    assert say("en", "edit_taken") in shown(talk)


def test_a_corrected_answer_to_a_setting_that_is_taken_back_is_taken() -> None:
    talk = Talk(account=Account(balance=1000)).presses_model("google/imagen4").says("a fox")
    talk.presses("Settings").presses("What to avoid").hear(written("dogs"))
    talk.hear(corrected("cats")).hear(corrected("dogs"))

    assert talk.dialogue.answers["inputs"]["negative_prompt"] == "dogs"
    talk.hear(corrected("dogs"))
    assert talk.effects == ()
