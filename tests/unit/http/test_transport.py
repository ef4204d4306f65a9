"""What is known of a call that failed: whether its first byte left."""

import socket
import threading
from pathlib import Path

import pytest

from kie.http.attempt import Vetoed
from kie.http.untrusted import Untrusted
from supervisor.runtime.errors import OutcomeUnknown, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.settings.outgoing import Outgoing
from tests.support.edges.kie_transport import CHUNKED, OK, saying, transport
from tests.support.machine.waiting import within
from tests.support.network.servers import black_hole, own_certificate, server


def test_a_certificate_that_is_not_trusted_leaves_no_doubt_and_says_what_it_is(
    tmp_path: Path,
) -> None:
    _, context = own_certificate(tmp_path)

    with server(saying(OK), context=context) as port, pytest.raises(Untrusted, match="self"):
        transport().call("POST", f"https://localhost:{port}/x", fresh=True, json={})


def test_a_certificate_of_ones_own_authority_is_trusted(tmp_path: Path) -> None:
    bundle, context = own_certificate(tmp_path)
    trusting = transport(outgoing=Outgoing(certificates=bundle))

    with server(saying(OK), context=context) as port:
        found = trusting.call("POST", f"https://localhost:{port}/x", fresh=True, json={})

    assert found.status == 200


def test_a_certificate_for_another_name_is_not_trusted(tmp_path: Path) -> None:
    bundle, context = own_certificate(tmp_path)
    trusting = transport(outgoing=Outgoing(certificates=bundle))

    with server(saying(OK), context=context) as port, pytest.raises(Untrusted):
        trusting.call("POST", f"https://127.1:{port}/x", fresh=True, json={})


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://no-such-host.invalid/x", "name"),
        ("http://no-such-host.invalid/x", "name"),
        ("http://" + "a" * 70 + ".example/x", "name"),
        ("https://127.0.0.1:{plain}/x", "TLS|no connection"),
        ("http://127.0.0.1:{refused}/x", "refused"),
    ],
)
def test_what_fails_before_the_first_byte_leaves_no_doubt(address: str, words: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = taken.getsockname()[1]
    with (
        server(saying(b"no TLS here")) as plain,
        pytest.raises(Unavailable, match=words),
    ):
        url = address.format(plain=plain, refused=refused)
        transport().call("POST", url, fresh=True, json={})


def test_a_connection_that_does_not_come_about_leaves_no_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kie.http.attempt.CONNECT_SECONDS", 0.3)
    with black_hole() as port, pytest.raises(Unavailable, match="timed out"):
        transport().call("POST", f"http://127.0.0.1:{port}/x", fresh=True, json={})


def test_a_proxy_that_refuses_leaves_no_doubt() -> None:
    with server(saying(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")) as port:
        through = transport(
            outgoing=Outgoing(proxies={"https": Secret(f"http://127.0.0.1:{port}")})
        )

        with pytest.raises(Unavailable):
            through.call("POST", "https://api.kie.ai/x", fresh=True, json={})


def test_the_veto_comes_when_the_connection_stands_and_nothing_was_sent() -> None:
    said: list[bytes] = []
    came = threading.Event()

    def veto() -> None:
        raise Vetoed("the gate is shut")

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            connection, _ = listening.accept()
            with connection:
                said.append(connection.recv(100))
            came.set()

        thread = threading.Thread(target=accept)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        with pytest.raises(Vetoed):
            transport().call("POST", url, fresh=True, before=veto, json={})
        assert within(came.wait, 10)
        thread.join(10)

    assert said == [b""]


# ----------------------------------------------------------- after the first byte --


def moved(location: bytes) -> bytes:
    head = b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n" % location
    return head + b"Connection: close\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        b"??\r\n",
        # Addresses of redirects that Python cannot read.
        moved(b"http://[::1"),
        moved(b"http://127.0.0.1:99999/"),
        moved("http://ex\u2100mple.com/".encode()),
        moved(b"http://127.0.0.1/\xff\xfe"),
        # Bodies that it cannot.
        CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n",
        CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 500 + b"\r\n",
    ],
)
def test_what_fails_after_the_first_byte_leaves_a_doubt(answer: bytes) -> None:
    with server(saying(answer)) as port, pytest.raises(OutcomeUnknown):
        transport().call("POST", f"http://127.0.0.1:{port}/x", fresh=True, json={})


def test_the_certificate_does_not_matter_once_the_answer_breaks(tmp_path: Path) -> None:
    bundle, context = own_certificate(tmp_path)
    trusting = transport(outgoing=Outgoing(certificates=bundle))

    with server(saying(b""), context=context) as port, pytest.raises(OutcomeUnknown):
        trusting.call("POST", f"https://localhost:{port}/x", fresh=True, json={})


def test_a_fresh_call_has_a_connection_of_its_own() -> None:
    connections: list[int] = []

    def serve(connection: socket.socket) -> None:
        connections.append(1)
        connection.sendall(OK)
        connection.recv(65536)  # an HTTP client that keeps it would ask again here

    used = transport()
    with server(serve) as port:
        for _ in range(2):
            used.call("POST", f"http://127.0.0.1:{port}/x", fresh=True, json={})

    assert len(connections) == 2
