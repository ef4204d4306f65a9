"""What the buttons under a result lead to."""

from typing import Any

import pytest

from handlers.delivery.payloads import Payload
from handlers.dialogue.buttons import Press, decode
from handlers.dialogue.effects import Compose, Effects, Toast
from handlers.features.results import keeping, onward
from handlers.features.results.keeping import LINK_LIFE, Star, Tell
from handlers.features.results.made import Made, job_number, sent_files
from handlers.features.results.onward import ShowButtons
from kie.catalogue.user_file import UserFile
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram

ONE = UserFile("one", "image", 0, "image.jpeg", "image/jpeg")
TWO = UserFile("two", "image", 0, "image.png", "image/png")
URLS = ("https://x/1.png", "https://x/2.png")
MADE = Made(5, "z-image", {"prompt": "a fox", "aspect_ratio": "1:1"}, 60.0, 12, URLS[:1], (ONE,))
ALBUM = Made(5, "z-image", MADE.inputs, 60.0, 12, URLS, (ONE, TWO))


def pressed(rule: Any, data: str, made: Made | None, *, language: str = "en") -> Effects:
    press = decode(data)
    assert press is not None
    talk = Talk()
    talk.language = language
    facts = talk.facts_of(telegram.press(data, message_id=70, text=None))
    effects: Effects = rule(facts, Press(press.action, None, press.argument, None, 70), made)
    return effects


def test_another_variant_is_the_same_order_at_the_price_of_the_button() -> None:
    assert pressed(onward.again, "again||5:2", MADE) == (
        Compose("z-image", MADE.inputs, source=12, repeats=5, price=2),
    )


def test_without_a_price_on_the_button_a_card_comes_first() -> None:
    (order,) = pressed(onward.again, "again||5", MADE)

    assert isinstance(order, Compose)
    assert order.price is None


def test_another_variant_has_another_seed_and_the_same_press_has_the_same() -> None:
    model = "google/imagen4-fast"
    made = Made(5, model, {"prompt": "a fox", "seed": 7}, 60.0)
    first, second = (pressed(onward.again, "again||5:8", made)[0] for _ in range(2))

    assert isinstance(first, Compose)
    assert isinstance(second, Compose)
    assert first.inputs["seed"] not in {7, second.inputs["seed"]}
    assert SHOP.offers[model].check({**first.inputs, "aspect_ratio": "1:1"}) == []


def test_a_second_press_while_the_first_variant_is_made_orders_nothing() -> None:
    running = Made(5, "z-image", MADE.inputs, 60.0, repeated=True)

    (toast,) = pressed(onward.again, "again||5:2", running)
    assert isinstance(toast, Toast)
    assert "Already" in toast.text


def test_another_format_and_other_words_ask_for_that_one_answer() -> None:
    (format_,) = pressed(onward.another_format, "format||5", MADE)
    (words,) = pressed(onward.other_words, "words||5", MADE)

    assert isinstance(format_, Compose)
    assert isinstance(words, Compose)
    assert (format_.change, words.change) == ("aspect_ratio", "prompt")


@pytest.mark.parametrize(
    ("action", "model", "field"),
    [
        ("edit", "google/nano-banana-edit", "image_urls"),
        ("animate", "kling/v2-1-standard", "image_url"),
        ("upscale", "recraft/crisp-upscale", "image"),
        ("cutout", "recraft/remove-background", "image"),
    ],
)
def test_a_picture_is_the_input_of_what_comes_next(action: str, model: str, field: str) -> None:
    (order,) = pressed(onward.act, f"do||5:{action}", MADE)

    assert isinstance(order, Compose)
    assert (order.model, order.source) == (model, 12)
    given = order.inputs[field]
    assert given in (ONE.as_json(), [ONE.as_json()])


def test_a_clip_begins_without_another_word() -> None:
    (order,) = pressed(onward.act, "do||5:animate", MADE, language="ru")

    assert isinstance(order, Compose)
    assert "движение" in order.inputs["prompt"]
    assert SHOP.offers[order.model].open_question(order.inputs) is None


def test_of_several_pictures_it_is_asked_which_and_then_that_one_is_taken() -> None:
    toast, asked = pressed(onward.act, "do||5:edit", ALBUM)
    assert isinstance(toast, Toast)
    assert isinstance(asked, ShowButtons)
    assert asked.message_id == 70

    order, restored = pressed(onward.act, asked.keyboard[0][1].press, ALBUM)
    assert isinstance(order, Compose)
    assert order.inputs["image_urls"] == [TWO.as_json()]
    assert isinstance(restored, ShowButtons)


@pytest.mark.parametrize("data", ["do||5:paint", "do||5:", "do||5:edit:99", "do||5:edit:x"])
def test_a_button_of_another_release_does_no_harm(data: str) -> None:
    assert pressed(onward.act, data, MADE)


@pytest.mark.parametrize(
    "rule",
    [
        onward.again,
        onward.another_format,
        onward.other_words,
        onward.other_model,
        onward.act,
        onward.buttons_again,
        keeping.star,
        keeping.original,
        keeping.prompt,
    ],
)
def test_a_job_that_is_gone_says_so_in_a_toast(rule: Any) -> None:
    (toast,) = pressed(rule, "x||5", None)

    assert isinstance(toast, Toast)
    assert toast.text


# ---------------------------------------------------------------- kept --


def told(effects: Effects) -> Payload:
    (found,) = [each for each in effects if isinstance(each, Tell)]
    return found.payload


def test_the_original_comes_as_a_file_while_its_link_lives() -> None:
    payload = told(pressed(keeping.original, "original||5", MADE))

    assert (payload["do"], payload["kind"], payload["urls"]) == ("media", "document", [URLS[0]])
    assert payload["lost"]


def test_after_that_it_is_said_until_when_it_was_there() -> None:
    old = Made(5, "z-image", MADE.inputs, LINK_LIFE + 1, 12, URLS[:1], (ONE,))

    (toast,) = pressed(keeping.original, "original||5", old)
    assert isinstance(toast, Toast)
    assert "24 hours" in toast.text


def test_of_several_originals_it_is_asked_which() -> None:
    _, asked = pressed(keeping.original, "original||5", ALBUM)
    assert isinstance(asked, ShowButtons)

    payload = told(pressed(keeping.original, asked.keyboard[0][1].press, ALBUM))
    assert payload["urls"] == [URLS[1]]


def test_the_words_come_whole_and_escaped() -> None:
    made = Made(5, "z-image", {"prompt": "a <b> & " + "x" * 900}, 60.0)

    assert told(pressed(keeping.prompt, "prompt||5", made))["text"].startswith("<code>a &lt;b&gt;")


def test_a_favourite_is_decided_by_the_table() -> None:
    (effect,) = pressed(keeping.star, "star||5", MADE)

    assert isinstance(effect, Star)
    assert (effect.made, effect.under) == (MADE, 70)


# ---------------------------------------------------------------- what Telegram keeps --


def test_a_picture_is_known_by_the_name_that_telegram_gave_it() -> None:
    (file,) = sent_files({"do": "media", "kind": "photo", "urls": ["https://x/1.png"]}, "name")

    assert (file.file_id, file.kind, file.mime) == ("name", "image", "image/jpeg")


def test_an_album_has_a_name_for_each_of_its_files() -> None:
    payload = {"do": "album", "files": [["photo", "a.png"], ["document", "b.png"]]}

    files = sent_files(payload, '["one", "two"]')
    assert [(each.file_id, each.mime) for each in files] == [
        ("one", "image/jpeg"),
        ("two", "image/png"),
    ]


@pytest.mark.parametrize(
    "payload",
    [
        {"do": "say", "text": "x"},
        {"do": "media", "kind": "document", "urls": ["https://x/a.zip"]},
    ],
)
def test_what_no_model_takes_is_no_file(payload: Payload) -> None:
    assert not sent_files(payload, "name")


@pytest.mark.parametrize(
    ("argument", "number"), [("5", 5), ("5:edit:2", 5), ("", None), ("x", None), ("9" * 40, None)]
)
def test_a_button_names_its_job(argument: str, number: int | None) -> None:
    assert job_number(argument) == number
