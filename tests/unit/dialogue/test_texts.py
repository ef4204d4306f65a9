"""Every sentence exists in both languages, with the same fields and sound markup."""

import re
import string
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.dialogue.incoming import KINDS
from handlers.dialogue.texts import (
    LANGUAGES,
    Markup,
    duration,
    escape,
    language_of,
    other_language,
    plain,
    say,
    shorten,
    units,
    without_markup,
)
from handlers.process.introduction import COMMANDS
from kie.api.outcome import Failure

KEYS = sorted(LANGUAGES["en"])
#: What Telegram's HTML knows; see the Bot API, "HTML style".
#: Sentences that name the other language in its own words.
SWITCH = {"button_language", "help"}
TAGS = {"b", "i", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


class Tags(HTMLParser):
    """Collects the tags that are open; a wrong end tag is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag in TAGS
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_all_languages_have_the_same_sentences() -> None:
    assert {name: sorted(table) for name, table in LANGUAGES.items()} == dict.fromkeys(
        LANGUAGES, KEYS
    )


@pytest.mark.parametrize("key", KEYS)
def test_a_sentence_has_the_same_fields_and_sound_tags_in_every_language(key: str) -> None:
    wanted = fields(LANGUAGES["en"][key])

    for table in LANGUAGES.values():
        assert fields(table[key]) == wanted
        tags = Tags()
        tags.feed(table[key])
        assert tags.open == []


@pytest.mark.parametrize("key", KEYS)
def test_russian_is_russian_and_english_is_not(key: str) -> None:
    assert key in SWITCH or not re.search("[а-яё]", LANGUAGES["en"][key].lower())
    words = without_markup(LANGUAGES["ru"][key])
    if fields(words) or not re.search("[a-z]{3}", words.lower()):
        return
    assert key in SWITCH or re.search("[а-яё]", words.lower())


@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_of_a_job_has_its_sentence_that_speaks_of_money(failure: Failure) -> None:
    assert "Nothing was charged" in say("en", f"failed_{failure.value}")
    assert "Ничего не списано" in say("ru", f"failed_{failure.value}")


def test_every_command_and_kind_has_its_words() -> None:
    for language in LANGUAGES:
        for command in COMMANDS:
            assert 0 < len(plain(language, f"command_{command}")) <= 256
        for kind in KINDS.values():
            assert plain(language, f"kind_{kind}")


@pytest.mark.parametrize("key", [key for key in KEYS if key.startswith("toast_")])
def test_a_toast_fits_into_200_characters_and_has_no_tags(key: str) -> None:
    for table in LANGUAGES.values():
        assert units(table[key]) <= 190
        assert "<" not in table[key]


@settings(deadline=None)  # the machine may be busy
@given(st.text())
def test_whatever_a_user_writes_shows_up_unchanged(text: str) -> None:
    assert without_markup(escape(text)) == text


def test_only_markup_passes_unescaped() -> None:
    assert "<b>&lt;b&gt;</b>" in say("en", "menu", bot="<b>")
    assert "<i>x</i>" in say("en", "support", text=Markup("<i>x</i>"))


@settings(deadline=None)  # the machine may be busy
@given(st.text(), st.integers(min_value=1, max_value=50))
def test_a_shortened_text_fits_and_is_a_beginning(text: str, limit: int) -> None:
    short = shorten(text, limit)

    assert units(short) <= max(limit, units("…"))
    assert short == text or text.startswith(short.removesuffix("…"))


@pytest.mark.parametrize(
    ("chosen", "code", "language"),
    [
        (None, "ru", "ru"),
        (None, "uk", "ru"),
        (None, "be-BY", "ru"),
        (None, "kk", "ru"),
        (None, "de", "en"),
        (None, None, "en"),
        ("en", "ru", "en"),
        ("ru", "en", "ru"),
        ("xx", "ru", "ru"),
    ],
)
def test_the_language_is_the_choice_then_the_apps_then_english(
    chosen: str | None, code: str | None, language: str
) -> None:
    assert language_of(chosen, code) == language


def test_the_toggle_leads_to_the_other_language_and_back() -> None:
    assert other_language(other_language("ru")) == "ru"


def test_a_duration_is_rounded_to_what_people_say() -> None:
    assert duration("en", 12.4) == "about 12 s"
    assert duration("en", 0.2) == "about 1 s"
    assert duration("ru", 190) == "около 3 мин"
