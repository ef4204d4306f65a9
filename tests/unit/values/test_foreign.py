"""What others wrote becomes storable, printable, or a number within its range."""

import json
import math

import hypothesis
import hypothesis.strategies as st
import pytest

from supervisor.values.foreign import (
    from_json,
    number,
    printable,
    storable,
    storable_json,
    whole,
    whole_text,
)

# Any code points, halves of surrogate pairs included.
anything = st.text(st.characters(), max_size=60)


def test_a_storable_text_has_no_nul_and_no_half_of_a_pair() -> None:
    assert storable("a\x00b\ud83d!\ude00") == "a\ufffdb\ufffd!\ufffd"


def test_two_halves_that_belong_together_become_their_character() -> None:
    assert storable("\ud83d\ude00") == "😀"


@hypothesis.given(anything, st.integers(0, 20))
def test_every_text_can_be_stored_and_is_bounded(text: str, most: int) -> None:
    found = storable(text, most)

    assert "\x00" not in found
    assert len(found.encode()) >= len(found)
    assert len(found) <= most


def test_a_good_text_is_stored_as_it_is() -> None:
    assert storable("Кот\nи\tлиса 👨‍👩‍👧") == "Кот\nи\tлиса 👨‍👩‍👧"


class Odd:
    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (b"\xffa", "\ufffda"),
        (5, "5"),
        pytest.param(10**5000, "<int>", id="huge"),
        (Odd(), "<Odd>"),
    ],
)
def test_what_is_no_text_becomes_one(value: object, text: str) -> None:
    assert storable(value) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("one\ntwo\r\n", r"one\ntwo\r\n"),
        ("\x1b[2J\x1b[Hgone", r"\x1b[2J\x1b[Hgone"),
        ("a\u202egnp.exe", r"a\u202egnp.exe"),
        ("a\u2028b\x85c\x9bd", r"a\u2028b\x85c\x9bd"),
        ("a\x00b\ud800c", r"a\x00b\ud800c"),
        ("\U000e0041hidden", r"\U000e0041hidden"),
        ("👨‍👩‍👧 Ёлка", "👨‍👩‍👧 Ёлка"),
    ],
)
def test_what_could_forge_a_line_is_shown_escaped(text: str, line: str) -> None:
    assert printable(text) == line


@hypothesis.given(anything, st.integers(1, 30))
def test_a_printable_text_is_one_line_of_bounded_length(text: str, most: int) -> None:
    found = printable(text, most)

    assert len(found.splitlines()) <= 1
    assert "\x1b" not in found
    assert len(found) <= most


def test_a_line_that_is_too_long_says_so() -> None:
    assert printable("a" * 50, 10) == "a" * 9 + "…"
    assert printable("a" * 10, 10) == "a" * 10


@pytest.mark.parametrize(("value", "found"), [(5, 5), (5.0, 5), (-3, -3), (0, 0)])
def test_whole_numbers_are_read(value: object, found: int) -> None:
    assert whole(value, -3, 5) == found


@pytest.mark.parametrize(
    "value", [True, 5.5, math.nan, math.inf, "5", None, [], 6, -4, 10**400, 1e300]
)
def test_what_is_no_whole_number_in_its_range_is_none(value: object) -> None:
    assert whole(value, -3, 5) is None


def test_a_float_too_large_to_be_exact_is_no_whole_number() -> None:
    assert whole(1e18) is None
    assert whole(10**18) == 10**18


@pytest.mark.parametrize("value", [True, math.nan, math.inf, -math.inf, 10**400, "1", None, -0.1])
def test_what_is_no_number_in_its_range_is_none(value: object) -> None:
    assert number(value, 0.0) is None


def test_finite_numbers_are_read() -> None:
    assert number(60.62, 0) == 60.62
    assert number(7) == 7.0


@pytest.mark.parametrize("text", ["٣", "३", "３", "²", "1_000", "+5", "5.0", "", "1e3", "9" * 21])
def test_a_number_in_a_text_has_ascii_digits_only(text: str) -> None:
    assert whole_text(text) is None


def test_a_number_in_a_text_is_read_and_keeps_its_range() -> None:
    assert whole_text(" 12 ", 0) == 12
    assert whole_text("-12", 0) is None
    assert whole_text("9" * 20) is None
    assert whole_text(12) is None


def test_json_of_others_is_read_without_numbers_that_nobody_can_use() -> None:
    body = b'{"a": ' + b"9" * 5000 + b', "b": NaN, "c": 1e999, "d": 1.5, "e": -Infinity, "f": 7}'

    assert from_json(body) == {"a": None, "b": None, "c": None, "d": 1.5, "e": None, "f": 7}


@pytest.mark.parametrize("digits", [1, 299, 300, 301])
def test_a_number_of_json_is_read_up_to_300_digits(digits: int) -> None:
    found = from_json(b'{"a": -' + b"7" * digits + b', "b": 8}')

    assert found == {"a": None if digits >= 300 else -int("7" * digits), "b": 8}


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[" * 100_000, '{"a":1}'.encode("utf-16"), b"{]", "{}".encode("utf-32")]
)
def test_what_is_not_json_in_utf_8_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="^not JSON"):
        from_json(body)


def test_json_with_a_byte_order_mark_is_read() -> None:
    assert from_json(b"\xef\xbb\xbf[1]") == [1]


def test_json_for_the_database_has_clean_texts_and_finite_numbers() -> None:
    value = {"a\x00": ["\ud800", math.nan, 10**5000, True, None, 2], "b": (b"x",)}

    assert json.loads(storable_json(value)) == {
        "a\ufffd": ["\ufffd", None, None, True, None, 2],
        "b": ["x"],
    }


def test_json_for_the_database_has_a_bounded_depth() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]

    assert storable_json(deep).count("[") == 100


def test_a_number_that_is_too_long_is_found_wherever_it_stands() -> None:
    for before in range(400):
        text = json.dumps({"before": "x" * before, "n": 10**300, "after": [1] * 9})
        assert from_json(text) == {"before": "x" * before, "n": None, "after": [1] * 9}
