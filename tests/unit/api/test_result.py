"""A success that was paid for is found wherever kie.ai put it, and nothing else is taken for it."""

import json
from typing import Any

import pytest

from kie.api.outcome import Result
from kie.api.result import MOST_LINKS, raw_text, read_result
from kie.http.link_policy import PUBLIC

A, B = "https://files.example.com/a.png", "https://files.example.com/b,1.png?x=1&y=2"


def read(made: Any, **fields: Any) -> Result:
    return read_result({"state": "success", "resultJson": made, **fields}, PUBLIC)


@pytest.mark.parametrize(
    "made",
    [
        {"resultUrls": [A, B]},
        {"resultUrls": f"{A},{B}"},
        {"resultUrls": f"{A}\n{B}"},
        {"resultUrls": json.dumps([A, B])},
        {"result_urls": [A, B]},
        {"urls": [{"url": A}, {"url": B}]},
        {"resultUrl": A, "more": B},
        {"data": {"images": [{"url": A, "width": 5}, {"url": B}]}},
        {"resultUrls": [], "videos": {"first": A, "second": B}},
        [A, B],
        f"{A} {B}",
        json.dumps(json.dumps({"resultUrls": [A, B]})),
        {"resultUrls": None, "resultObject": {"files": [A, B]}},
        f'{{"resultUrls": ["{A}", "{B}"',
    ],
)
def test_links_are_found_wherever_they_stand(made: Any) -> None:
    for form in (made, made if isinstance(made, str) else json.dumps(made)):
        found = set(read(form).urls)
        assert found == {A, B} or (found == {A} and "resultUrl" in made)


def test_links_beside_the_result_text_are_found() -> None:
    assert read(None, resultUrls=[A]).urls == (A,)
    assert read("", response={"resultUrls": [A]}).urls == (A,)
    assert read({"resultUrls": ["https://[x/y.png"]}, result_urls=[A]).urls == (A,)


def test_what_we_sent_ourselves_is_no_result() -> None:
    sent = {"param": json.dumps({"input": {"image_url": A}}), "callBackUrl": B, "input": {"i": A}}

    assert read({"resultUrls": []}, **sent) == Result()


def test_the_file_without_a_mark_is_taken_if_there_is_one() -> None:
    assert read({"resultWaterMarkUrls": [B], "resultUrls": [A]}).urls == (A,)
    assert read({"resultWaterMarkUrls": [B], "other": [A]}).urls == (A,)
    assert read({"resultWaterMarkUrls": [B]}).urls == (B,)


def test_a_link_that_cannot_be_opened_is_left_out() -> None:
    bad = ["https://[x/y.png", "https://exa℀mple.com/y.png", "http://169.254.169.254/", 5, None]

    assert read({"resultUrls": [*bad, A]}).urls == (A,)
    assert read({"resultUrls": bad}) == Result()


def test_each_link_counts_once_and_their_number_is_bounded() -> None:
    many = [f"https://files.example.com/{n}" for n in range(100)]

    assert read({"resultUrls": [A, A]}).urls == (A,)
    assert len(read({"resultUrls": many}).urls) == MOST_LINKS


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ({"text": " hello "}, "hello"),
        ({"transcript": f"they said {A}"}, f"they said {A}"),
        ("plain", "plain"),
        ({"n": 1}, '{\n "n": 1\n}'),
    ],
)
def test_a_text_is_a_result_and_a_link_within_a_sentence_is_none(found: Any, text: str) -> None:
    assert read({"resultObject": found}) == Result(text=text)


@pytest.mark.parametrize("made", [None, "", "nothing here", 5, [], {}, {"resultUrls": 7}, "[[[["])
def test_nothing_is_no_result(made: Any) -> None:
    assert read(made) == Result()


def test_a_deep_answer_is_not_walked_without_an_end() -> None:
    deep: Any = A
    for _ in range(500):
        deep = [deep]

    assert read(deep) == Result()


def test_the_operator_sees_an_answer_without_a_result_in_one_bounded_line() -> None:
    made = "a\n\x1b[2Jb" + "x" * 5000

    told = raw_text({"resultJson": made, "param": "secret wish", "failMsg": None})

    assert "\n" not in told
    assert "\x1b" not in told
    assert "secret wish" not in told
    assert len(told) <= 800
