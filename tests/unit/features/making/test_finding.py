"""Models by category, by search and by their price."""

from dataclasses import replace

import pytest

from handlers.dialogue.effects import Move
from handlers.dialogue.facts import COVERED
from handlers.features.making.dialogue_state import SEARCH
from handlers.words.texts import units
from kie.money.ledger import Account
from tests.support.chats.answers import inputs, labels
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram
from tests.support.situations import acts


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

    assert talk.dialogue == replace(before, answers={**before.answers, COVERED: True})
    assert all(each.quiet for each in talk.effects if isinstance(each, Move))


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


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_can_be_done_to_a_photo_fits_into_half_a_row(language: str) -> None:
    talk = Talk()
    talk.language = language

    talk.hear(acts.photo())

    assert [each.text for each in talk.buttons if units(each.text) > 20] == []
