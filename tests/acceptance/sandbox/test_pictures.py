"""What `make pictures` does still works: the scenes of the chat, and the drawing of a hand-over."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.pictures.chat import PHONE, SCENES, order, shoot
from tests.pictures.timeline import WORDS, Handover, Span, drawn
from tests.support.bots.world import World
from tests.support.pages.browser import browser, needs_chromium, page


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene[0])
def test_each_scene_of_the_chat_ends_with_a_picture(
    world: World, scene: tuple[str, str, str, tuple[str, str, str], str], tmp_path: Path
) -> None:
    language, *wish = scene
    world.bot().wait_state("ACTIVE")
    with (
        browser() as started,
        page(started, world.telegram_url, viewport=PHONE, locale=language) as opened,
    ):
        order(opened, *wish)  # type: ignore[arg-type]  # the rest of the scene
        shoot(opened, tmp_path / "chat.webp")

    assert (tmp_path / "chat.webp").read_bytes()[8:12] == b"WEBP"


@pytest.mark.parametrize("language", WORDS)
def test_a_hand_over_is_drawn_with_every_update_and_its_counts(language: str) -> None:
    run = Handover(
        first=(Span("ACTIVE", -4, 0), Span("DRAINING", 0, 0.01)),
        second=(Span("PASSIVE", -1, 0.02), Span("ACTIVE", 0.02, 2)),
        gap_ms=4.2,
        waits=((-1.0, 0.05), (0.0, 0.25), (1.0, 0.05), (9.0, 0.05)),
        sent=4,
        lost=0,
        twice=0,
        out_of_order=0,
    )

    picture = ElementTree.fromstring(drawn(run, language))  # noqa: S314 our own drawing

    name = "{http://www.w3.org/2000/svg}"
    texts = [each.text or "" for each in picture.iter(f"{name}text")]
    # The last one was written after the picture's end: it is counted, and not drawn.
    assert len(list(picture.iter(f"{name}circle"))) == 2 * 3
    assert any("4 m" in text or "4 м" in text for text in texts)
    assert [text for text in texts if text.isdecimal()] == ["4", "4", "0", "0", "0"]
    assert any(text.startswith("0.25") for text in texts)
