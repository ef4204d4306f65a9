"""Veo and Suno behind the same reports as the market's models."""

import json
from typing import Any

import pytest

from kie.api import refusals, wire
from kie.api.families import MARKET, family_of
from kie.api.outcome import Failure, Result, Song
from kie.api.suno import NO_CALLBACK
from kie.api.wire import Failed, Report, Running, Succeeded
from kie.http.answer import Answer
from kie.http.link_policy import PUBLIC
from supervisor.runtime.errors import Unavailable

A, B = "https://files.example.com/a.mp3", "https://files.example.com/b.mp3"
COVER = "https://files.example.com/a.jpeg"


def answered(data: Any, code: int = 200, message: str = "success", status: int = 200) -> Answer:
    return Answer(status, json.dumps({"code": code, "msg": message, "data": data}).encode())


def veo(**data: Any) -> Report:
    return family_of("veo/text-to-video").report(answered({"taskId": "t", **data}), PUBLIC)


def suno(status: str, songs: Any = None, **data: Any) -> Report:
    made = {"taskId": "t", "status": status, "response": {"sunoData": songs}, **data}
    return family_of("suno/song").report(answered(made), PUBLIC)


def song(url: str = A, **more: Any) -> dict[str, Any]:
    usual = {"id": "s-1", "audioUrl": url, "imageUrl": COVER, "title": "Fox", "duration": 95.5}
    return {**usual, **more}


# ----------------------------------------------------------------------------- requests --


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("z-image", "/api/v1/jobs/createTask"),
        ("google/nano-banana", "/api/v1/jobs/createTask"),
        ("veo/text-to-video", "/api/v1/veo/generate"),
        ("suno/song", "/api/v1/generate"),
        ("veo/extend", "/api/v1/veo/extend"),
        ("veo/1080p", "/api/v1/veo/get-1080p-video"),
        ("veo/4k", "/api/v1/veo/get-4k-video"),
        ("suno/cover", "/api/v1/generate/upload-cover"),
        ("suno/extend", "/api/v1/generate/extend"),
    ],
)
def test_each_model_is_made_at_its_own_endpoint(model: str, path: str) -> None:
    assert family_of(model).creation(model, {}, None).path == path


def test_the_body_of_a_family_is_its_inputs_and_the_callback() -> None:
    body = family_of("veo/text-to-video").creation(
        "veo/text-to-video", {"prompt": "x"}, "https://c/"
    )

    assert body.body == {"prompt": "x", "callBackUrl": "https://c/"}


def test_without_a_callback_url_suno_alone_gets_one_and_it_leads_nowhere() -> None:
    for model in ("z-image", "veo/text-to-video"):
        assert "callBackUrl" not in family_of(model).creation(model, {}, None).body
    assert family_of("suno/song").creation("suno/song", {}, None).body["callBackUrl"] == NO_CALLBACK


def test_a_model_of_no_family_is_the_markets() -> None:
    assert family_of("") is family_of("veo3") is family_of("kling/v2") is MARKET


# ----------------------------------------------------------------------------- upgrades --

CLIP = {"taskId": "clip.1"}
LATER_1080P = "1080P is processing. It should be ready in 1-2 minutes."


def upgrade(code: int, message: str = "success", data: Any = None) -> Report:
    return family_of("veo/4k").report(answered(data, code, message), PUBLIC)


def test_an_upgrade_is_named_after_its_clip_and_asked_for_by_the_same_call() -> None:
    for model, method in (("veo/1080p", "GET"), ("veo/4k", "POST")):
        family = family_of(model)
        wanted = family.creation(model, CLIP, "https://c/")
        task = family.created(CLIP, answered(None, 400, LATER_1080P))
        asked = family.question(task)

        assert (wanted.method, wanted.body, wanted.repeatable) == (method, CLIP, True)
        assert task.startswith("clip.1.")
        assert (asked.method, asked.path) == (wanted.method, wanted.path)
        assert (asked.params or asked.body) == CLIP


def test_two_upgrades_of_one_clip_are_two_tasks() -> None:
    made = {family_of("veo/1080p").created(CLIP, answered({"resultUrl": A})) for _ in range(2)}
    assert len(made) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (answered(None, 422, "Record does not exist"), refusals.TaskRefused),
        (answered(None, 402, "Credits insufficient"), refusals.TaskRefused),
        (answered(None, 455, "maintenance"), Unavailable),
        (Answer(502, b"<html>"), Unavailable),
    ],
)
def test_an_upgrade_that_is_not_begun_says_why(answer: Answer, error: type[Exception]) -> None:
    with pytest.raises(error):
        family_of("veo/4k").created(CLIP, answer)


def test_an_upgrade_is_running_until_it_has_a_link() -> None:
    assert upgrade(422, "4K video is processing, please try again later") == Running()
    assert upgrade(400, LATER_1080P) == Running()
    assert upgrade(200, data={"taskId": "t", "resultUrls": None, "imageUrls": None}) == Running()
    done = upgrade(200, data={"resultUrls": [A], "imageUrls": [COVER]})
    assert done == Succeeded(Result((A,)), None)
    small = family_of("veo/1080p").report(answered({"resultUrl": A}), PUBLIC)
    assert small == Succeeded(Result((A,)), None)


def test_an_upgrade_fails_by_kies_own_word_and_by_no_other() -> None:
    failed = upgrade(500, "Internal Error, Please try again later.")
    assert isinstance(failed, Failed)
    assert failed.failure is Failure.BROKEN
    empty = upgrade(200, data={"resultUrls": []})
    assert isinstance(empty, Failed)
    assert empty.failure is Failure.NO_RESULT
    with pytest.raises(refusals.TaskUnknown):
        upgrade(422, "Record does not exist")
    for away in (answered(None, 500, "oops", status=500), Answer(502, b"<html>")):
        with pytest.raises(Unavailable):
            family_of("veo/4k").report(away, PUBLIC)
    with pytest.raises(Unavailable):
        upgrade(500, "The server is currently being maintained, please try again later~")


# ---------------------------------------------------------------------------------- Veo --


@pytest.mark.parametrize("flag", [0, None, "1", True, 7])
def test_a_clip_that_is_not_said_to_be_done_is_running(flag: Any) -> None:
    assert veo(successFlag=flag) == Running()


@pytest.mark.parametrize(
    "response",
    [
        {"resultUrls": [A]},
        {"resultUrls": f"[{A}]"},
        {"resultUrls": json.dumps([A])},
        {"resultUrls": [], "fullResultUrls": [A]},
        json.dumps({"resultUrls": [A]}),
    ],
)
def test_a_clip_that_is_done_is_found(response: Any) -> None:
    assert veo(successFlag=1, response=response) == Succeeded(Result((A,)), None)


def test_an_extension_is_the_whole_clip() -> None:
    response = {"resultUrls": [A], "fullResultUrls": [B]}
    assert veo(successFlag=1, response=response) == Succeeded(Result((B,)), None)


@pytest.mark.parametrize("response", [None, {}, {"resultUrls": ["https://[x/"]}, 5])
def test_a_clip_without_a_link_shows_the_operator_what_came(response: Any) -> None:
    report = veo(successFlag=1, response=response)

    assert isinstance(report, Failed)
    assert report.failure is Failure.NO_RESULT
    assert report.operator is not None


@pytest.mark.parametrize(
    ("flag", "code", "text", "failure"),
    [
        (2, 501, "generation failed", Failure.BROKEN),
        (3, 400, "Your request was flagged", Failure.REFUSED_CONTENT),
        (3, None, None, Failure.BROKEN),
    ],
)
def test_a_clip_that_failed_says_why(flag: int, code: Any, text: Any, failure: Failure) -> None:
    report = veo(successFlag=flag, errorCode=code, errorMessage=text)

    assert isinstance(report, Failed)
    assert report.failure is failure


# --------------------------------------------------------------------------------- Suno --


@pytest.mark.parametrize("status", ["PENDING", "TEXT_SUCCESS", "FIRST_SUCCESS", "new", ""])
def test_songs_that_are_not_all_ready_are_running(status: str) -> None:
    assert suno(status, [song()]) == Running()


def test_two_songs_are_one_result_with_title_cover_and_length() -> None:
    report = suno("SUCCESS", [song(), song(B, id="s-2", imageUrl=None, duration="long")])

    songs = (Song(A, "Fox", "Suno", COVER, 95.5, "s-1"), Song(B, "Fox", "Suno", None, None, "s-2"))
    assert report == Succeeded(Result((A, B), songs=songs), None)


def test_songs_are_taken_though_kies_own_call_to_us_failed() -> None:
    report = suno("CALLBACK_EXCEPTION", [song()])

    assert isinstance(report, Succeeded)
    assert suno("CALLBACK_EXCEPTION", []) == Running()
    assert suno("CALLBACK_EXCEPTION", [song(), song("")]) == Running()
    broken = suno("CALLBACK_EXCEPTION", [song("https://[x/")])
    assert isinstance(broken, Failed)


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        ("CREATE_TASK_FAILED", Failure.BROKEN),
        ("GENERATE_AUDIO_FAILED", Failure.BROKEN),
        ("SENSITIVE_WORD_ERROR", Failure.REFUSED_CONTENT),
    ],
)
def test_songs_that_failed_say_why(status: str, failure: Failure) -> None:
    report = suno(status, None, errorCode=531, errorMessage="no\nluck")

    assert isinstance(report, Failed)
    assert report.failure is failure
    assert "\n" not in report.message


@pytest.mark.parametrize(
    "songs", [None, [], [None, 5, {}], "songs", [{"audioUrl": "http://10.0.0.1/"}]]
)
def test_a_success_without_a_song_is_none(songs: Any) -> None:
    report = suno("SUCCESS", songs)

    assert isinstance(report, Failed)
    assert report.failure is Failure.NO_RESULT


# ------------------------------------------------------------------------------ for both --


@pytest.mark.parametrize("model", ["veo/text-to-video", "suno/song"])
def test_a_task_that_the_family_does_not_know_is_unknown(model: str) -> None:
    for answer in (answered(None), answered(None, 422, "record is null")):
        with pytest.raises(refusals.TaskUnknown):
            family_of(model).report(answer, PUBLIC)


@pytest.mark.parametrize("model", ["veo/text-to-video", "suno/song"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (answered(None, 401, "no"), refusals.TaskRefused),
        (answered(None, 500, "oops"), Unavailable),
        (Answer(502, b"<html>"), Unavailable),
        (Answer(401, b"<html>"), refusals.TaskRefused),
    ],
)
def test_trouble_with_the_question_ends_no_task(
    model: str, answer: Answer, error: type[Exception]
) -> None:
    with pytest.raises(error):
        family_of(model).report(answer, PUBLIC)


@pytest.mark.parametrize(
    ("body", "early"),
    [
        ({"data": {"callbackType": "text", "task_id": "t"}}, True),
        ({"data": {"callbackType": "first", "task_id": "t"}}, True),
        ({"data": {"callbackType": "complete", "task_id": "t"}}, False),
        ({"data": {"callbackType": "error"}}, False),
        ({"data": {"callbackType": ["text"]}}, False),
        ({"data": {"taskId": "t"}}, False),
        ([], False),
    ],
)
def test_a_callback_of_an_early_stage_is_told_from_the_last(body: Any, early: bool) -> None:
    assert wire.callback_is_early(json.dumps(body).encode()) is early
