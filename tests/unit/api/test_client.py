"""The real client over HTTP: what each outcome is, and that its time limits hold."""

import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from kie.api import refusals, wire
from kie.api.circuit import Circuit
from kie.api.client import Circuits, KieClient
from kie.api.limiter import Limiter
from kie.http.link_policy import LinkPolicy
from kie.http.transport import Transport
from sandbox.kie.client import KieControl
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import OutcomeUnknown, Rejected, Unavailable
from supervisor.runtime.secret import Secret
from tests.support.edges.simulators import running_kie
from tests.support.jobs.shop import INPUTS, kie_client


@pytest.fixture(scope="module")
def simulator() -> Iterator[tuple[str, KieControl]]:
    with running_kie() as (url, kie):
        yield url, kie
        assert kie.violations() == []


@pytest.fixture
def kie(simulator: tuple[str, KieControl]) -> KieControl:
    simulator[1].account(limits_on=False)
    return simulator[1]


@pytest.fixture
def client(simulator: tuple[str, KieControl]) -> KieClient:
    return kie_client(simulator[0])


class HastyClock(SystemClock):
    """Time flies: a minute is half a second."""

    def now(self) -> float:
        return time.monotonic() * 120

    def wait(self, event: Event, seconds: float) -> bool:
        return event.wait(seconds / 120)


def hasty(url: str) -> KieClient:
    clock = HastyClock()
    return KieClient(
        api_url=url,
        upload_url=url,
        key=Secret("key"),
        version="test",
        limiter=Limiter(clock),
        circuits=Circuits(Circuit(clock), Circuit(clock)),
        clock=clock,
    )


@contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that is no good at HTTP; ``serve`` is called for each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                try:
                    connection.recv(65536)
                    serve(connection)
                except OSError:
                    pass
                finally:
                    connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()
            thread.join(10)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def trickle(first: bytes) -> Callable[[socket.socket], None]:
    """``first``, then a byte every 20 ms for as long as anybody listens."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(first)
        for _ in range(3000):
            connection.sendall(b" ")
            time.sleep(0.02)

    return serve


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 ", HEAD + b"Content-Length: 9000\r\n\r\n"])
def test_an_answer_that_trickles_is_given_up_and_leaves_a_doubt(first: bytes) -> None:
    with server(trickle(first)) as url, pytest.raises(OutcomeUnknown):
        hasty(url).create_task("z-image", INPUTS, None)


def test_a_download_that_trickles_is_given_up() -> None:
    transport = Transport(
        key=Secret("key"), version="test", clock=HastyClock(), policy=LinkPolicy(local=True)
    )
    with (
        server(trickle(HEAD + b"Content-Length: 9000\r\n\r\n")) as url,
        pytest.raises(Unavailable),
    ):
        transport.download(url, lambda _: None, 10_000)


def test_a_refused_connection_surely_had_no_effect() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(Unavailable):
        hasty(f"http://127.0.0.1:{port}").create_task("z-image", INPUTS, None)


def test_a_flood_of_an_answer_is_cut() -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"\r\n")
        for _ in range(200):
            connection.sendall(b"x" * 65536)

    with server(serve) as url, pytest.raises(OutcomeUnknown):
        hasty(url).create_task("z-image", INPUTS, None)


def test_a_task_is_created_once_and_can_be_asked_for(client: KieClient, kie: KieControl) -> None:
    before = len(kie.tasks())

    task = client.create_task("z-image", INPUTS, None)

    assert len(kie.tasks()) == before + 1
    assert isinstance(client.record_info(task), wire.Running | wire.Succeeded)


def test_a_creation_without_an_answer_is_not_repeated(client: KieClient, kie: KieControl) -> None:
    kie.fault("drop_after", prompt="dropped")
    before = len(kie.tasks())

    with pytest.raises(OutcomeUnknown):
        client.create_task("z-image", {**INPUTS, "prompt": "dropped"}, None)

    assert len(kie.tasks()) == before + 1


def test_a_query_is_repeated_briefly(client: KieClient, kie: KieControl) -> None:
    task = client.create_task("z-image", INPUTS, None)
    kie.fault("drop_before", call="recordInfo", times=2)

    assert isinstance(client.record_info(task), wire.Running | wire.Succeeded)


def test_an_unknown_task_is_not_asked_for_thrice(client: KieClient, kie: KieControl) -> None:
    with pytest.raises(refusals.TaskUnknown):
        client.record_info("no-such-task")

    assert [call["task"] for call in kie.calls("recordInfo")].count("no-such-task") == 1


def test_credits_are_told(client: KieClient, kie: KieControl) -> None:
    assert client.credits() == pytest.approx(kie.credits())


def test_a_wrong_key_is_the_operators_matter(client: KieClient, kie: KieControl) -> None:
    kie.account(api_key="another")
    try:
        with pytest.raises(refusals.TaskRefused) as caught:
            client.upload("a.png", b"content", "image/png")
        assert caught.value.operator is not None
    finally:
        kie.account(api_key="kie-key-of-the-tests")


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as reply:
        content: bytes = reply.read()
    return content


def test_an_uploaded_file_can_be_fetched_by_anybody(client: KieClient) -> None:
    url = client.upload("кот 1.PNG", b"the bytes", "image/png")

    assert fetched(url) == b"the bytes"


def test_a_file_is_fetched_by_kie_itself(client: KieClient) -> None:
    first = client.upload("a.png", b"more bytes", "image/png")

    assert fetched(client.upload_url("a.png", first)) == b"more bytes"


def test_a_link_says_how_large_its_file_is_and_of_what_type(client: KieClient) -> None:
    url = client.upload("fox.png", b"\x89PNG" * 100, "image/png")

    file_info = client.file_info(url)

    assert file_info is not None
    assert file_info.size == 400
    assert file_info.mime.startswith("image/png")


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\nContent-Type: image/png\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_a_link_that_does_not_answer_as_a_file_of_known_size_says_nothing(head: bytes) -> None:
    with server(lambda connection: connection.sendall(head)) as url:
        assert kie_client(url).file_info(f"{url}/r/fox.png") is None


def test_a_link_to_download_is_had_for_a_result_of_ours_only(
    client: KieClient, simulator: tuple[str, KieControl]
) -> None:
    url = f"{simulator[0]}/r/x.png"

    assert client.download_url(url).startswith("http")
    with pytest.raises(Rejected):
        client.download_url("https://example.org/x.png")


def test_a_request_that_cannot_be_written_down_leaves_no_doubt(
    client: KieClient, kie: KieControl
) -> None:
    before = len(kie.calls("createTask"))

    with pytest.raises(Rejected):
        client.create_task("z-image", {**INPUTS, "seed": float("nan")}, None)

    assert len(kie.calls("createTask")) == before
