"""The bounds on a call as a whole: its name, its redirects, its upload."""

import socket
import threading
from typing import Any

import pytest

from kie.http import attempt
from kie.http import transport as transport_module
from kie.http.transport import Transport
from supervisor.network.lookups import AT_ONCE
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import OutcomeUnknown, Unavailable
from supervisor.runtime.secret import Secret
from tests.support.edges.fakes import FakeClock
from tests.support.edges.kie_transport import LOCAL, OK, saying, transport
from tests.support.network.servers import server


def test_a_name_that_nobody_resolves_is_given_up_and_leaves_no_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait())
    monkeypatch.setattr(attempt, "CONNECT_SECONDS", 0.05)

    with pytest.raises(Unavailable, match="timed out"):
        transport().call("POST", "http://slow.example/x", fresh=True, json={})

    over.set()


def test_hosts_of_strangers_that_nobody_resolves_do_not_hold_up_kie(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over, hanging = threading.Event(), threading.Semaphore(0)
    real = socket.getaddrinfo

    def lookup(host: str, *rest: Any, **more: Any) -> Any:
        if host.startswith("slow-"):
            hanging.release()
            over.wait()
            raise socket.gaierror
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(attempt, "CONNECT_SECONDS", 0.2)
    asking = transport()
    threads = [
        threading.Thread(target=asking.file_info, args=(f"http://slow-{number}.example/x",))
        for number in range(AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert hanging.acquire(timeout=10)
    try:
        with server(saying(OK)) as port:
            assert asking.call("GET", f"http://localhost:{port}/x").status == 200
    finally:
        over.set()
        for thread in threads:
            thread.join(10)


def test_redirects_that_go_on_end_with_the_call_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each of the five has its own limits, and would start them again."""
    clock = FakeClock()
    asked: list[int] = []

    def serve(connection: socket.socket) -> None:
        asked.append(1)
        clock.time += transport_module.DOWNLOAD_SECONDS - 1
        where = f"http://127.0.0.1:{port}/{len(asked)}"
        connection.sendall(
            f"HTTP/1.1 302 Found\r\nLocation: {where}\r\nContent-Length: 0\r\n"
            "Connection: close\r\n\r\n".encode()
        )

    made = Transport(key=Secret("key"), version="test", clock=clock, policy=LOCAL)
    with server(serve) as port, pytest.raises(Unavailable):
        made.download(f"http://127.0.0.1:{port}/0", lambda _: None, 1000)

    assert len(asked) == 2


def test_a_large_upload_gets_on_in_steps() -> None:
    steps: list[int] = []
    content = b"x" * (attempt.PIECE * 20)
    made = Transport(
        key=Secret("key"),
        version="test",
        clock=SystemClock(),
        policy=LOCAL,
        step=lambda: steps.append(threading.get_ident()),
    )
    with server(saying(OK)) as port:
        made.upload(f"http://127.0.0.1:{port}/up", "a.png", content, "image/png", "trt")

    assert len(steps) > 20
    assert set(steps) == {threading.get_ident()}


def test_whoever_takes_no_byte_of_an_upload_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "READ_SECONDS", 0.05)
    content = b"x" * (256 * attempt.PIECE)

    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(OutcomeUnknown):
        port = silent.getsockname()[1]
        transport().upload(f"http://127.0.0.1:{port}/up", "a.png", content, "image/png", "trt")
