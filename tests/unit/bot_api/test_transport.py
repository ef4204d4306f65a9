"""One request, one answer, and what is known when there is none."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from handlers.bot_api import transport as transport_module
from handlers.bot_api.gate_hook import before_first_byte
from handlers.bot_api.transport import Transport
from supervisor.runtime.errors import BotError, Fenced, OutcomeUnknown, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.settings.outgoing import Outgoing
from tests.support.machine.ports import free_port
from tests.support.network.scripted_server import ScriptedServer, http, scripted

SECRET = "/bot123456:SECRET-TOKEN/getMe"
Body = str | bytes


@pytest.fixture(params=["a=1", b"a=1"], ids=["the ordinary way", "the short way"])
def body(request: pytest.FixtureRequest) -> Body:
    found: Body = request.param
    return found


def ask(
    *script: Any, data: Body = "a=1", within: float = 5.0, times: int = 1, limit: int = 1000
) -> tuple[list[Any], ScriptedServer]:
    """What each of some requests on one transport ends with."""

    async def story() -> tuple[list[Any], ScriptedServer]:
        transport = Transport(Outgoing())
        ends: list[Any] = []
        async with scripted(*script) as server:
            for _ in range(times):
                try:
                    url = server.url + SECRET
                    ends.append(
                        await transport.exchange("POST", url, within=within, data=data, limit=limit)
                    )
                except BotError as error:
                    ends.append(error)
            await transport.close()
        return ends, server

    return asyncio.run(story())


def through(proxy: str) -> Outgoing:
    return Outgoing(proxies={"http": Secret(proxy), "https": Secret(proxy)})


def raised(
    call: Callable[[Transport], Awaitable[Any]], outgoing: Outgoing | None = None
) -> BotError:
    async def story() -> BotError:
        transport = Transport(outgoing or Outgoing())
        try:
            await call(transport)
        except BotError as error:
            return error
        finally:
            await transport.close()
        raise AssertionError("there was an answer")

    return asyncio.run(story())


def test_requests_share_a_connection_and_bring_status_and_body(body: Body) -> None:
    ends, server = ask(http(200, b"one"), http(404, b"two"), times=2, data=body)

    assert ends == [(200, b"one"), (404, b"two")]
    assert server.opened == 1
    assert server.requests[0][2] == b"a=1"


def test_cookies_are_not_kept_and_redirects_are_not_followed(body: Body) -> None:
    cookie = http(302, b"", "text/html", "Set-Cookie: a=b", "Location: /elsewhere")
    ends, server = ask(cookie, times=2, data=body)

    assert [status for status, _ in ends] == [302, 200]
    assert "cookie" not in server.requests[1][1]


async def trickle(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"no HTTP at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nhalf",
        http(200, b"x" * 2000),
        http(200, b"not gzip", "text/plain", "Content-Encoding: gzip"),
        silence,
        trickle,
    ],
    ids=["closed", "garbage", "half", "too long", "not compressed", "silence", "trickle"],
)
def test_what_has_left_and_has_no_complete_answer_may_have_happened(
    answer: Any, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "WAIT_WITHIN", 0.2)
    if isinstance(answer, bytes) and b"half" in answer:
        half = answer

        async def answer(writer: asyncio.StreamWriter) -> None:
            writer.write(half)

    (end,), server = ask(answer, within=0.3, data=body)

    assert type(end) is OutcomeUnknown
    assert len(server.requests) == 1  # nothing is repeated


def test_a_connection_that_has_died_while_it_was_unused_is_not_a_doubt(body: Body) -> None:
    async def story() -> Any:
        transport = Transport(Outgoing())
        async with scripted(http(200, b"", "text/plain", "Connection: close")) as server:
            await transport.exchange("POST", server.url + SECRET, within=5.0, data=body)
            found = await transport.exchange("POST", server.url + SECRET, within=5.0, data=body)
            await transport.close()
        return found, server.opened

    assert asyncio.run(story()) == ((200, b'{"ok":true,"result":true}'), 2)


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:PORT{SECRET}",
        f"http://no-such-host.invalid{SECRET}",
        f"ftp://127.0.0.1{SECRET}",
        f"http://{SECRET}",
        f"http://127.0.0.1:no-port{SECRET}",
    ],
)
def test_what_finds_no_connection_has_never_left(url: str, body: Body) -> None:
    url = url.replace("PORT", str(free_port()))
    error = raised(lambda transport: transport.exchange("POST", url, within=2.0, data=body))

    assert type(error) is Unavailable
    assert "SECRET" not in str(error)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key of a server that nobody has vouched for."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed here")
    made = tmp_path_factory.mktemp("tls") / "server.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-nodes"]
    subprocess.run(
        [
            openssl,
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            *subject,
            "-keyout",
            str(made),
            "-out",
            str(made),
        ]
        + ["-days", "1"],
        check=True,
        capture_output=True,
    )
    # Both into one file: openssl writes the certificate after the key.
    return made


@pytest.mark.parametrize("known", [False, True])
def test_only_a_server_with_a_trusted_certificate_gets_the_request(
    known: bool, body: Body, certificate: Path
) -> None:
    async def story() -> tuple[Any, int]:
        served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        served.load_cert_chain(certificate)
        transport = Transport(Outgoing(certificates=certificate if known else None))
        async with scripted(tls=served) as server:
            try:
                end: Any = await transport.exchange(
                    "POST", server.url + SECRET, within=5.0, data=body
                )
            except BotError as error:
                end = type(error)
            await transport.close()
        return end, len(server.requests)

    expected = ((200, b'{"ok":true,"result":true}'), 1) if known else (Unavailable, 0)
    assert asyncio.run(story()) == expected


def test_who_waits_for_a_free_connection_in_vain_has_sent_nothing(
    body: Body,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport_module, "WAIT_WITHIN", 0.2)

    async def story() -> tuple[Any, int]:
        transport = Transport(Outgoing(), connections=1)
        async with scripted(silence) as server:
            url = server.url + SECRET
            first = asyncio.create_task(transport.exchange("POST", url, within=60.0, data=body))
            while not server.requests:
                await asyncio.sleep(0.01)
            try:
                await transport.exchange("POST", url, within=60.0, data=body)
            except BotError as error:
                first.cancel()
                await asyncio.wait({first})
                await transport.close()
                return error, len(server.requests)
        raise AssertionError

    error, requests = asyncio.run(story())

    assert (type(error), requests) == (Unavailable, 1)


def test_a_proxy_that_is_away_is_no_doubt(body: Body) -> None:
    proxy = f"http://127.0.0.1:{free_port()}"
    error = raised(
        lambda transport: transport.exchange("POST", "http://x.invalid/a", within=2.0, data=body),
        through(proxy),
    )

    assert type(error) is Unavailable


def test_a_proxy_passes_the_request_on(body: Body) -> None:
    async def story() -> ScriptedServer:
        async with scripted() as server:
            transport = Transport(through(server.url))
            url = "http://api.example/botX/getMe"
            await transport.exchange("POST", url, within=5.0, data=body)
            await transport.close()
        return server

    ((line, _, _),) = asyncio.run(story()).requests

    assert line.startswith("POST http://api.example/botX/getMe ")


@pytest.mark.parametrize("warm", [False, True], ids=["a new connection", "a kept connection"])
def test_a_look_that_forbids_it_ends_the_request_before_a_byte_and_leaves_no_connection(
    warm: bool, body: Body
) -> None:
    def forbidden() -> None:
        raise Fenced("this term is over")

    async def story() -> ScriptedServer:
        transport = Transport(Outgoing())
        async with scripted() as server:
            if warm:
                await transport.exchange("POST", server.url + SECRET, within=5.0, data=body)
            for _ in range(150):
                with before_first_byte(forbidden), pytest.raises(Fenced):
                    await transport.exchange("POST", server.url + SECRET, within=5.0, data=body)
            await transport.exchange("POST", server.url + SECRET, within=5.0, data=body)
            while server.open > 1:
                await asyncio.sleep(0.01)
            await transport.close()
        return server

    server = asyncio.run(story())

    assert len(server.requests) == 1 + warm


@pytest.mark.parametrize("warm", [False, True], ids=["a new connection", "a kept connection"])
def test_the_last_look_is_at_the_very_write(warm: bool, body: Body) -> None:
    async def story() -> ScriptedServer:
        transport = Transport(Outgoing())
        async with scripted() as server:
            if warm:
                await transport.exchange("POST", server.url + SECRET, within=5.0, data=body)
            for _ in range(5):
                answers = iter([None, Fenced("this term has ended meanwhile")])

                def look(answers: Iterator[Fenced | None] = answers) -> None:
                    if (error := next(answers)) is not None:
                        raise error

                with before_first_byte(look), pytest.raises(Fenced):
                    await transport.exchange("POST", server.url + SECRET, within=5.0, data=body)
                assert next(answers, "both were asked") == "both were asked"
            await transport.exchange("POST", server.url + SECRET, within=5.0, data=body)
            while server.open > 1:
                await asyncio.sleep(0.01)
            await transport.close()
        return server

    server = asyncio.run(story())

    assert len(server.requests) == 1 + warm


def test_who_has_been_closed_sends_nothing() -> None:
    async def story() -> int:
        transport = Transport(Outgoing())
        async with scripted() as server:
            await transport.exchange("POST", server.url + SECRET, within=5.0)
            await transport.close()
            with pytest.raises(Unavailable):
                await transport.exchange("POST", server.url + SECRET, within=5.0)
        return len(server.requests)

    assert asyncio.run(story()) == 1


def test_both_ways_send_the_same_but_for_what_says_that_answers_may_be_compressed() -> None:
    async def story() -> ScriptedServer:
        transport = Transport(Outgoing())
        async with scripted() as server:
            for data in ('{"text":"ü"}', '{"text":"ü"}'.encode()):
                await transport.exchange(
                    "POST",
                    server.url + "/bot1:A_b-c/sendMessage",
                    within=5.0,
                    data=data,
                    headers={"Content-Type": "application/json"},
                )
            await transport.close()
        return server

    ordinary, short = asyncio.run(story()).requests

    del ordinary[1]["accept-encoding"]
    assert short == ordinary


def test_an_interim_answer_is_not_the_answer() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    ends, _ = ask(interim + http(200, b"one"), data=b"a=1")

    assert ends == [(200, b"one")]


def test_a_caller_that_is_gone_leaves_no_connection(body: Body) -> None:
    async def story() -> None:
        transport = Transport(Outgoing())
        async with scripted(silence) as server:
            url = server.url + SECRET
            caller = asyncio.create_task(transport.exchange("POST", url, within=60.0, data=body))
            while not server.requests:
                await asyncio.sleep(0.01)
            caller.cancel()
            await asyncio.wait({caller})
            assert await transport.exchange("POST", url, within=5.0, data=body)
            assert server.opened == 2
            await transport.close()

    asyncio.run(story())
