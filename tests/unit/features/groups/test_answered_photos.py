"""Commands and mentions in a group that answer a message with a photo or a recording."""

import pytest

from handlers.features.groups.rules import (
    KeepWish,
)
from tests.support.chats.group_talk import (
    A_CHANNEL,
    CHANNEL,
    COMMANDED,
    PHOTO,
    THEIRS,
    answer,
    hear,
    said,
)
from tests.support.chats.talk import needs_making


def test_an_answer_to_a_photo_is_about_that_photo() -> None:
    effects = hear(answer("@painter_bot at night", message=THEIRS)).effects

    (wish,) = (each for each in effects if isinstance(each, KeepWish))
    assert str(PHOTO[0]["file_id"]) in str(wish.inputs)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("/picture@painter_bot at night", "image"),
        pytest.param("/image at night", "image", marks=needs_making),
        ("/photo@painter_bot at night", "image"),
        ("/video@painter_bot at night", "video"),
    ],
)
def test_a_command_that_answers_a_photo_is_about_that_photo(words: str, kind: str) -> None:
    for message in (answer(words, message=THEIRS), said(words, external_reply={"photo": PHOTO})):
        (wish,) = (each for each in hear(message).effects if isinstance(each, KeepWish))
        assert (wish.offer.kind, wish.inputs["prompt"]) == (kind, "at night")
        assert str(PHOTO[0]["file_id"]) in str(wish.inputs)


def test_the_photo_above_the_command_comes_before_the_one_that_it_answers() -> None:
    other = [{**PHOTO[0], "file_id": "above"}]
    update = said("/photo@painter_bot at night", photo=other, caption_entities=[COMMANDED])
    update["message"]["reply_to_message"] = THEIRS

    (wish,) = (each for each in hear(update).effects if isinstance(each, KeepWish))
    assert "above" in str(wish.inputs)


def test_a_command_that_answers_a_recording_is_about_its_words() -> None:
    voice = {"file_id": "v", "file_unique_id": "v", "duration": 3, "file_size": 900}
    recorded = {**THEIRS, "photo": None, "voice": voice}

    effects = hear(answer("/image@painter_bot a fox", message=recorded)).effects

    (wish,) = (each for each in effects if isinstance(each, KeepWish))
    assert (wish.offer.model, wish.inputs["prompt"]) == ("z-image", "a fox")


def test_a_command_among_the_comments_of_a_photo_is_about_its_words() -> None:
    """Every comment answers the post of the channel, whatever it is about."""
    post = {**THEIRS, "from": CHANNEL, "sender_chat": A_CHANNEL, "is_automatic_forward": True}

    effects = hear(answer("/picture@painter_bot a fox", message=post)).effects

    (wish,) = (each for each in effects if isinstance(each, KeepWish))
    assert (wish.offer.model, wish.inputs["prompt"]) == ("z-image", "a fox")


def test_a_mention_that_answers_a_photo_of_another_chat_is_about_that_photo() -> None:
    effects = hear(said("@painter_bot at night", external_reply={"photo": PHOTO})).effects

    (wish,) = (each for each in effects if isinstance(each, KeepWish))
    assert str(PHOTO[0]["file_id"]) in str(wish.inputs)
