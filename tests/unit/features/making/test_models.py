"""Every model fits the screens that are generated for it."""

import re
from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue import buttons
from handlers.dialogue.facts import Dialogue, Facts
from handlers.features.making import asking, menus, rules, screens
from handlers.shop.offers import Offer
from handlers.words.texts import units
from kie.money.ledger import Account
from tests.support.chats.talk import PROMPT, SHOP, Talk, read
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.example_inputs import most


def test_every_button_of_every_model_fits_into_telegrams_64_bytes() -> None:
    for offer in SHOP.offers.values():
        _every_screen(offer)


def _every_screen(offer: Offer) -> None:
    """Building a screen raises when a button's data is too long."""
    version = 10**9
    facts = Facts(read(telegram.message(text="x")), "en", Dialogue(), SHOP)
    for language in ("en", "ru"):
        inputs: dict[str, Any] = {}
        full = {each.name: most(each) for each in (*offer.questions, *offer.settings)}
        for asked in (*offer.questions, *offer.settings):
            on_card = screens.on_card(offer, asked, full, facts, language, version)
            for card in (None, on_card):
                for page in range(5):
                    asking.question(offer, asked, inputs, language, version, page=page, card=card)
            inputs[asked.name] = most(asked)
        screens.confirm(offer, inputs, facts, language, version)
        menus.settings(offer, inputs, facts, language, version)
    assert len(buttons.encode("model", offer.model).encode()) <= buttons.MOST_BYTES


def test_a_second_model_needs_no_code() -> None:
    base = SHOP.offers["z-image"]
    two = replace(base, model="two", price=5, free_per_day=None)
    shop = replace(SHOP, offers={"z-image": base, "two": two})
    talk = Talk(shop, account=Account(balance=5)).says(PROMPT).presses("🤖")
    assert {"model||z-image", "model||two"} <= {each.press for each in talk.buttons}

    talk.hear(telegram.press("model||two")).presses("Create")

    assert talk.started[0].job.model == "two"
    assert talk.started[0].job.price == 5


def test_a_link_opens_the_card_of_its_model() -> None:
    assert "Z-Image" in Talk().says("/start m_z-image").screen.text
    assert "Kling 2.6" in Talk().says("/start m_kling-2-6-text-to-video").screen.text


def test_every_model_has_a_link_of_its_own_that_telegram_takes() -> None:
    links = [rules.slug(model) for model in SHOP.offers]

    assert len(set(links)) == len(links)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,62}", each) for each in links)


def test_a_link_to_a_model_that_is_gone_says_so() -> None:
    assert "isn't available right now" in Talk().says("/start m_gone").screen.text


#: The buttons that somebody decides by; a list of models or values may be cut at the end.
MAIN = {"create", "free", "topup", "pack", "task", "able", "undo", "settings", "cancel", "forget"}
LONGEST = 24  #: UTF-16 units that an iPhone shows of a button


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("balance", [0, 10_000])
def test_the_main_buttons_fit_into_a_line_of_an_iphone(language: str, balance: int) -> None:
    size = {"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 900}
    talk = Talk(account=Account(balance=balance))
    talk.language = language
    shown = [*talk.says("/start").buttons]
    shown += talk.hear(telegram.message(photo=[size])).buttons
    for offer in SHOP.by_use:
        talk.hear(telegram.press(f"model||{offer.model}"))
        shown += talk.buttons
        if talk.dialogue.step == "ask":
            shown += talk.says(PROMPT).buttons
    main = {each.text for each in shown if each.press.partition("|")[0] in MAIN}

    assert len(main) > 15
    assert {each for each in main if units(each) > LONGEST} == set()
