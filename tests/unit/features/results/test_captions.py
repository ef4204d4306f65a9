"""What stands under a result."""

from dataclasses import replace
from typing import Any

from handlers.features.results.captions import caption
from handlers.words.texts import units, without_markup
from kie.money.ledger import Account
from tests.support.chats.talk import SHOP


def shown(model: str = "z-image", language: str = "en", **changed: Any) -> str:
    offer = SHOP.offers.get(model)
    told: dict[str, Any] = {
        "words": "a <fox>",
        "seconds": 6.4,
        "price": 8,
        "account": Account(),
        "inputs": {"prompt": "a <fox>", "aspect_ratio": "1:1"},
    }
    told |= changed
    title = offer.title(language) if offer is not None else model
    text = caption(offer, title, told.pop("inputs"), language=language, **told)
    return without_markup(text)


def test_it_says_the_words_and_model_settings_seconds_and_price() -> None:
    assert shown() == "a <fox>\n\nZ-Image · 1:1 · 6\u00a0s · 8\u00a0credits"
    assert shown(language="ru", price=1) == "a <fox>\n\nZ-Image · 1:1 · 6\u00a0с · 1\u00a0кредит"
    assert shown(language="ru", price=3).endswith("3\u00a0кредита")


def test_a_free_use_says_how_many_are_left_today() -> None:
    offer = replace(SHOP.offers["z-image"], free_per_day=20)
    account = Account(free_used={"z-image": 1})
    told: dict[str, Any] = {"words": "", "seconds": 6, "price": 0, "account": account}

    assert without_markup(caption(offer, "Z", {}, language="ru", **told)) == (
        "Z · 6\u00a0с · бесплатно, ещё\u00a019"
    )


def test_what_the_model_does_by_itself_is_not_said() -> None:
    inputs = {"image_urls": [], "prompt": "x", "aspect_ratio": "auto", "output_format": "png"}
    assert shown("google/nano-banana-edit", inputs=inputs).count("·") == 2


def test_a_clip_says_how_long_it_is() -> None:
    inputs = {"prompt": "x", "duration": "10", "aspect_ratio": "16:9", "sound": False}
    assert "16:9 · 10\u00a0s" in shown("kling-2.6/text-to-video", inputs=inputs)


def test_a_long_wait_is_told_in_minutes() -> None:
    assert "4\u00a0min" in shown(seconds=245.0)


def test_long_words_leave_room_for_the_rest() -> None:
    text = shown(words="😀" * 5000)

    assert units(text) < 1024
    assert text.endswith("8\u00a0credits")


def test_a_model_that_is_gone_is_called_by_its_id() -> None:
    assert shown("gone/model").startswith("a <fox>\n\ngone/model · 6\u00a0s")
