"""A job of a preset speaks its user's words, never the template, and stays a preset."""

from typing import Any

import pytest

from handlers.dialogue.buttons import Press, decode
from handlers.dialogue.effects import Compose, Effects
from handlers.features.paying.balance import _name
from handlers.features.results import failures, keeping, onward
from handlers.features.results.keeping import Tell
from handlers.features.results.made import Made
from handlers.features.results.result_buttons import Subject, keyboard
from handlers.shop.offers import as_ordered
from kie.api.outcome import Failure
from kie.catalogue.user_file import UserFile
from kie.money.ledger import Account
from tests.support.chats.talk import SHOP, Talk, needs_making
from tests.support.edges import telegram_updates as telegram

STICKER, RESTORE = SHOP.offers["fx-sticker"], SHOP.offers["fx-restore"]
PHOTO = UserFile("a-photo", "image", 0, "image.jpg", "image/jpeg").as_json()
CAT = Made(5, "z-image", STICKER.complete({"words": "кот"}), 60.0, 12)
OLD = Made(6, RESTORE.made_by, RESTORE.complete({"image_urls": [PHOTO]}), 60.0, 12)
RICH = Account(balance=100)


def pressed(rule: Any, data: str, made: Made) -> Effects:
    press = decode(data)
    assert press is not None
    facts = Talk().facts_of(telegram.press(data, message_id=70, text=None))
    effects: Effects = rule(facts, Press(press.action, None, press.argument, None, 70), made)
    return effects


def actions(made: Made) -> set[str]:
    subject = Subject(made.job_id, made.model, made.inputs, ["image"])
    rows = keyboard(subject, SHOP, RICH, "en")
    return {button.press.partition("|")[0] for row in rows for button in row}


def test_the_prompt_is_exactly_what_the_user_wrote() -> None:
    (told,) = pressed(keeping.prompt, "prompt||5", CAT)

    assert isinstance(told, Tell)
    assert told.payload["text"] == "<code>кот</code>"


@pytest.mark.parametrize(("words", "whole"), [("ё" * 4096, True), ("💎" * 2049, False)])
def test_a_prompt_that_fits_into_no_message_comes_as_a_file(words: str, whole: bool) -> None:
    """Apps cut a long text into several messages, which are one description."""
    long = Made(5, "z-image", STICKER.complete({"words": words}), 60.0, 12)
    (told,) = pressed(keeping.prompt, "prompt||5", long)

    assert isinstance(told, Tell)
    assert told.payload["do"] == ("say" if whole else "text_file")
    assert words in told.payload["text"]


@needs_making
def test_other_words_order_the_preset_with_the_new_words() -> None:
    (order,) = pressed(onward.other_words, "words||5", CAT)
    assert isinstance(order, Compose)
    talk = Talk().composes(order).says("пёс").presses("Create")

    (started,) = talk.started
    assert started.job.inputs == STICKER.complete({"words": "пёс"})
    assert started.job.model == "z-image"


@needs_making
@pytest.mark.parametrize("made", [CAT, OLD])
def test_the_same_once_more_is_the_preset_with_a_card_that_has_no_template(made: Made) -> None:
    (order,) = pressed(onward.again, "again||5", made)
    assert isinstance(order, Compose)
    talk = Talk(account=RICH).composes(order)

    assert "sticker of" not in talk.screen.text
    assert "Restore this" not in talk.screen.text
    talk.presses("Create")
    assert talk.started[0].job.inputs == made.inputs


def test_a_preset_without_words_offers_none_and_none_has_a_format_of_its_own() -> None:
    assert {"words", "prompt", "format"} & actions(CAT) == {"words", "prompt"}
    assert {"words", "prompt", "format"} & actions(OLD) == set()


def test_a_failed_preset_without_words_is_not_to_be_reworded() -> None:
    offer, answers = as_ordered(SHOP.offers, OLD.model, OLD.inputs)
    told = failures.screen(
        6,
        offer,
        "Restore",
        answers,
        Failure.BROKEN,
        words="",
        account=RICH,
        language="en",
    )
    found = {button.press.partition("|")[0] for row in told.keyboard for button in row}
    assert found == {"again", "another"}


def test_a_job_that_no_preset_ordered_stays_what_it_was() -> None:
    inputs = {"prompt": "a sticker of a cat"}

    assert as_ordered(SHOP.offers, "z-image", inputs) == (SHOP.offers["z-image"], inputs)
    assert as_ordered({}, "z-image", inputs) == (None, inputs)


def test_the_account_names_the_preset_and_the_words_of_its_user() -> None:
    assert _name("z-image", CAT.inputs, SHOP, "ru") == "Стикер «кот»"
