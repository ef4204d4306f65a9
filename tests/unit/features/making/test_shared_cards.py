"""What many cards share is made once; each card is as if it had been made by itself."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue.effects import Screen
from handlers.dialogue.facts import Dialogue, Facts
from handlers.features.making import screens, steps
from handlers.features.making.dialogue_state import at_hand, files_at_hand, files_of
from handlers.shop import offers
from handlers.shop.chosen import chosen
from handlers.shop.offers import Offer
from kie.catalogue.availability import Maintenance
from kie.catalogue.input import InputType
from kie.catalogue.user_file import UserFile
from kie.money.ledger import Account
from tests.support.chats.talk import SHOP, read
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.example_inputs import least, most

RICH = Account(balance=10**6)


def facts(account: Account = RICH, **shop: Any) -> Facts:
    there = replace(SHOP, **shop)
    return Facts(read(telegram.message(text="x")), "en", Dialogue(), there, account=account)


def answers(offer: Offer) -> Iterator[dict[str, Any]]:
    asked = [each for each in (*offer.questions, *offer.settings) if not each.is_file]
    for edge in (least, most):
        yield {each.name: edge(each) for each in asked}
        yield {
            each.name: edge(each)
            for each in asked
            if each.required or each.type is not InputType.TEXT
        }


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same card, with nothing shared."""

    def made(*args: Any, **named: Any) -> Screen:
        with monkeypatch.context() as patched:
            patched.setattr(screens, "chosen", lambda *_: None)
            return screens.confirm(*args, **named)

    return made


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_shared_card_is_the_one_that_is_made_alone(alone: Any, language: str) -> None:
    shared = 0
    for offer in SHOP.offers.values():
        for inputs in answers(offer):
            for version, undo in ((0, False), (7, True), (123_456_789, False)):
                card = offer, inputs, facts(), language, version
                assert screens.confirm(*card, undo=undo) == alone(*card, undo=undo)
        shared += bool(offer.known)

    assert shared > 20


@pytest.mark.parametrize(
    "there",
    [
        facts(Account(balance=0)),
        facts(Account(balance=10**6, banned=True)),
        facts(closed="no credits"),
        facts(maintenance=Maintenance()),
        facts(Account(balance=10**6, free_used={"z-image": 99})),
    ],
)
def test_a_card_that_needs_more_than_its_price_is_as_if_nothing_was_shared(
    alone: Any, there: Facts
) -> None:
    for offer in SHOP.offers.values():
        for inputs in answers(offer):
            card = offer, inputs, there, "en", 3
            screens.confirm(offer, inputs, facts(), "en", 3)
            assert screens.confirm(*card) == alone(*card)


def test_what_a_model_does_not_take_leads_to_no_shared_card(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for offer in SHOP.offers.values():
        for inputs in answers(offer):
            for name in inputs:
                order = facts(), offer, {**inputs, name: -1}, None
                told = steps.go_on(*order)
                with monkeypatch.context() as patched:
                    patched.setattr(screens, "chosen", lambda *_: None)
                    assert told == steps.go_on(*order)


def test_the_words_and_the_version_of_one_card_are_on_no_other() -> None:
    offer = SHOP.offers["z-image"]
    first, second = (
        screens.confirm(offer, {"prompt": words, "aspect_ratio": "1:1"}, facts(), "en", version)
        for words, version in (("a fox", 5), ("a <b>", 6))
    )

    assert "a fox" in first.text
    assert "a &lt;b&gt;" in second.text
    assert "fox" not in second.text
    assert {each.press for row in first.keyboard for each in row if "create" in each.press} == {
        "create|5|"
    }
    assert not any("|5|" in each.press for row in second.keyboard for each in row)


FILE = UserFile("file-1", "image", 5, "a.jpg", "image/jpeg").as_json()


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"files": [FILE]},
        {"model": "z-image", "inputs": {"prompt": "a fox"}},
        {"model": "z-image", "inputs": {"prompt": "a fox"}, "aside": [FILE]},
        {"model": "z-image", "inputs": {"prompt": "a fox"}, "files": [FILE]},
        {"model": "z-image", "inputs": {"image": FILE}, "aside": [FILE]},
        {"model": "z-image", "inputs": {"image": [FILE]}},
        {"started": 3, "left": {"files": [FILE]}},
        {"started": 3, "files": [FILE]},
    ],
)
def test_the_files_at_hand_are_those_that_the_next_model_is_chosen_for(known: Any) -> None:
    there = replace(facts(), dialogue=Dialogue("confirm", 4, known))

    assert list(files_at_hand(there)) == list(files_of(at_hand(there)))


def test_one_and_true_are_different_answers() -> None:
    offer = SHOP.offers["z-image"]

    assert chosen(offer, {"n": True, "aspect_ratio": 1}) is None
    assert chosen(offer, {"aspect_ratio": 1}) != chosen(offer, {"aspect_ratio": True})
    assert chosen(offer, {"aspect_ratio": 1}) != chosen(offer, {"aspect_ratio": 1.0})


def test_what_is_known_of_an_offer_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "MOST_KNOWN", 3)
    calls: list[int] = []

    @offers.per_offer
    def find(_: Offer, number: int) -> int:
        calls.append(number)
        return number * 2

    offer = replace(SHOP.offers["z-image"])
    assert [find(offer, number) for number in (1, 1, 2, 3, 4, 1)] == [2, 2, 4, 6, 8, 2]
    assert calls == [1, 2, 3, 4, 1]
    assert len(offer.known) == 2
