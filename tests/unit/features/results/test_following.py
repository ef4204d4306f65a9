"""Buttons that go on from a result by kie.ai's own name for it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue.effects import Button
from handlers.features.results import result_buttons
from handlers.features.results.result_buttons import Subject
from kie.catalogue.follow import Earlier
from kie.money.ledger import Account
from tests.support.chats.talk import SHOP, Talk, needs_making
from tests.support.edges import telegram_updates as telegram
from tests.support.pages.screens import check_screen

VEO, SONG = "veo/text-to-video", "suno/song"
CLIP = Earlier(VEO, {"prompt": "a fox", "resolution": "720p"}, "task-1")
SONGS = Earlier(SONG, {"prompt": "a fox", "model": "V5"}, "task-2", ("song-1", "song-2"))
RICH = Account(balance=1000)


def buttons(model: str, inputs: Mapping[str, Any], kinds: list[str]) -> list[Button]:
    subject = Subject(5, model, inputs, kinds)
    rows = result_buttons.keyboard(subject, SHOP, RICH, "en")
    return [each for row in rows for each in row]


def follow(found: Earlier, argument: str, language: str = "en") -> Talk:
    talk = Talk(loads={"earlier": (found, 77)}, account=RICH)
    talk.language = language
    return talk.hear(telegram.press(f"follow||{argument}"))


@pytest.mark.parametrize(
    ("model", "inputs", "kinds", "expected"),
    [
        (VEO, CLIP.inputs, ["video"], ["5:veo/extend:1", "5:veo/1080p:1", "5:veo/4k:1"]),
        (VEO, {"resolution": "1080p"}, ["video"], []),
        ("veo/extend", {"prompt": "x"}, ["video"], ["5:veo/extend:1"]),
        (SONG, SONGS.inputs, ["audio"] * 2, ["5:suno/extend:1", "5:suno/extend:2"]),
        ("z-image", {"prompt": "x"}, ["image"], []),
    ],
)
def test_a_result_has_the_buttons_of_what_goes_on_from_it(
    model: str, inputs: Mapping[str, Any], kinds: list[str], expected: list[str]
) -> None:
    found = [each.press for each in buttons(model, inputs, kinds)]

    assert [each for each in found if each.startswith("follow")] == [
        f"follow||{each}" for each in expected
    ]


def test_prices_stand_on_the_buttons_and_songs_are_numbered() -> None:
    texts = [each.text for each in buttons(SONG, SONGS.inputs, ["audio", "audio"])]

    assert [each for each in texts if "Extend" in each] == [
        "➕ Extend 1 · 24 💎",
        "➕ Extend 2 · 24 💎",
    ]


@needs_making
@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_upgrade_is_one_press_from_its_card(language: str) -> None:
    talk = follow(CLIP, "5:veo/4k:1", language)

    check_screen(talk.screen)
    talk.presses("Create" if language == "en" else "Создать")
    (started,) = talk.started
    assert started.job.inputs == {"taskId": "task-1"}
    assert (started.job.model, started.job.price) == ("veo/4k", 240)


@needs_making
def test_an_extension_asks_for_words_alone() -> None:
    talk = follow(CLIP, "5:veo/extend:1").says("the fox flies").presses("Create")

    (started,) = talk.started
    assert started.job.inputs == {"taskId": "task-1", "prompt": "the fox flies", "model": "fast"}


@needs_making
def test_the_song_that_was_pressed_is_the_one_that_goes_on() -> None:
    talk = follow(SONGS, "5:suno/extend:2").presses("Create")

    (started,) = talk.started
    assert started.job.inputs["audioId"] == "song-2"
    assert started.job.inputs["model"] == "V5"


@pytest.mark.parametrize(
    ("found", "argument"),
    [
        (SONGS, "5:suno/extend:3"),
        (SONGS, "5:veo/extend:1"),
        (replace(CLIP, inputs={"resolution": "4k"}), "5:veo/4k:1"),
        (CLIP, "5:gone:1"),
        (CLIP, "5"),
        (CLIP, "5:z-image:1"),
    ],
)
def test_what_cannot_go_on_says_so_and_orders_nothing(found: Earlier, argument: str) -> None:
    talk = follow(found, argument)

    assert talk.toast.alert
    assert not talk.started


def test_a_result_is_shared_only_where_inline_mode_is_on() -> None:
    for on in (True, False):
        rows = result_buttons.keyboard(
            Subject(5, "z-image", {"prompt": "x"}, ["image"]),
            replace(SHOP, inline=on),
            RICH,
            "en",
        )
        assert [each.share for row in rows for each in row if each.share] == ["5"] * on


@needs_making
@pytest.mark.parametrize("action", ["veo/extend", "veo/4k"])
def test_the_price_on_the_button_is_that_of_the_card(action: str) -> None:
    (button,) = [each for each in buttons(VEO, CLIP.inputs, ["video"]) if action in each.press]
    card = follow(CLIP, f"5:{action}:1")
    if action == "veo/extend":
        assert "What happens next?" in card.screen.text
        card.says("the fox flies")

    assert card.buttons[0].text.startswith("✅ Create")
    price = card.buttons[0].text.split(" · ")[1].removesuffix(" 💎")
    assert button.text.removesuffix(" 💎").endswith(f"· {price}")
