"""What kie.ai's answers mean, body by body, as they were seen on the wire."""

import json
from typing import Any

import pytest

from kie.api import refusals, wire
from kie.api.limiter import Busy
from kie.api.outcome import Failure, Result
from kie.http.answer import Answer
from supervisor.runtime.errors import OutcomeUnknown, Unavailable


def answer(code: Any, message: str = "", data: Any = None, *, status: int = 200) -> Answer:
    return Answer(status, json.dumps({"code": code, "msg": message, "data": data}).encode())


def record(state: str, **fields: Any) -> Answer:
    return answer(200, "success", {"taskId": "t", "state": state, "resultJson": "", **fields})


def test_a_created_task_has_its_number() -> None:
    assert wire.created_task(answer(200, "success", {"taskId": "abc", "recordId": "abc"})) == "abc"


@pytest.mark.parametrize(
    ("code", "message", "failure", "for_operator"),
    [
        (401, "You do not have access permissions", Failure.UNAVAILABLE, True),
        (402, "Credits insufficient : …", Failure.UNAVAILABLE, True),
        (500, "Credits insufficient", Failure.UNAVAILABLE, True),
        (433, "Sub-key Usage Exceeds Limit", Failure.UNAVAILABLE, True),
        (422, "The model name you specified is not supported.", Failure.UNAVAILABLE, False),
        (422, "The page does not exist or is not published", Failure.UNAVAILABLE, False),
        (500, "This field is required", Failure.REFUSED_INPUT, False),
        (422, "不能为空", Failure.REFUSED_INPUT, False),
        (500, "nsfw_checker it must be a boolean", Failure.REFUSED_INPUT, False),
        (422, "The prompt is prohibited", Failure.REFUSED_CONTENT, False),
    ],
)
def test_a_refusal_inside_http_200_is_final(
    code: int, message: str, failure: Failure, for_operator: bool
) -> None:
    with pytest.raises(refusals.TaskRefused) as caught:
        wire.created_task(answer(code, message))

    assert caught.value.failure is failure
    assert (caught.value.operator is not None) is for_operator
    assert not caught.value.once_more


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (429, "Your call frequency is too high. Please try again later."),
        (455, "maintenance"),
        (503, "The server is currently being maintained, please try again later~"),
        (500, "The server is currently being maintained, please try again later~"),
    ],
)
def test_later_means_later(code: int, message: str) -> None:
    with pytest.raises(Unavailable):
        wire.created_task(answer(code, message))


@pytest.mark.parametrize("found", [Answer(429, b"slow down"), answer(430), answer(429)])
def test_too_many_calls_are_no_outage(found: Answer) -> None:
    with pytest.raises(Busy):
        wire.created_task(found)


@pytest.mark.parametrize("status", [400, 404, 413])
def test_a_page_that_says_that_nobody_read_the_request_leaves_no_doubt(status: int) -> None:
    with pytest.raises(refusals.TaskRefused) as caught:
        wire.created_task(Answer(status, b"<html>"))

    assert caught.value.operator is not None


def test_a_withdrawn_model_is_told_apart_from_an_account_in_trouble() -> None:
    with pytest.raises(refusals.TaskRefused) as caught:
        wire.created_task(answer(422, "The model name you specified is not supported."))

    assert caught.value.withdrawn
    assert caught.value.operator is None


def test_a_vague_500_is_worth_one_repetition() -> None:
    with pytest.raises(refusals.TaskRefused) as caught:
        wire.created_task(answer(500, "Server exception, please try again later"))

    assert caught.value.once_more


@pytest.mark.parametrize(
    "found",
    [
        Answer(502, b"<html>Bad Gateway</html>"),
        Answer(200, b""),
        Answer(200, b"[]"),
        answer(200, "success", {}),
        answer(200, "success", None),
        answer(True, "a boolean is no code"),
    ],
)
def test_an_unreadable_answer_to_a_creation_leaves_a_doubt(found: Answer) -> None:
    with pytest.raises(OutcomeUnknown):
        wire.created_task(found)


@pytest.mark.parametrize("state", ["waiting", "queuing", "generating", "something new"])
def test_any_other_state_is_still_running(state: str) -> None:
    assert wire.task_report(record(state)) == wire.Running()


def test_a_result_is_read_from_text_inside_the_json() -> None:
    found = record(
        "success", resultJson='{"resultUrls":["https://a.example/b.png"]}', creditsConsumed=0.8
    )

    assert wire.task_report(found) == wire.Succeeded(Result(("https://a.example/b.png",)), 0.8)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ({"text": " hello ", "words": []}, "hello"),
        ("plain", "plain"),
        ({"n": 1}, '{\n "n": 1\n}'),
        ({"text": "a\x00b\ud800"}, "a\ufffdb\ufffd"),
    ],
)
def test_a_text_result_is_read_as_text(found: Any, text: str) -> None:
    report = wire.task_report(record("success", resultJson=json.dumps({"resultObject": found})))

    assert report == wire.Succeeded(Result(text=text), None)


def test_what_a_database_cannot_hold_is_shown_instead() -> None:
    with pytest.raises(refusals.TaskRefused) as caught:
        wire.created_task(answer(422, "no\x00\ud800 way"))
    failed = wire.task_report(record("fail", failCode="5\x00", failMsg="\udfff"))

    assert str(caught.value) == r"kie.ai: 422 no\x00\ud800 way"
    assert isinstance(failed, wire.Failed)
    assert failed.message == r"5\x00 \udfff"
    for bad in ("a\x00b", "a\ud800", "a\n"):
        with pytest.raises(OutcomeUnknown):
            wire.created_task(answer(200, "success", {"taskId": bad}))
        assert wire.callback_task_id(json.dumps({"taskId": bad}).encode()) is None


def test_a_body_that_is_nested_for_ever_is_unreadable() -> None:
    assert wire.callback_task_id(b"[" * 500_000) is None


@pytest.mark.parametrize(
    "result", ["", None, "{}", '{"resultObject":{}}', '{"resultUrls":[]}', "nonsense", '{"a":1}']
)
def test_a_success_without_a_result_is_a_failure(result: Any) -> None:
    report = wire.task_report(record("success", resultJson=result))

    assert isinstance(report, wire.Failed)
    assert report.failure is Failure.NO_RESULT


@pytest.mark.parametrize(
    ("code", "message", "failure"),
    [
        ("500", "Internal Error, Please try again later.", Failure.BROKEN),
        ("GENERATION_FAILED", None, Failure.BROKEN),
        (None, None, Failure.BROKEN),
        ("422", "prompt contains prohibited words", Failure.REFUSED_CONTENT),
    ],
)
def test_a_failed_task_says_why(code: Any, message: Any, failure: Failure) -> None:
    report = wire.task_report(record("fail", failCode=code, failMsg=message))

    assert isinstance(report, wire.Failed)
    assert report.failure is failure


def test_the_outer_code_of_a_failed_task_does_not_hide_it() -> None:
    data = {"state": "fail", "failCode": "501", "failMsg": "Generation Failed"}

    assert isinstance(wire.task_report(answer(501, "Generation Failed", data)), wire.Failed)
    assert isinstance(wire.task_report(answer(501, "Generation Failed")), wire.Failed)


def test_an_unknown_task_is_not_a_failed_one() -> None:
    with pytest.raises(refusals.TaskUnknown):
        wire.task_report(answer(422, "recordInfo is null"))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_error_of_the_edge_while_asking_ends_no_task(status: int) -> None:
    with pytest.raises(Unavailable):
        wire.task_report(Answer(status, b"<html>"))


@pytest.mark.parametrize("data", [60, 60.62, 0])
def test_credits_are_a_number_of_either_kind(data: float) -> None:
    assert wire.credit_balance(answer(200, "success", data)) == data


@pytest.mark.parametrize("data", [True, None, "60", {}])
def test_credits_that_are_no_number_are_not_guessed(data: Any) -> None:
    with pytest.raises((Unavailable, refusals.TaskRefused)):
        wire.credit_balance(answer(200, "success", data))


@pytest.mark.parametrize(
    ("body", "task"),
    [
        ({"data": {"taskId": "a"}}, "a"),
        ({"data": {"task_id": "b"}}, "b"),
        ({"taskId": "c"}, "c"),
        ({"data": None, "taskId": "d"}, "d"),
        ({"data": {"taskId": 5}}, None),
        ({"data": {"taskId": "x" * 300}}, None),
        ([], None),
        ("text", None),
    ],
)
def test_a_callback_names_its_task_in_one_of_several_ways(body: Any, task: str | None) -> None:
    assert wire.callback_task_id(json.dumps(body).encode()) == task


def test_a_callback_that_is_no_json_names_no_task() -> None:
    assert wire.callback_task_id(b"\xff<html>") is None
    assert wire.callback_task_id(b"[" * 60_000) is None
    for odd in (r"\ud800", r"x\u0000y", "", "x" * 201, "ü"):
        assert wire.callback_task_id(f'{{"taskId": "{odd}"}}'.encode()) is None


@pytest.mark.parametrize("found", [answer(429, "too high"), Answer(429, b"<html>")])
def test_too_many_queries_are_busy_and_no_outage(found: Answer) -> None:
    with pytest.raises(Busy):
        wire.task_report(found)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_on_the_way_that_speaks_json_leaves_a_doubt(status: int) -> None:
    with pytest.raises(OutcomeUnknown):
        wire.created_task(answer(status, "Bad Gateway", status=status))
    with pytest.raises(Unavailable):
        wire.created_task(answer(status, "The server is currently being maintained", status=status))


@pytest.mark.parametrize(
    ("code", "failure"),
    [(501, Failure.BROKEN), (408, Failure.BROKEN), (505, Failure.UNAVAILABLE)],
)
def test_a_generation_that_fails_at_once_is_not_the_users_fault(
    code: int, failure: Failure
) -> None:
    with pytest.raises(refusals.TaskRefused) as caught:
        wire.created_task(answer(code, "Generation Failed"))

    assert caught.value.failure is failure
    assert caught.value.operator is None


# ------------------------------------------------------------ whose words they are --


@pytest.mark.parametrize(
    "message",
    [
        'the prompt "the page does not exist or is not published" is too short',
        "Invalid value: 'The model name you specified is not supported'",
        "prompt: page does not exist",
    ],
)
@pytest.mark.parametrize("code", [422, 404, 500])
def test_a_quoted_wish_withdraws_no_model(message: str, code: int) -> None:
    with pytest.raises(refusals.TaskRefused) as caught:
        wire.created_task(answer(code, message))

    assert not caught.value.withdrawn


@pytest.mark.parametrize(
    "message",
    [
        "prompt 'credits insufficient' is not accepted",
        "Your text: The server is currently being maintained. It is too short",
    ],
)
def test_a_quoted_wish_closes_no_shop(message: str) -> None:
    with pytest.raises(refusals.TaskRefused) as caught:
        wire.created_task(answer(500, message))

    assert caught.value.operator is None


def test_a_quoted_wish_in_a_query_does_not_lose_a_task() -> None:
    with pytest.raises(Unavailable) as caught:
        wire.task_report(answer(500, "your prompt: recordInfo is null"))

    assert not isinstance(caught.value, refusals.TaskUnknown)


def test_words_of_kie_are_one_printable_line() -> None:
    with pytest.raises(refusals.TaskRefused) as caught:
        wire.created_task(answer(422, "bad\n2026-01-01 CRITICAL \x1b[2Jforged"))

    assert str(caught.value) == r"kie.ai: 422 bad\n2026-01-01 CRITICAL \x1b[2Jforged"


def test_a_success_without_a_result_shows_the_operator_what_came() -> None:
    report = wire.task_report(record("success", resultJson='{"pictures": "at the usual place"}'))

    assert isinstance(report, wire.Failed)
    assert report.failure is Failure.NO_RESULT
    assert report.operator is not None
    assert report.operator.name == "no_result"
    assert "at the usual place" in str(report.operator)


@pytest.mark.parametrize("balance", ["NaN", "-5", "1e300", "1" + "0" * 5000, "Infinity", "-0.01"])
def test_a_balance_that_can_be_none_is_not_taken_for_no_credits(balance: str) -> None:
    body = f'{{"code": 200, "msg": "success", "data": {balance}}}'.encode()

    with pytest.raises(Unavailable):
        wire.credit_balance(Answer(200, body))


@pytest.mark.parametrize("consumed", ["NaN", "-1", "1e300", '"5"', "true", "9" * 5000])
def test_a_charge_that_can_be_none_is_not_stored(consumed: str) -> None:
    result = json.dumps(json.dumps({"resultUrls": ["https://a.example/b.png"]}))
    data = f'{{"state": "success", "resultJson": {result}, "creditsConsumed": {consumed}}}'
    body = f'{{"code": 200, "msg": "success", "data": {data}}}'.encode()

    report = wire.task_report(Answer(200, body))

    assert report == wire.Succeeded(Result(("https://a.example/b.png",)), None)
