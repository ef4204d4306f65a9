"""The link under a result in a group, when somebody else presses it."""

import json
from typing import Any

import pytest

from handlers.features.groups.effects import wish_of_result
from handlers.features.groups.rules import SameWish
from kie.money.ledger import Account
from tests.support.chats.talk import Talk, needs_making

RICH = Account(balance=1000)


def shared(model: str, **inputs: Any) -> Talk:
    """Somebody else presses the link under a result in the group."""
    talk = Talk(loads={wish_of_result.__name__: SameWish(model, inputs)}, account=RICH)
    return talk.says("/start w_5_code")


@needs_making
def test_one_for_me_too_begins_with_the_words_and_settings_of_the_result() -> None:
    talk = shared("z-image", prompt="a red fox", aspect_ratio="9:16")

    assert talk.dialogue.step == "confirm"
    assert "a red fox" in talk.screen.text
    assert talk.dialogue.answers["inputs"]["aspect_ratio"] == "9:16"
    assert talk.started == []


@needs_making
def test_one_for_me_too_takes_no_file_of_somebody_else() -> None:
    file = {"file_id": "secret", "kind": "image", "size": 9, "name": "a", "mime": "image/jpeg"}
    talk = shared("google/nano-banana-edit", prompt="blue", image_urls=[{**file, "seconds": None}])

    assert "secret" not in json.dumps(talk.dialogue.answers)
    assert talk.dialogue.answers["inputs"]["prompt"] == "blue"


@needs_making
@pytest.mark.parametrize("found", [None, SameWish("gone", {"prompt": "x"})])
def test_a_link_to_a_result_that_is_gone_or_guessed_opens_the_menu(found: SameWish | None) -> None:
    talk = Talk(loads={wish_of_result.__name__: found}).says("/start w_5_code")

    assert talk.dialogue.step == "idle"
    assert talk.buttons
