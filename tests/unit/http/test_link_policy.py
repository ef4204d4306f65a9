"""Where links of kie.ai may lead, and connections that are made for them."""

import socket
import time

import pytest

from kie.http.link_policy import PUBLIC, LinkPolicy, is_public
from supervisor.network.connect import Connector, Forbidden
from supervisor.network.lookups import Found
from supervisor.runtime.clock import SystemClock
from tests.support.network.servers import black_hole, server

V4 = socket.AF_INET
Address = tuple[socket.AddressFamily, tuple[object, ...]]


@pytest.mark.parametrize(
    "link",
    [
        "https://tempfile.example.com/a/b.png",
        "https://example.com:8443/x?signature=a%2Fb&e=1",
        "https://8.8.8.8/x.png",
        "https://[2001:4860:4860::8888]/x.png",
        "HTTPS://Example.com/x",
    ],
)
def test_a_public_https_link_is_taken_as_it_is(link: str) -> None:
    assert PUBLIC.link(f" {link}\n") == link


def test_a_link_with_other_letters_is_made_one_that_can_be_opened() -> None:
    assert PUBLIC.link("https://exämple.com/кот 1.png") == (
        "https://xn--exmple-cua.com/%D0%BA%D0%BE%D1%82%201.png"
    )


@pytest.mark.parametrize(
    "link",
    [
        "https://[x/y.png",
        "https://exa℀mple.com/y.png",
        "https://example.com:99999/x",
        "https://example.com:port/x",
        "https://example.com:0/x",
        "https:///x.png",
        "https://",
        "ftp://example.com/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://example.com/x.png",
        "//example.com/x",
        "example.com/x.png",
        "https://me:word@example.com/x",
        "https://exam\nple.com/x",
        "https://example.com/a\x00b",
        "https://example.com/a\u202eb",
        "https://" + "a" * 5000,
        "https://*.example.com/x",
        f"https://{'x' * 64}.com/y.png",
        "https://a..example.com/x",
        5,
        None,
        ["https://example.com"],
    ],
)
def test_what_cannot_be_opened_is_no_link(link: object) -> None:
    assert PUBLIC.link(link) is None


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "trt.localhost",
        "db",
        "db.internal",
        "printer.local",
        "127.0.0.1",
        "127.1.2.3",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",  # noqa: S104 a link, not an address to listen on
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::169.254.169.254]",
        "[2002:7f00:1::]",
        # Addresses inside that Python's own list calls global, at least in some of its releases.
        "192.0.0.192",
        "[64:ff9b:1::a00:1]",
        "[fec0::1]",
        "[::127.0.0.1]",
        "[5f00::1]",
        "[3fff::1]",
        "[ff02::1]",
    ],
)
def test_no_link_leads_into_our_own_network(host: str) -> None:
    assert PUBLIC.link(f"https://{host}/x") is None
    assert PUBLIC.link(f"https://{host}:443/x") is None


@pytest.mark.parametrize(
    ("api", "local"),
    [
        ("https://api.kie.ai", False),
        ("https://8.8.8.8/api", False),
        ("http://127.0.0.1:5000", True),
        ("http://localhost:5000", True),
        ("http://10.0.0.7", True),
    ],
)
def test_a_local_kie_may_name_local_addresses(api: str, local: bool) -> None:
    policy = LinkPolicy.of(api)

    assert (policy.link("http://127.0.0.1:5000/r/x.png") is not None) is local
    assert policy.allows("127.0.0.1") is local


def test_an_address_within_a_zone_is_judged_without_it() -> None:
    assert not is_public("fe80::1%eth0")


# ----------------------------------------------------------------- connecting --


def connector(*addresses: tuple[str, int]) -> Connector:
    """Whatever the name, it means these addresses."""

    def resolve(host: str, port: int) -> Found:
        del host, port
        return [(V4, address) for address in addresses]

    return Connector(SystemClock(), resolve)


def test_an_address_that_does_not_answer_costs_a_moment_and_not_its_time_limit() -> None:
    with black_hole() as hole, server(lambda _: None) as port:
        begun = time.monotonic()
        found = connector(("127.0.0.1", hole), ("127.0.0.1", port)).connect("kie", 1, 60.0)
        seconds = time.monotonic() - begun

        with found:
            assert found.getpeername()[1] == port
        assert seconds < 30


def test_an_address_that_refuses_is_passed_over_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = taken.getsockname()[1]
    with (
        server(lambda _: None) as port,
        connector(("127.0.0.1", refused), ("127.0.0.1", port)).connect("kie", 1, 5.0) as found,
    ):
        assert found.getpeername()[1] == port


@pytest.mark.parametrize("first", [True, False], ids=["first", "after a slow one"])
def test_an_address_of_a_family_without_sockets_is_passed_over(*, first: bool) -> None:
    """DNS names an IPv6 address, and the kernel has no IPv6 (``ipv6.disable=1``)."""
    with black_hole() as hole, server(lambda _: None) as port:
        slow: list[Address] = [] if first else [(V4, ("127.0.0.1", hole))]
        found = [*slow, (socket.AF_UNSPEC, ("::1", port)), (V4, ("127.0.0.1", port))]

        with Connector(SystemClock(), lambda *_: found).connect("kie", 1, 5.0) as connected:
            assert connected.getpeername()[1] == port


def test_when_no_address_has_sockets_that_is_said() -> None:
    found = [(socket.AF_UNSPEC, ("::1", 1))]

    with pytest.raises(OSError, match="not supported"):
        Connector(SystemClock(), lambda *_: found).connect("kie", 1, 5.0)


def test_when_no_address_answers_the_time_limit_ends_it() -> None:
    with black_hole() as hole, pytest.raises(TimeoutError):
        connector(("127.0.0.1", hole), ("127.0.0.1", hole)).connect("kie", 1, 0.3)


def test_when_every_address_refuses_that_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = taken.getsockname()[1]

    with pytest.raises(ConnectionRefusedError):
        connector(("127.0.0.1", refused)).connect("kie", 1, 5.0)


def test_the_address_that_was_judged_is_the_one_that_is_connected_to() -> None:
    """A name that is public when it is looked up and private a moment later."""
    with server(lambda _: None) as port:
        answers = [[(V4, ("127.0.0.1", port))], [(V4, ("8.8.8.8", port))]]
        changing = Connector(SystemClock(), lambda *_: answers.pop())

        with pytest.raises(Forbidden):
            changing.connect("rebinding", port, 5.0, lambda address: address != "8.8.8.8")
        assert len(answers) == 1, "the name was looked up once"


def test_a_private_address_beside_a_public_one_is_not_tried() -> None:
    with server(lambda _: None) as port, black_hole() as hole:
        mixed = connector(("127.0.0.1", hole), ("127.0.0.1", port))
        judged: list[str] = []

        def allowed(address: str) -> bool:
            judged.append(address)
            return len(judged) == 2

        with mixed.connect("mixed", 1, 5.0, allowed) as found:
            assert found.getpeername()[1] == port


def test_a_name_that_is_none_is_not_found() -> None:
    with pytest.raises(socket.gaierror):
        Connector(SystemClock()).connect("a" * 70 + ".example", 443, 5.0)
