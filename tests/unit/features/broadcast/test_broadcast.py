"""Writing a broadcast: what is taken, what is refused and why, and who may press."""

from typing import Any

import pytest

from handlers.features.broadcast.composing import ChangeDraft, Found, Start
from handlers.features.broadcast.message import Unfit, read_button
from handlers.features.broadcast.screens import people
from handlers.features.broadcast.sending import Control, SetNews
from handlers.shop.shop import Shop
from handlers.words.formatting import as_html
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram

OPERATORS = Shop(offers=SHOP.offers, support=SHOP.support, admins=frozenset({7}))
PHOTO = [{"file_id": "p1", "file_unique_id": "u", "width": 9, "height": 9}]
VIDEO = {"file_id": "v1", "file_unique_id": "u", "width": 9, "height": 9, "duration": 3}
RUNNING: dict[str, Any] = {
    "id": 4,
    "state": "running",
    "content": {"kind": "text", "text": "x"},
    "receivers": 100,
    "sent": 40,
    "failed": 10,
    "skipped": 0,
    "doubtful": 0,
    "seconds": 9.0,
    "made_by": 7,
}


def writing(people_now: int = 42, **content: Any) -> Talk:
    found = Found(content, "all", 0, people_now)
    talk = Talk(OPERATORS, loads={"draft": found, "overview": ((), False), "named": RUNNING})
    return talk.says("/broadcast").presses("Write one")


def card(talk: Talk, text: str = "Hello") -> Talk:
    return talk.says(text)


def contents(talk: Talk) -> list[Any]:
    return [
        each.content
        for each in talk.effects
        if isinstance(each, ChangeDraft) and each.content is not None
    ]


def test_a_text_keeps_its_formatting_and_is_shown_with_number_and_time() -> None:
    bold = [{"type": "bold", "offset": 0, "length": 5}]
    talk = writing().hear(telegram.message(text="Hello <you>", entities=bold))

    assert contents(talk) == [{"kind": "text", "text": "<b>Hello</b> &lt;you&gt;", "file_id": ""}]
    assert any(isinstance(each, ChangeDraft) and each.previews for each in talk.effects)
    assert "42\u00a0people" in talk.screen.text
    assert "≈\u00a02\u00a0s" in talk.screen.text


@pytest.mark.parametrize(
    ("sent", "kind", "file"),
    [
        ({"photo": PHOTO, "caption": "Look"}, "photo", "p1"),
        ({"video": VIDEO, "caption": "Look"}, "video", "v1"),
    ],
)
def test_a_photo_or_video_is_taken_by_its_name(sent: Any, kind: str, file: str) -> None:
    talk = writing().hear(telegram.message(**sent))

    assert contents(talk) == [{"kind": kind, "text": "Look", "file_id": file}]


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"text": "a" * 4097}, "has 4097 characters; 4096 fit"),
        ({"text": "😀" * 2049}, "has 4098 characters; 4096 fit"),
        ({"photo": PHOTO, "caption": "a" * 1025}, "has 1025 characters; 1024 fit"),
        ({"photo": PHOTO, "media_group_id": "1"}, "album"),
        ({"sticker": {"file_id": "s"}}, "A broadcast is a text"),
        ({"voice": {"file_id": "v", "duration": 1}}, "A broadcast is a text"),
    ],
)
def test_what_cannot_be_sent_to_all_is_refused_with_the_numbers(sent: Any, why: str) -> None:
    talk = writing().hear(telegram.message(**sent))

    assert why in talk.screen.text
    assert contents(talk) == []
    assert talk.dialogue.step == "news_write"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("See https://example.com", "button_form"),
        ("See | http://example.com", "link_bad"),
        ("See | tg://user?id=1", "link_bad"),
        ("See | https://", "link_bad"),
        ("See | https://local", "link_bad"),
        ("See | https://example.com:x", "link_bad"),
        ("See | https://exa mple.com", "link_bad"),
        (f"{'a' * 41} | https://example.com", "button_long"),
        ("| https://example.com", "button_form"),
    ],
)
def test_a_button_needs_a_label_and_an_https_link(words: str, why: str) -> None:
    with pytest.raises(Unfit) as unfit:
        read_button(words)
    assert unfit.value.key == why
    talk = card(writing(kind="text", text="x")).presses("Button").says(words)
    assert contents(talk) == []
    assert talk.dialogue.step == "news_link"


def test_a_button_and_a_bonus_stand_on_the_card() -> None:
    talk = card(writing(kind="text", text="x"))
    talk.presses("Button").says("See | https://example.com/a?b=1")
    assert contents(talk) == [{"label": "See", "url": "https://example.com/a?b=1"}]
    assert "See → https://example.com/a?b=1" in talk.screen.text

    talk.presses("Bonus").says("ten")
    assert "not a whole number" in talk.screen.text
    talk.says("10")
    assert "10 credits each, 420 credits in all" in talk.screen.text
    talk.presses("Bonus").presses("No bonus")
    assert "Bonus: none" in talk.screen.text


def test_it_is_sent_only_after_a_question_with_number_and_audience() -> None:
    talk = card(writing()).presses("Send to 42")
    assert not any(isinstance(each, Start) for each in talk.effects)
    assert "42\u00a0people" in talk.screen.text
    assert "(all)" in talk.screen.text
    sure = talk.button("Yes, send")

    talk.presses("Yes, send")
    assert any(isinstance(each, Start) for each in talk.effects)
    talk.hear(telegram.press(sure))
    assert not any(isinstance(each, Start) for each in talk.effects)


def test_nobody_is_refused() -> None:
    talk = card(writing(people_now=0))
    talk.hear(telegram.press(talk.button("Send to 0")))
    assert "Nobody belongs" in talk.toast.text
    assert not any(isinstance(each, Start) for each in talk.effects)


def test_an_operator_who_leaves_finds_the_draft() -> None:
    talk = card(writing(kind="text", text="x")).says("/start")
    talk.loads["overview"] = ((), True)
    talk.says("/broadcast").presses("Go on with the draft")

    assert talk.dialogue.step == "news"
    assert any(isinstance(each, ChangeDraft) and each.previews for each in talk.effects)


def test_one_that_runs_can_be_paused_and_stopped_by_two_presses() -> None:
    talk = Talk(OPERATORS, loads={"named": RUNNING, "overview": ((RUNNING,), False)})
    talk.says("/broadcast")
    assert "No. 4: is being sent, 50 of 100" in talk.screen.text
    talk.presses("Pause")
    assert [each.act for each in talk.effects if isinstance(each, Control)] == ["pause"]

    talk.says("/broadcast").presses("Stop")
    assert not any(isinstance(each, Control) for each in talk.effects)
    assert "50\u00a0people will not get it" in talk.screen.text
    talk.presses("Stop for good")
    assert [each.act for each in talk.effects if isinstance(each, Control)] == ["stop"]


@pytest.mark.parametrize(
    "data",
    [
        *("broadcast||", "news_write||", "news_pause||4", "news_resume||4", "news_stop||4"),
        "news_stop_sure||4",
    ],
)
def test_whoever_is_no_operator_any_more_changes_nothing(data: str) -> None:
    talk = Talk(loads={"named": RUNNING, "overview": ((), True)}).hear(telegram.press(data))
    assert talk.toast.alert
    assert [each for each in talk.effects if not hasattr(each, "alert")] == []


def test_a_former_operator_leaves_the_step() -> None:
    talk = card(writing())
    talk.shop = SHOP
    talk.says("another text")
    assert contents(talk) == []
    assert talk.dialogue.step == "idle"


def test_everybody_can_do_without_news_and_take_that_back() -> None:
    talk = Talk().hear(telegram.press("news_off||4", text=None))
    assert [each.off for each in talk.effects if isinstance(each, SetNews)] == [True]
    assert "No more news" in talk.toast.text
    talk.hear(telegram.press("news_on||4"))
    assert [each.off for each in talk.effects if isinstance(each, SetNews)] == [False]


def test_an_audience_is_counted_by_the_language_that_its_people_read() -> None:
    groups: list[dict[str, Any]] = [
        {"language": None, "code": "ru", "people": 1},
        {"language": None, "code": "uk", "people": 2},
        {"language": "en", "code": "ru", "people": 4},
        {"language": None, "code": None, "people": 8},
        {"language": "ru", "code": "en", "people": 16},
    ]
    assert [people(groups, each) for each in ("ru", "en", "all")] == [19, 12, 31]


@pytest.mark.parametrize(
    ("text", "marks", "html"),
    [
        ("a & b", [], "a &amp; b"),
        ("😀 bold", [("bold", 3, 4)], "😀 <b>bold</b>"),
        ("both", [("bold", 0, 4), ("italic", 0, 4)], "<b><i>both</i></b>"),
        ("overlap", [("bold", 0, 4), ("italic", 2, 5)], "<b>ov<i>er</i></b><i>lap</i>"),
        ("mail", [("email", 0, 4)], "mail"),
        ("out", [("bold", 1, 9)], "out"),
        ("odd", [("bold", "0", 3), "x", None], "odd"),
        ("q", [("expandable_blockquote", 0, 1)], "<blockquote expandable>q</blockquote>"),
    ],
)
def test_formatting_becomes_html_that_telegram_takes(
    text: str, marks: list[Any], html: str
) -> None:
    given = [
        {"type": each[0], "offset": each[1], "length": each[2]} if isinstance(each, tuple) else each
        for each in marks
    ]
    assert as_html(text, given) == html


def test_a_link_in_the_text_is_kept_and_escaped() -> None:
    mark = {"type": "text_link", "offset": 0, "length": 4, "url": 'https://e.com/?a="1"&b'}
    assert as_html("here", [mark]) == '<a href="https://e.com/?a=&quot;1&quot;&amp;b">here</a>'
