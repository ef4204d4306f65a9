"""A file that kie.ai has and cannot read: nobody's words or settings are to blame."""

import json
from typing import Any

import pytest

from kie.api import wire
from kie.api.families import family_of
from kie.api.outcome import Failure
from kie.api.refusals import TaskRefused
from kie.api.wire import Failed, Report
from kie.http.answer import Answer
from kie.http.link_policy import PUBLIC

NOT_FETCHED = "Failed to fetch the image. Kindly verify any access limits set by you."


def answered(data: Any, code: int = 200, message: str = "success") -> Answer:
    return Answer(200, json.dumps({"code": code, "msg": message, "data": data}).encode())


def report(model: str, answer: Answer) -> Report:
    return family_of(model).report(answer, PUBLIC)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (400, NOT_FETCHED),
        (451, ""),
        (451, NOT_FETCHED),
        (422, "Failed to get the file information"),
    ],
)
def test_a_creation_that_ends_by_it_is_broken(code: int, message: str) -> None:
    with pytest.raises(TaskRefused) as caught:
        wire.created_task(answered(None, code, message))

    assert caught.value.failure is Failure.BROKEN


@pytest.mark.parametrize(
    ("code", "message"), [(400, NOT_FETCHED), ("400", NOT_FETCHED), ("451", None), (451, "x")]
)
def test_a_task_that_ends_by_it_is_broken(code: Any, message: Any) -> None:
    clip = {"taskId": "t", "successFlag": 3, "errorCode": code, "errorMessage": message}
    picture = {"taskId": "t", "state": "fail", "failCode": code, "failMsg": message}

    for model, data in (("veo/text-to-video", clip), ("z-image", picture)):
        found = report(model, answered(data))
        assert isinstance(found, Failed)
        assert found.failure is Failure.BROKEN


def test_a_task_without_a_record_has_ended_by_it() -> None:
    found = report("veo/text-to-video", answered(None, 451, NOT_FETCHED))

    assert isinstance(found, Failed)
    assert found.failure is Failure.BROKEN
