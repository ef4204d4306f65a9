"""Whose task a record of kie.ai is about."""

import json

import pytest

from kie.api import wire
from kie.api.outcome import Failure
from kie.http.answer import Answer

MADE_FOR = "https://bot.example/callbacks/kie/{}/0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("field", "given", "other"),
    [
        ("param", json.dumps({"callBackUrl": MADE_FOR.format(8)}), 8),
        ("param", {"callBackUrl": MADE_FOR.format(8)}, 8),
        ("paramJson", json.dumps({"callBackUrl": MADE_FOR.format(8)}), 8),
        ("param", json.dumps({"callBackUrl": MADE_FOR.format(7)}), None),
        ("param", json.dumps({"callBackUrl": "https://another.example/kie/8"}), None),
        ("param", json.dumps({"callBackUrl": MADE_FOR.format(8) + "/x"}), None),
        ("param", json.dumps({"input": {"prompt": MADE_FOR.format(8)}}), None),
        ("param", json.dumps({"callBackUrl": [8]}), None),
        ("param", json.dumps([MADE_FOR.format(8)]), None),
        ("param", "{", None),
        ("param", None, None),
    ],
)
def test_a_record_tells_by_the_url_of_its_callback_whose_task_it_is(
    field: str, given: object, other: int | None
) -> None:
    body = {"code": 200, "msg": "success", "data": {"taskId": "t-1", field: given}}
    record = Answer(200, json.dumps(body).encode())

    ended = wire.of_another_job(record, 7)

    assert (ended is not None) is (other is not None)
    if ended is not None:
        assert ended.failure is Failure.UNCLEAR
        assert str(ended.operator) == f"task_of_another(task=t-1, other={other})"
