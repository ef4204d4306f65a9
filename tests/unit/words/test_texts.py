"""Every sentence exists in both languages, with the same fields and sound markup."""

import re
import string
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.dialogue.incoming import KINDS, OTHER
from handlers.words.languages import KNOWN
from handlers.words.spacing import unbroken
from handlers.words.texts import (
    LANGUAGES,
    Markup,
    Words,
    duration,
    escape,
    language_of,
    shorten,
    units,
    without_markup,
)
from kie.api.outcome import Failure
from tests.support.chats.talk import ROUTER, SHOP
from tests.support.each import each
from tests.support.words.wording import ROOMS, plain, say

SENTENCES = sorted((room, key) for room, words in ROOMS.items() for key in words.own["en"])
#: What Telegram's HTML knows; see the Bot API, "HTML style".
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


def stem(key: str, language: str) -> str:
    """The word that a plural form belongs to; the key itself for what is none."""
    word, _, form = key.rpartition("_")
    return f"{word}_" if form in KNOWN[language].forms else key


@pytest.mark.parametrize("room", ROOMS)
def test_all_languages_have_the_same_sentences(room: str) -> None:
    words = ROOMS[room].own
    keys = {language: {stem(key, language) for key in words[language]} for language in LANGUAGES}

    assert all(found == keys["en"] for found in keys.values())


@pytest.mark.parametrize("room", ROOMS)
def test_a_word_that_follows_a_number_has_every_form_of_its_language(room: str) -> None:
    for language in LANGUAGES:
        table = ROOMS[room].own[language]
        for key in table:
            if stem(key, language) != key:
                wanted = {f"{stem(key, language)}{form}" for form in KNOWN[language].forms}
                assert wanted <= set(table), key


def test_no_room_says_what_another_room_says_under_the_same_key() -> None:
    keys = [key for _, key in SENTENCES]

    assert sorted(keys) == sorted(set(keys))


@each(SENTENCES)
def test_a_sentence_has_the_same_fields_and_sound_tags_in_every_language(
    room: str, key: str
) -> None:
    tables = ROOMS[room].own
    wanted = fields(tables["en"][key])

    for table in tables.values():
        assert fields(table[key]) == wanted
        tags = Tags()
        tags.feed(table[key])
        assert tags.open == []


@each(SENTENCES)
def test_russian_is_russian_and_english_is_not(room: str, key: str) -> None:
    tables = ROOMS[room].own
    assert not re.search("[а-яё]", tables["en"][key].lower())
    words = without_markup(tables["ru"][key])
    if fields(words) or not re.search("[a-z]{3}", words.lower()):
        return
    assert re.search("[а-яё]", words.lower())


@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_of_a_job_has_its_sentence_that_speaks_of_money(failure: Failure) -> None:
    assert re.search("Nothing was|You weren't charged", say("en", f"failed_{failure.value}"))
    assert re.search("списан", say("ru", f"failed_{failure.value}"))


def test_every_command_and_kind_has_its_words() -> None:
    for language in LANGUAGES:
        for _, described in ROUTER.commands(SHOP, language):
            assert 0 < len(described) <= 256
        for kind in {*KINDS.values(), OTHER}:
            assert plain(language, f"other_{kind}")


@each(sentence for sentence in SENTENCES if sentence[1].startswith("toast_"))
def test_a_toast_fits_into_200_characters_and_has_no_tags(room: str, key: str) -> None:
    for table in ROOMS[room].own.values():
        assert units(table[key]) <= 190
        assert "<" not in table[key]


@pytest.mark.parametrize(
    ("language", "number", "words"),
    [
        ("ru", 1, "1 кот"),
        ("ru", 2, "2 кота"),
        ("ru", 5, "5 котов"),
        ("ru", 11, "11 котов"),
        ("ru", 12, "12 котов"),
        ("ru", 21, "21 кот"),
        ("ru", 104, "104 кота"),
        ("ru", 0, "0 котов"),
        ("ru", -1, "-1 кот"),
        ("en", 1, "1 cat"),
        ("en", 0, "0 cats"),
        ("en", 21, "21 cats"),
    ],
)
def test_a_word_takes_the_form_of_its_number(language: str, number: int, words: str) -> None:
    cats = {
        "en": {"n": "{n:cats}", "cats_one": "{n} cat", "cats_many": "{n} cats"},
        "ru": {
            "n": "{n:cats}",
            "cats_one": "{n} кот",
            "cats_few": "{n} кота",
            "cats_many": "{n} котов",
        },
    }

    assert Words(cats).plain(language, "n", n=number) == words
    assert Words(cats).say(language, "n", n=number) == words.replace(" ", "\u00a0")


def test_sentences_without_one_of_the_languages_are_refused() -> None:
    with pytest.raises(ValueError, match="wanted"):
        Words({"en": {}})


@given(st.text())
def test_whatever_a_user_writes_shows_up_unchanged(text: str) -> None:
    assert without_markup(escape(text)) == text


def test_only_markup_passes_unescaped() -> None:
    assert "“&lt;b&gt;”" in say("en", "card_words", text="<b>")
    assert "<i>x</i>" in say("en", "support", text=Markup("<i>x</i>"))


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
        (None, "RU", "ru"),
        (None, "ru_RU", "ru"),
        (None, "ru-RU", "ru"),
        (None, "ru_RU.UTF-8", "ru"),
        (None, "uk_UA", "ru"),
        (None, "Be", "ru"),
        (None, "kk-Cyrl-KZ", "ru"),
        (None, "kk_KZ", "ru"),
        (None, "en_RU", "en"),
        (None, "pt-br", "en"),
        (None, "rue", "en"),  # Rusyn is another language
        (None, "", "en"),
        (None, "-", "en"),
        (None, "\u0440\u0443", "en"),
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


def test_a_duration_is_rounded_to_what_people_say() -> None:
    assert duration("en", 12.4) == "≈\u00a012\u00a0s"
    assert duration("en", 0.2) == "≈\u00a01\u00a0s"
    assert duration("ru", 190) == "≈\u00a03\u00a0мин"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_is_broken_between_a_number_and_what_it_counts(language: str) -> None:
    for words in ROOMS.values():
        table = words.own.get(language, {})
        for key in table:
            word = key.removesuffix("_many")
            if word == key or not table[key].startswith("{n} "):
                continue
            said = words.say(language, key, n=7)
            assert said.startswith("7\u00a0"), said
            # Buttons are one line, and people search for what stands there.
            assert words.plain(language, key, n=7).startswith("7 ")
    assert "\u00a0" in duration(language, 15)
    assert unbroken("1:1 · ≈ 15 s · 20 credits") == "1:1 · ≈\u00a015\u00a0s · 20\u00a0credits"
    assert unbroken("бесплатно, сегодня ещё 20") == "бесплатно, сегодня ещё\u00a020"
    assert unbroken("50 ⭐ · 4:3") == "50\u00a0⭐ · 4:3"
