"""What is sent for a result, by what it is."""

import html
import re

import pytest

from handlers.delivery.payloads import Payload
from handlers.dialogue.effects import Button
from handlers.features.results.forms import MOST_IN_ALBUM, groups, kind_of, payloads
from handlers.words.texts import Markup, units, without_markup
from kie.api.outcome import Result

KEYBOARD = ((Button("Again", "again||1"),),)


def shown(*urls: str, made: str = "image", text: str | None = None) -> list[Payload]:
    return list(payloads(Result(urls, text), made, Markup("<b>title</b>"), KEYBOARD, "en"))


@pytest.mark.parametrize(
    ("url", "made", "kind"),
    [
        ("https://x/a.png", "image", "photo"),
        ("https://x/a.PNG?sign=1.mp4", "video", "photo"),
        ("https://x/a.mp4", "image", "video"),
        ("https://x/a.mp3", "audio", "audio"),
        ("https://x/a.wav", "audio", "document"),
        ("https://x/a", "video", "video"),
        ("https://x/a", "image", "photo"),
        ("https://x/a", "something new", "document"),
    ],
)
def test_the_ending_says_how_a_file_is_shown_else_what_the_model_makes(
    url: str, made: str, kind: str
) -> None:
    assert kind_of(url, made) == kind


def test_one_file_has_caption_and_buttons() -> None:
    (payload,) = shown("https://x/a.mp4")

    assert (payload["do"], payload["kind"]) == ("media", "video")
    assert payload["urls"] == ["https://x/a.mp4"]
    assert payload["keyboard"]
    assert "https://x/a.mp4" in payload["link"]
    assert "https://x/a.mp4" in payload["lost"]


def test_links_in_words_fit_into_a_message_however_long_they_are() -> None:
    urls = [f'https://x/{number}.png?sign={"a&" * 300}"' for number in range(MOST_IN_ALBUM)]
    album, _ = shown(*urls)

    for words in (album["link"], album["lost"]):
        assert units(without_markup(words)) < 3200
        targets = re.findall(r'<a href="([^"]*)">', words)
        assert [html.unescape(target) for target in targets] == urls
    # As many as fit can be read.
    few, _ = shown(*urls[:4])
    assert few["link"].count("https://x/") == 4
    assert "<a" not in few["link"]


def test_several_files_are_an_album_and_the_buttons_follow() -> None:
    album, buttons = shown("https://x/a.png", "https://x/b.png?a=1&b=2")

    assert album["do"] == "album"
    assert album["files"] == [["photo", "https://x/a.png"], ["photo", "https://x/b.png?a=1&b=2"]]
    assert album["link"].count("https://x/") == 2
    assert "a=1&amp;b=2" in album["link"]
    assert (buttons["do"], bool(buttons["keyboard"])) == ("say", True)


def test_an_album_holds_what_telegram_lets_stand_together() -> None:
    files = [("photo", "a"), ("video", "b"), ("audio", "c"), ("audio", "d"), ("photo", "e")]

    assert [len(group) for group in groups(files)] == [2, 2, 1]
    assert [len(group) for group in groups([("photo", str(n)) for n in range(23)])] == [10, 10, 3]
    assert MOST_IN_ALBUM == 10


def test_a_lonely_file_between_albums_is_sent_alone() -> None:
    kinds = [payload["do"] for payload in shown("https://x/a.png", "https://x/b.mp3")]

    assert kinds == ["media", "media", "say"]


def test_a_text_is_a_message_escaped_or_a_file_when_it_is_long() -> None:
    (message,) = shown(text="<b>hi</b>")
    (file,) = shown(text="x" * 5000)

    assert "&lt;b&gt;hi&lt;/b&gt;" in message["text"]
    assert (file["do"], len(file["text"])) == ("text_file", 5000)


def test_a_text_that_may_be_lost_has_no_link_that_may_still_work() -> None:
    (payload,) = shown(text="a poem")

    assert "may not have arrived" in payload["lost"]
    assert "link" not in payload["lost"]
