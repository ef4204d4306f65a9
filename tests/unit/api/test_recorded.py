"""The real client over HTTP, answered with bodies as they were recorded or documented.

The same calls as against the simulator: both must lead to the same outcomes, or the
simulator lies.
"""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from kie.api import refusals, wire
from kie.api.client import KieClient
from kie.api.limiter import Busy
from kie.api.outcome import Failure, Result
from supervisor.runtime.errors import OutcomeUnknown, Unavailable
from tests.support.jobs.shop import INPUTS, kie_client

JSON = "application/json;charset=UTF-8"
TASK = "5fdec0f2a1b34c5d9e8f7a6b5c4d3e84"
#: recordInfo of a task at work: every key is there, ``input`` is encoded twice.
WAITING: dict[str, Any] = {
    "taskId": TASK,
    "model": "z-image",
    "state": "waiting",
    "param": '{"input":"{\\"aspect_ratio\\":\\"1:1\\"}","model":"z-image"}',
    "resultJson": "",
    "failCode": None,
    "failMsg": None,
    "costTime": None,
    "completeTime": None,
    "createTime": 1776862567160,
}
DONE = {
    **WAITING,
    "state": "success",
    "resultJson": '{"resultUrls":["https://tempfile.aiquickdraw.com/r/1_a.png"]}',
    "costTime": 55,
    "completeTime": 1776862622160,
}
FAILED = {
    **WAITING,
    "state": "fail",
    "failCode": "500",
    "failMsg": "Internal Error, Please try again later.",
    "completeTime": 1776862622160,
}
#: The documented failure has no times, and an object where the wire has text.
REFUSED = {
    "taskId": TASK,
    "model": "z-image",
    "state": "fail",
    "param": {"input": {"prompt": "a cat"}},
    "resultJson": "",
    "failCode": "422",
    "failMsg": "The prompt contains prohibited content",
}


class Recording:
    """A server that gives the same answer to whatever it is asked."""

    def __init__(self) -> None:
        self.status, self.body, self.mime = 200, b"", JSON
        self.asked: list[tuple[str, str]] = []
        recording = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                recording.asked.append((self.path, self.headers.get("User-Agent", "")))
                self.send_response(recording.status)
                self.send_header("Content-Type", recording.mime)
                self.send_header("Set-Cookie", "JSESSIONID=0; Path=/; HttpOnly")
                self.send_header("Content-Length", str(len(recording.body)))
                self.end_headers()
                self.wfile.write(recording.body)

            do_GET = do_POST = _answer

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answers(self, code: int, message: str, data: Any = None) -> None:
        self.status, self.mime = 200, JSON
        self.body = json.dumps({"code": code, "msg": message, "data": data}).encode()

    def shows(self, status: int, page: str, mime: str = "text/html") -> None:
        self.status, self.body, self.mime = status, page.encode(), mime

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@pytest.fixture
def recording() -> Iterator[Recording]:
    made = Recording()
    yield made
    made.close()


@pytest.fixture
def client(recording: Recording) -> KieClient:
    return kie_client(recording.url)


def test_a_creation(recording: Recording, client: KieClient) -> None:
    recording.answers(200, "success", {"taskId": TASK, "recordId": TASK})

    assert client.create_task("z-image", INPUTS, "https://x/callback") == TASK
    ((path, agent),) = recording.asked
    assert path == "/api/v1/jobs/createTask"
    assert agent == "trt/test"


@pytest.mark.parametrize(
    ("data", "report"),
    [
        (WAITING, wire.Running()),
        (
            DONE,
            wire.Succeeded(Result(("https://tempfile.aiquickdraw.com/r/1_a.png",)), None),
        ),
        (
            {**DONE, "creditsConsumed": 0.8, "updateTime": 1776862622160},
            wire.Succeeded(Result(("https://tempfile.aiquickdraw.com/r/1_a.png",)), 0.8),
        ),
        (
            FAILED,
            wire.Failed(Failure.BROKEN, "500 Internal Error, Please try again later."),
        ),
        (
            REFUSED,
            wire.Failed(Failure.REFUSED_CONTENT, "422 The prompt contains prohibited content"),
        ),
    ],
)
def test_a_task(
    recording: Recording, client: KieClient, data: dict[str, Any], report: wire.Report
) -> None:
    recording.answers(200, "success", data)

    assert client.record_info(TASK) == report


@pytest.mark.parametrize(
    ("model", "data"),
    [
        ("z-image", DONE),
        ("z-image", FAILED),
        (
            "veo/text-to-video",
            {"successFlag": 1, "response": {"resultUrls": ["https://a.example/b"]}},
        ),
        ("suno/song", {"status": "SENSITIVE_WORD_ERROR"}),
    ],
)
def test_the_record_of_another_task_is_no_answer(
    recording: Recording, client: KieClient, model: str, data: dict[str, Any]
) -> None:
    recording.answers(200, "success", {**data, "taskId": "f" * 32})

    with pytest.raises(Unavailable, match="another task"):
        client.record_info(TASK, model)

    without = {key: value for key, value in data.items() if key != "taskId"}
    recording.answers(200, "success", without)
    assert not isinstance(client.record_info(TASK, model), wire.Running)


def test_a_record_may_tell_the_id_of_its_task_as_a_number(
    recording: Recording, client: KieClient
) -> None:
    recording.answers(200, "success", {**DONE, "taskId": 281})

    assert isinstance(client.record_info("281"), wire.Succeeded)


def refusal(client: KieClient) -> refusals.TaskRefused:
    with pytest.raises(refusals.TaskRefused) as caught:
        client.create_task("z-image", INPUTS, None)
    return caught.value


def later(client: KieClient) -> None:
    with pytest.raises(Unavailable):
        client.create_task("z-image", INPUTS, None)


def busy(client: KieClient) -> None:
    with pytest.raises(Busy):
        client.create_task("z-image", INPUTS, None)


def doubt(client: KieClient) -> None:
    with pytest.raises(OutcomeUnknown):
        client.create_task("z-image", INPUTS, None)


def operators(client: KieClient) -> None:
    assert refusal(client).operator is not None


def users(client: KieClient) -> None:
    error = refusal(client)
    assert (error.operator, error.failure) == (None, Failure.REFUSED_INPUT)


def withdrawn(client: KieClient) -> None:
    assert refusal(client).withdrawn


def once_more(client: KieClient) -> None:
    assert refusal(client).once_more


NOT_SUPPORTED = (
    "The model name you specified is not supported. Please verify your input and use one of the"
    " supported models provided by KIE."
)
NO_CREDITS = (
    "Credits insufficient : Your current balance isn’t enough to run this request. Please top up"
    " to continue."
)
MAINTAINED = "The server is currently being maintained, please try again later~"


@pytest.mark.parametrize(
    ("code", "message", "outcome"),
    [
        (401, "You do not have access permissions", operators),
        (402, NO_CREDITS, operators),
        (500, NO_CREDITS, operators),
        (433, "Sub-key Usage Exceeds Limit", operators),
        (422, NOT_SUPPORTED, withdrawn),
        (422, "The page does not exist or is not published", withdrawn),
        (422, "不能为空", users),
        (500, "This field is required", users),
        (500, "aspect_ratio is required", users),
        (500, "nsfw_checker it must be a boolean", users),
        (500, "Server exception, please try again later", once_more),
        (429, "Your call frequency is too high. Please try again later.", busy),
        (500, MAINTAINED, later),
        (503, MAINTAINED, later),
        (455, "maintenance", later),
    ],
)
def test_an_error_inside_http_200(
    recording: Recording,
    client: KieClient,
    code: int,
    message: str,
    outcome: Callable[[KieClient], None],
) -> None:
    recording.answers(code, message)

    outcome(client)

    assert len(recording.asked) == 1  # a creation is never repeated here


@pytest.mark.parametrize(
    ("status", "page", "outcome"),
    [
        (403, "error code: 1010", operators),
        (429, "too many", busy),
        (502, "<html>502 Bad Gateway</html>", doubt),
        (503, "<html>503</html>", doubt),
        (504, "", doubt),
        (200, "<html>a captive portal</html>", doubt),
    ],
)
def test_an_error_of_the_edge(
    recording: Recording,
    client: KieClient,
    status: int,
    page: str,
    outcome: Callable[[KieClient], None],
) -> None:
    recording.shows(status, page)

    outcome(client)

    assert len(recording.asked) == 1


def test_an_unauthorized_answer_of_the_newer_paths(recording: Recording, client: KieClient) -> None:
    text = (
        "Unauthorized – Authentication failed. Please check that your Authorization and"
        " Content-Type headers are correctly set."
    )
    recording.shows(401, json.dumps({"code": 401, "msg": text}), JSON)

    operators(client)


def test_a_fresh_or_unknown_task(recording: Recording, client: KieClient) -> None:
    recording.answers(422, "recordInfo is null")

    with pytest.raises(refusals.TaskUnknown):
        client.record_info(TASK)


def test_credits_as_a_fraction(recording: Recording, client: KieClient) -> None:
    recording.answers(200, "success", 60.62)

    assert client.credits() == pytest.approx(60.62)


def test_an_upload_and_its_refusal(recording: Recording, client: KieClient) -> None:
    link = "https://tempfile.redpandaai.co/kieai/1/images/a.png"
    data = {
        "success": True,
        "fileName": "a.png",
        "filePath": "kieai/1/images/a.png",
        "downloadUrl": link,
        "fileSize": 154832,
        "mimeType": "image/png",
        "uploadedAt": "2026-04-30T08:53:07.000Z",
    }
    body = {"success": True, "code": 200, "msg": "File uploaded successfully", "data": data}
    recording.shows(200, json.dumps(body), JSON)
    assert client.upload("a.png", b"x", "image/png") == link

    missing = {"success": False, "code": 400, "msg": "Missing required parameter: uploadPath"}
    recording.shows(400, json.dumps(missing), JSON)
    with pytest.raises(refusals.TaskRefused):
        client.upload("a.png", b"x", "image/png")


def test_a_link_to_a_foreign_file_is_refused(recording: Recording, client: KieClient) -> None:
    recording.answers(422, "url is wrong")

    with pytest.raises(refusals.TaskRefused):
        client.download_url("https://example.org/a.png")
