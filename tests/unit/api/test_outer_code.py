"""The code beside a record, or in place of one: what it says of the task."""

import json
from typing import Any

import pytest

from kie.api import refusals
from kie.api.families import family_of
from kie.api.outcome import Failure
from kie.api.wire import Failed
from kie.http.answer import Answer
from kie.http.link_policy import PUBLIC
from supervisor.runtime.errors import Unavailable


def answered(data: Any, code: int, message: str) -> Answer:
    return Answer(200, json.dumps({"code": code, "msg": message, "data": data}).encode())


@pytest.mark.parametrize(
    ("model", "data"),
    [
        ("veo/text-to-video", {"successFlag": 3, "errorCode": 501, "errorMessage": "no luck"}),
        ("suno/song", {"status": "GENERATE_AUDIO_FAILED", "errorCode": 501}),
    ],
)
@pytest.mark.parametrize("code", [400, 500, 501])
def test_the_outer_code_of_a_record_does_not_hide_how_its_task_ended(
    model: str, data: dict[str, Any], code: int
) -> None:
    report = family_of(model).report(answered({"taskId": "t", **data}, code, "failed"), PUBLIC)

    assert isinstance(report, Failed)
    assert report.failure is Failure.BROKEN


@pytest.mark.parametrize("model", ["z-image", "veo/text-to-video", "suno/song"])
@pytest.mark.parametrize(
    ("code", "message", "failure"),
    [
        (501, "Failed - Video generation task failed", Failure.BROKEN),
        (408, "timeout", Failure.BROKEN),
        (400, "Your prompt was flagged as violating content policies.", Failure.REFUSED_CONTENT),
    ],
)
def test_a_task_without_a_record_has_failed_when_the_code_says_so(
    model: str, code: int, message: str, failure: Failure
) -> None:
    report = family_of(model).report(answered(None, code, message), PUBLIC)

    assert isinstance(report, Failed)
    assert report.failure is failure


@pytest.mark.parametrize("model", ["z-image", "veo/text-to-video", "veo/1080p", "suno/song"])
@pytest.mark.parametrize(
    "message",
    [
        "record status is not success.",
        "record result data is blank.",
        "Record result data is empty",
    ],
)
def test_a_record_that_is_not_complete_yet_is_no_unknown_task(model: str, message: str) -> None:
    with pytest.raises(Unavailable) as caught:
        family_of(model).report(answered(None, 422, message), PUBLIC)

    assert not isinstance(caught.value, refusals.TaskUnknown)
