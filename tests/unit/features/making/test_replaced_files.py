"""A file that its user replaces by editing the message: the card follows it, or says why not."""

from typing import Any

import pytest

from handlers.dialogue.effects import Again, Say, Show
from handlers.features.making.dialogue_state import at_hand, files_of
from kie.money.ledger import Account
from tests.support.chats.talk import Talk
from tests.support.edges import telegram_updates as telegram
from tests.support.words.wording import say

NUMBER = 10  #: of the message with the file


def sized(name: str, **more: Any) -> dict[str, Any]:
    size = {"file_id": name, "file_unique_id": f"{name}!", "file_size": 900}
    return {**size, "width": 9, "height": 9, **more}


def photo(name: str, number: int = NUMBER, **more: Any) -> dict[str, Any]:
    update = telegram.message(photo=[sized(name)], **more)
    update["message"] |= {"message_id": number, "date": 100}
    return update


def video(name: str, number: int = NUMBER, **more: Any) -> dict[str, Any]:
    update = telegram.message(video=sized(name, duration=3), **more)
    update["message"] |= {"message_id": number, "date": 100}
    return update


def edit(update: dict[str, Any], after: int = 20) -> dict[str, Any]:
    message = {**update["message"], "edit_date": update["message"]["date"] + after}
    return {"update_id": update["update_id"], "edited_message": message}


def there(talk: Talk) -> list[str]:
    """The files that the card, or the next model, has."""
    return [file.file_id for file in files_of(at_hand(talk.facts_of(telegram.message(text="x"))))]


def shown(talk: Talk) -> str:
    said = [str(e.screen.text) for e in talk.effects if isinstance(e, Say | Show)]
    return "".join([*said, *(str(e.lead) for e in talk.effects if isinstance(e, Again))])


def rich(language: str = "en") -> Talk:
    talk = Talk(account=Account(balance=1000))
    talk.language = language
    return talk


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_card_of_a_photo_with_words_takes_the_new_photo(language: str) -> None:
    talk = rich(language).hear(photo("old", caption="make it snow"))
    before = dict(talk.dialogue.answers["inputs"])

    talk.hear(edit(photo("new", caption="make it snow")))

    assert there(talk) == ["new"]
    assert talk.dialogue.answers["inputs"]["prompt"] == before["prompt"]
    assert say(language, "file_replaced") in shown(talk)


def test_photo_and_words_are_replaced_together() -> None:
    talk = rich().hear(photo("old", caption="make it snow"))

    talk.hear(edit(photo("new", caption="make it rain")))

    assert there(talk) == ["new"]
    assert talk.dialogue.answers["inputs"]["prompt"] == "make it rain"


def test_words_that_came_after_the_photo_stay() -> None:
    talk = rich().hear(photo("old")).hear(telegram.message(text="make it snow"))

    talk.hear(edit(photo("new")))

    assert there(talk) == ["new"]
    assert talk.dialogue.answers["inputs"]["prompt"] == "make it snow"


def test_a_photo_that_waits_for_words_is_replaced() -> None:
    talk = rich().hear(photo("old")).hear(edit(photo("new")))

    assert there(talk) == ["new"]
    assert shown(talk)


def test_one_photo_of_an_album_is_replaced_and_keeps_its_place() -> None:
    talk = rich()
    for number, name in enumerate(("a", "b", "c"), NUMBER):
        talk.hear(photo(name, number, media_group_id="g"))

    talk.hear(edit(photo("new", NUMBER + 1, media_group_id="g")))

    assert there(talk) == ["a", "new", "c"]


def test_a_photo_that_becomes_a_video_is_a_new_wish() -> None:
    talk = rich().hear(photo("old", caption="make it snow"))

    talk.hear(edit(video("clip", caption="make it snow")))

    assert there(talk) == ["clip"]
    assert shown(talk)


def test_a_question_for_a_file_takes_one_that_comes_by_an_edit() -> None:
    """What was sent first was of no use, and is not known any more."""
    offer = next(
        each
        for each in rich().shop.offers.values()
        if each.takes("image") and each.takes("image") in each.questions and not each.takes("video")
    )
    talk = rich().hear(telegram.press(f"model||{offer.model}"))
    assert there(talk) == []
    talk.hear(video("clip"))

    talk.hear(edit(photo("new")))

    assert there(talk) == ["new"]


def test_the_same_file_with_other_words_is_not_called_replaced() -> None:
    talk = rich().hear(photo("old", caption="make it snow"))

    talk.hear(edit(photo("old", caption="make it rain")))

    assert say("en", "file_replaced") not in shown(talk)
    assert say("en", "edit_taken") in shown(talk)


def test_an_edit_that_changes_nothing_is_met_with_silence() -> None:
    talk = rich().hear(photo("old", caption="make it snow")).hear(telegram.message(text="/help"))
    talk.hear(edit(photo("old")))

    assert not talk.effects


def test_a_request_that_has_gone_out_keeps_its_photo_and_the_new_one_has_a_card() -> None:
    talk = rich().hear(photo("old", caption="make it snow"))
    talk.presses("Create")
    assert talk.dialogue.answers.get("started") is not None

    talk.hear(edit(photo("new", caption="make it snow")))

    assert there(talk) == ["new"]
    assert say("en", "edit_too_late_file") in shown(talk)
