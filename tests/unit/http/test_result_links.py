"""What a link of a result leads to: its bytes, another link, or nothing."""

import socket
import threading
from pathlib import Path

import pytest

from kie.http.link_policy import LinkPolicy
from kie.http.transport import Gone, NotFound, TooLarge
from supervisor.runtime.errors import Unavailable
from supervisor.settings.outgoing import Outgoing
from tests.support.edges.kie_transport import CHUNKED, LOCAL, OK, saying, transport
from tests.support.machine.waiting import within
from tests.support.network.servers import own_certificate, server


def downloaded(url: str, policy: LinkPolicy = LOCAL, limit: int = 100) -> bytes:
    pieces: list[bytes] = []
    transport(policy).download(url, pieces.append, limit)
    return b"".join(pieces)


@pytest.mark.parametrize(
    "body", [b"-5\r\nhello\r\n0\r\n\r\n", b"zz\r\n", b"ffffffffffffffffffff\r\nx"]
)
def test_a_result_in_chunks_that_nobody_can_read_is_tried_again(body: bytes) -> None:
    with server(saying(CHUNKED + body)) as port, pytest.raises(Unavailable):
        downloaded(f"http://127.0.0.1:{port}/r")


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


def test_the_body_of_a_redirect_is_not_read_and_its_result_arrives() -> None:
    """It has no end, so that reading it would fill the memory until the time limit."""
    cut = threading.Event()
    asked: list[int] = []

    def serve(connection: socket.socket) -> None:
        asked.append(1)
        if len(asked) == 2:
            connection.sendall(OK)
            return
        where = f"http://127.0.0.1:{port}/there"
        connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: {where}\r\n\r\n".encode())
        try:
            for _ in range(1000):
                connection.sendall(b"x" * 65536)
        except OSError:
            cut.set()

    with server(serve) as port:
        assert downloaded(f"http://127.0.0.1:{port}/here") == b"{}"
        assert within(cut.wait, 10)


def test_the_body_of_a_redirect_of_kie_is_not_read() -> None:
    cut = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n")
        try:
            for _ in range(1000):
                connection.sendall(b"x" * 65536)
        except OSError:
            cut.set()

    with server(serve) as port:
        answer = transport().call("GET", f"http://127.0.0.1:{port}/x")
        assert within(cut.wait, 10)

    assert (answer.status, answer.body) == (302, b"")


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


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, b"<!DOCTYPE html><title>Just a moment...</title>", NotFound),
        (401, b"\n <html><h1>Sign in to the network</h1>", NotFound),
        (403, b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', Gone),
        (403, b"error code: 1010", Gone),
        (410, b"<!DOCTYPE html><title>Gone</title>", Gone),
    ],
)
def test_a_refusal_as_a_page_may_be_of_something_in_between(
    status: int, body: bytes, error: type[Exception]
) -> None:
    """It is waited out, as a link that is not there yet: the result is paid for."""
    answer = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body

    with server(saying(answer)) as port, pytest.raises(error) as caught:
        downloaded(f"http://127.0.0.1:{port}/x.png")

    assert type(caught.value) is error


def test_a_file_that_is_larger_than_it_says_is_cut() -> None:
    with server(saying(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200)) as port, pytest.raises(TooLarge):
        downloaded(f"http://127.0.0.1:{port}/x")


def test_what_a_link_says_of_its_size_is_read_in_ascii_digits_only() -> None:
    told = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: ²\r\n\r\n"

    with server(saying(told.encode("latin-1"))) as port:
        assert transport().file_info(f"http://127.0.0.1:{port}/x") is None


@pytest.mark.parametrize(
    ("name", "body", "is_file"),
    [
        ("r.png", b"\x89PNG\r\n", True),
        ("r.mp3", b"ID3\x04", True),
        ("r.mp4", b"\x00\x00\x00 ftypisom", True),
        ("r.webp", b"RIFF....WEBP", True),
        ("r.txt", b"<b>words</b> of a result", True),
        ("r.json", b'{"words": []}', True),
        ("r", b"{}", True),
        ("r.png", b"<!DOCTYPE html><title>Just a moment...</title>", False),
        ("r.PNG?x=1", b"\xef\xbb\xbf\n <HTML lang=en>", False),
        ("r.mp4", b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', False),
        ("r.jpg", b'{"code":500,"msg":"Server exception"}', False),
        ("r.txt", b" <!doctype html>", False),
        ("r", b"<html><body>", False),
        ("r.png", b"", False),
        ("r.png", b" \n", False),
    ],
)
@pytest.mark.parametrize("framed", [False, True])
def test_a_page_of_something_in_between_is_no_result(
    name: str, body: bytes, is_file: bool, framed: bool
) -> None:
    """Whole, or one byte in each chunk."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    if framed:
        pieces = b"".join(b"1\r\n%c\r\n" % each for each in body)
        answer = CHUNKED + pieces + b"0\r\n\r\n"
    with server(saying(answer)) as port:
        url = f"http://127.0.0.1:{port}/{name}"
        if is_file:
            assert downloaded(url) == body
        else:
            with pytest.raises(Unavailable, match="page of something|is empty"):
                downloaded(url)
