"""Garbage in the place of kie.ai's answers: each call says what may be done next, and no more.

LONG=1 reads 60,000 of them. A failure names its seed: FUZZ_SEED repeats it.
"""

import json
import os
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from kie.api import wire
from kie.api.envelope import is_task_id
from kie.api.families import family_of
from kie.api.wire import MOST_CREDITS, Failed, Running, Succeeded
from kie.http.answer import Answer
from kie.http.link_policy import PUBLIC
from supervisor.runtime.errors import BotError, OutcomeUnknown
from supervisor.values.foreign import printable, storable
from tests.support.network.garbage import Garbage

LONG = bool(os.environ.get("LONG"))
SEED = int(os.environ.get("FUZZ_SEED") or random.randrange(10**6))
ANSWERS = 60_000 if LONG else 1_500
STATUSES = (*[200] * 12, 201, 204, 302, 400, 401, 402, 404, 413, 422, 429, 455, 500, 502, 503, 505)

TASK = "0f" * 16
URL = "https://files.example.com/fox.png"
RESULT = json.dumps({"resultUrls": [URL], "resultWaterMarkUrls": [URL]})
MARKET = {
    "taskId": TASK,
    "model": "z-image",
    "state": "success",
    "param": json.dumps({"model": "z-image", "input": {"prompt": "a fox"}}),
    "resultJson": RESULT,
    "failCode": None,
    "failMsg": None,
    "costTime": 12,
    "creditsConsumed": 0.8,
}
VEO = {
    "taskId": TASK,
    "successFlag": 1,
    "response": {"resultUrls": [URL], "originUrls": [URL], "resolution": "1080p"},
    "errorCode": None,
    "errorMessage": "",
}
SUNO = {
    "taskId": TASK,
    "status": "SUCCESS",
    "response": {
        "sunoData": [{"id": "a", "audioUrl": URL, "imageUrl": URL, "title": "Fox", "duration": 9.5}]
    },
    "errorMessage": None,
}
RECORDS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "z-image": (MARKET, {**MARKET, "state": "fail", "failCode": "500", "failMsg": "no"}),
    "veo/4k": (VEO, {**VEO, "successFlag": 3, "errorCode": 500}),
    "veo/fast": (VEO, {**VEO, "successFlag": 0}),
    "suno/generate": (SUNO, {**SUNO, "status": "SENSITIVE_WORD_ERROR"}),
}


def enveloped(data: Any) -> dict[str, Any]:
    return {"code": 200, "msg": "success", "data": data}


def garbage_answers(*data: Any) -> list[Answer]:
    made = Garbage(SEED)
    bodies = (*(b"", b"null", b"[]", b"200", b"<html>ok</html>", b"\xff\xfe{}"),)
    answers = [Answer(200, body) for body in bodies]
    while len(answers) < ANSWERS // 4:
        answers.append(Answer(made.choice(STATUSES), made.body(enveloped(made.choice(data)))))
    return answers


def outcome(read: Callable[[Answer], Any], answer: Answer) -> Any:
    """What a call makes of it: a value, or an error that says what may be done."""
    found: Any
    try:
        found = read(answer)
    except BotError as error:
        found = error
    except Exception as error:
        raise AssertionError(f"seed {SEED}: {answer}") from error
    if isinstance(found, BotError):
        assert printable(str(found), 10_000) == str(found), f"seed {SEED}: {answer}"
    return found


@pytest.mark.parametrize("model", RECORDS)
def test_what_is_read_of_a_task_can_be_stored_shown_and_counted(model: str) -> None:
    family = family_of(model)
    for answer in garbage_answers(*RECORDS[model]):
        found = outcome(lambda given: family.report(given, PUBLIC), answer)
        match found:
            case Succeeded(result, consumed):
                assert result.urls or result.text, f"seed {SEED}: {answer}"
                assert all(PUBLIC.link(url) == url for url in result.urls)
                texts = [result.text or "", *(song.title for song in result.songs)]
                assert [storable(text) for text in texts] == texts, f"seed {SEED}: {answer}"
                assert consumed is None or 0 <= consumed <= MOST_CREDITS
            case Failed(_, message, operator):
                assert printable(message, 10_000) == message, f"seed {SEED}: {answer}"
                assert operator is None or printable(str(operator), 10_000) == str(operator)
            case _:
                assert isinstance(found, Running | BotError), f"seed {SEED}: {answer}"


@pytest.mark.parametrize("model", RECORDS)
def test_a_task_that_may_exist_is_never_taken_for_one_that_does_not(model: str) -> None:
    family = family_of(model)
    for answer in garbage_answers({"taskId": TASK}):
        found = outcome(lambda given: family.created({"taskId": TASK}, given), answer)
        assert is_task_id(found) or isinstance(found, BotError), f"seed {SEED}: {answer}"


@pytest.mark.parametrize(
    ("read", "good"),
    [
        (wire.credit_balance, 100.5),
        (wire.uploaded_file, {"downloadUrl": URL, "fileName": "a.png"}),
        (wire.download_link, URL),
    ],
    ids=["credits", "upload", "link"],
)
def test_credits_uploads_and_links_are_what_they_should_be_or_an_error(
    read: Callable[[Answer], Any], good: Any
) -> None:
    for answer in garbage_answers(good):
        match outcome(read, answer):
            case float() as credits_left:
                assert 0 <= credits_left <= MOST_CREDITS, f"seed {SEED}: {answer}"
            case str() as link:
                assert PUBLIC.link(link) == link, f"seed {SEED}: {answer}"
            case found:
                assert isinstance(found, BotError), f"seed {SEED}: {answer}"


def test_a_callback_names_a_task_or_none() -> None:
    made = Garbage(SEED)
    for _ in range(ANSWERS // 4):
        body = made.body(enveloped({"taskId": TASK, "state": "success"}))
        task = wire.callback_task_id(body)
        assert task is None or is_task_id(task), f"seed {SEED}: {body!r}"
        assert wire.callback_is_early(body) in {True, False}


@pytest.mark.parametrize("code", [200, "200", 200.0, " 200 "])
def test_a_code_is_a_code_in_whatever_type_it_comes(code: object) -> None:
    body = json.dumps({"code": code, "msg": "success", "data": {"taskId": TASK}}).encode()

    assert wire.created_task(Answer(200, body)) == TASK


@pytest.mark.parametrize("code", [None, True, "ok", "2e2", "٢٠٠", [], {}, 200.5, 10**30])
def test_what_is_no_code_leaves_a_doubt(code: object) -> None:
    body = json.dumps({"code": code, "msg": "success", "data": {"taskId": TASK}}).encode()

    assert isinstance(outcome(wire.created_task, Answer(200, body)), OutcomeUnknown)
