"""What is known of a call that failed: whether its first byte left, and what a link leads to."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kie.http import attempt
from kie.http import transport as transport_module
from kie.http.attempt import Vetoed
from kie.http.link_policy import LinkPolicy
from kie.http.lookups import Found, Lookups
from kie.http.not_sent import Untrusted
from kie.http.transport import Gone, NotFound, TooLarge, Transport
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import OutcomeUnknown, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.settings.outgoing import Outgoing
from tests.support.fakes import FakeClock
from tests.support.servers import black_hole, own_certificate, server
from tests.support.waiting import until, within

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
LOCAL = LinkPolicy(local=True)


def transport(policy: LinkPolicy = LOCAL, outgoing: Outgoing | None = None) -> Transport:
    return Transport(
        key=Secret("key-of-the-tests"),
        version="test",
        clock=SystemClock(),
        policy=policy,
        outgoing=outgoing,
    )


def saying(answer: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(answer)


# ---------------------------------------------------------- before the first byte --


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


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", b"??\r\n"]
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


# ------------------------------------------------------------- links of results --


def downloaded(url: str, policy: LinkPolicy = LOCAL, limit: int = 100) -> bytes:
    pieces: list[bytes] = []
    transport(policy).download(url, pieces.append, limit)
    return b"".join(pieces)


def test_the_bytes_of_a_result_arrive_and_the_key_is_not_shown_for_them() -> None:
    heard: list[bytes] = []

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            connection, _ = listening.accept()
            with connection:
                heard.append(connection.recv(65536))
                connection.sendall(OK)

        thread = threading.Thread(target=accept)
        thread.start()
        assert downloaded(f"http://127.0.0.1:{listening.getsockname()[1]}/r") == b"{}"
        thread.join(10)

    assert b"key-of-the-tests" not in heard[0]


def test_a_result_is_not_fetched_from_this_machine() -> None:
    with server(saying(OK)) as port:
        for url in (f"https://127.0.0.1:{port}/metrics", f"http://127.0.0.1:{port}/metrics"):
            with pytest.raises(Gone):
                downloaded(url, LinkPolicy())


def test_a_name_that_leads_to_this_machine_is_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with server(saying(OK)) as port:
        address = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: address)

        with pytest.raises(Gone, match="private network"):
            downloaded(f"https://result.example.com:{port}/x.png", LinkPolicy())


@pytest.mark.parametrize(
    "location",
    [
        "http://[x/y.png",
        "http://127.0.0.1:99999/x",
        "ftp://127.0.0.1/x",
        "http://user:word@127.0.0.1/x",
        "file:///etc/passwd",
        "/again",
    ],
)
def test_a_redirect_that_can_never_work_is_final(location: str) -> None:
    answer = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n"

    with (
        server(saying(f"{answer}Connection: close\r\n\r\n".encode())) as port,
        pytest.raises(Gone),
    ):
        downloaded(f"http://127.0.0.1:{port}/again")


def test_each_redirect_is_judged_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The first address is allowed; the second is that of a cloud's metadata."""
    bundle, context = own_certificate(tmp_path)
    there = b"HTTP/1.1 302 Found\r\nLocation: https://169.254.169.254/latest\r\n"

    class Lenient(LinkPolicy):
        def allows(self, address: str) -> bool:
            return address == "127.0.0.1"

        def link(self, value: object) -> str | None:
            return str(value) if "localhost" in str(value) else super().link(value)

    with server(saying(there + b"Content-Length: 0\r\n\r\n"), context=context) as port:
        following = transport(Lenient(), Outgoing(certificates=bundle))

        with pytest.raises(Gone, match="InvalidURL"):
            following.download(f"https://localhost:{port}/x", lambda _: None, 10)


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, Gone), (403, Gone), (410, Gone), (451, Gone), (404, NotFound), (503, Unavailable)],
)
def test_the_status_of_a_link_says_whether_to_wait(status: int, error: type[Exception]) -> None:
    answer = f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()

    with server(saying(answer)) as port, pytest.raises(error) as caught:
        downloaded(f"http://127.0.0.1:{port}/x")

    assert type(caught.value) is error


def test_a_file_that_is_larger_than_it_says_is_cut() -> None:
    with server(saying(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200)) as port, pytest.raises(TooLarge):
        downloaded(f"http://127.0.0.1:{port}/x")


def test_what_a_link_says_of_its_size_is_read_in_ascii_digits_only() -> None:
    told = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: ²\r\n\r\n"

    with server(saying(told.encode("latin-1"))) as port:
        assert transport().file_info(f"http://127.0.0.1:{port}/x") is None


# --------------------------------------------------- the bound on a call as a whole --


def test_a_name_that_nobody_resolves_is_given_up_and_leaves_no_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait())
    monkeypatch.setattr(attempt, "CONNECT_SECONDS", 0.05)

    with pytest.raises(Unavailable, match="timed out"):
        transport().call("POST", "http://slow.example/x", fresh=True, json={})

    over.set()


def test_lookups_that_hang_are_not_added_to_without_end() -> None:
    over, asked = threading.Event(), []

    def never(host: str, _: int) -> Found:
        asked.append(host)
        over.wait()
        return []

    lookups = Lookups(never, at_once=2)
    for _ in range(4):
        with pytest.raises(TimeoutError):
            lookups.addresses("slow.example", 443, 0.02)
    over.set()

    assert len(asked) == 2
    until(lambda: lookups.addresses("quick.example", 443, 5.0) == [], 5, "the turns came back")


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
