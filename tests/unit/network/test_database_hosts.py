"""What libpq is told about the hosts of the database, and how long finding them takes."""

import socket
from collections.abc import Callable, Iterator
from threading import Event

import pytest

from supervisor.network import database_hosts
from supervisor.network.database_hosts import Hosts
from supervisor.network.lookups import Found
from supervisor.runtime.errors import Unavailable
from tests.support.machine.waiting import within
from tests.support.network.servers import black_hole

V4, V6 = socket.AF_INET, socket.AF_INET6


class Names:
    """Answers lookups; ``hangs`` makes them wait until it is cleared."""

    def __init__(self, **known: list[str]) -> None:
        self.known = known
        self.goes_on = Event()
        self.goes_on.set()
        self.failure: Exception | None = None

    def __call__(self, host: str, port: int) -> Found:
        self.goes_on.wait(20)
        if self.failure:
            raise self.failure
        found = self.known[host.partition(".")[0]]
        return [(V6 if ":" in each else V4, (each, port)) for each in found]


@pytest.fixture
def port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield str(listening.getsockname()[1])


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"host": ""},
        {"host": "/var/run/postgresql"},
        {"host": "127.0.0.1"},
        {"host": "::1", "port": "5433"},
        {"host": "fe80::1%eth0"},
        {"host": "db.example", "hostaddr": "127.0.0.1"},
        {"host": "db.example,other.example", "port": "1,2,3"},  # libpq refuses it
    ],
)
def test_what_is_no_name_is_left_to_libpq(parts: dict[str, str]) -> None:
    assert Hosts(Names()).addresses(parts) == {}


def test_a_name_is_given_with_its_address() -> None:
    told = Hosts(Names(db=["10.0.0.1"])).addresses({"host": "db.example"})

    assert told == {"host": "db.example", "hostaddr": "10.0.0.1", "port": "5432"}


def test_of_several_hosts_each_keeps_its_port_and_who_is_not_found_is_left_out() -> None:
    names = Names(a=["10.0.0.1"], c=["10.0.0.3"])

    def resolve(host: str, port: int) -> Found:
        if host == "b.example":
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return names(host, port)

    told = Hosts(resolve).addresses(
        {"host": "a.example,b.example,/tmp,c.example", "port": "1,2,3,4"}
    )

    assert told == {
        "host": "a.example,/tmp,c.example",
        "hostaddr": "10.0.0.1,,10.0.0.3",
        "port": "1,3,4",
    }


def test_a_name_that_changes_is_followed_at_once() -> None:
    names = Names(db=["10.0.0.1"])
    hosts = Hosts(names)
    hosts.addresses({"host": "db.example"})
    names.known["db"] = ["10.0.0.2"]

    assert hosts.addresses({"host": "db.example"})["hostaddr"] == "10.0.0.2"


def silence(names: Names) -> None:
    names.goes_on.clear()


def failure(names: Names) -> None:
    names.failure = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


@pytest.mark.parametrize("happens", [silence, failure])
def test_without_a_name_server_the_last_answer_is_used(
    monkeypatch: pytest.MonkeyPatch, happens: Callable[[Names], None]
) -> None:
    monkeypatch.setattr(database_hosts, "LOOKUP", 0.05)
    names = Names(db=["10.0.0.1"])
    hosts = Hosts(names)
    before = hosts.addresses({"host": "db.example"})

    happens(names)

    assert hosts.addresses({"host": "db.example"}) == before
    names.goes_on.set()


@pytest.mark.parametrize(
    ("happens", "words"), [(silence, "is DNS slow or away"), (failure, "Temporary failure")]
)
def test_a_name_that_was_never_found_is_a_passing_trouble_that_is_told(
    monkeypatch: pytest.MonkeyPatch, happens: Callable[[Names], None], words: str
) -> None:
    monkeypatch.setattr(database_hosts, "LOOKUP", 0.05)
    names = Names(db=["10.0.0.1"])
    happens(names)

    with pytest.raises(Unavailable, match=f"db.example.*{words}"):
        Hosts(names).addresses({"host": "db.example"})

    names.goes_on.set()


def test_a_name_that_is_gone_is_not_remembered() -> None:
    names = Names(db=["10.0.0.1"])
    hosts = Hosts(names)
    hosts.addresses({"host": "db.example"})
    names.failure = socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(Unavailable, match="not known"):
        hosts.addresses({"host": "db.example"})


def test_the_address_that_answers_comes_first(port: str) -> None:
    with black_hole("127.0.0.9", int(port)):
        hosts = Hosts(Names(db=["127.0.0.9", "127.0.0.1"]))

        one = hosts.addresses({"host": "db.example", "port": port})
        both = hosts.addresses(
            {"host": "db.example", "port": port, "target_session_attrs": "primary"}
        )

    assert one["hostaddr"] == "127.0.0.1"
    assert both["hostaddr"] == "127.0.0.1,127.0.0.9"
    assert both["host"] == "db.example,db.example"
    assert both["port"] == f"{port},{port}"


def test_a_host_of_which_no_address_answers_is_told(
    monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    monkeypatch.setattr(database_hosts, "RACE", 0.1)
    with black_hole("127.0.0.9", int(port)), black_hole("127.0.0.8", int(port)):
        hosts = Hosts(Names(db=["127.0.0.9", "127.0.0.8"]))

        with pytest.raises(Unavailable, match="none of the 2 addresses of db.example"):
            hosts.addresses({"host": "db.example", "port": port})


def test_the_answer_of_a_slow_name_server_serves_who_asks_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database_hosts, "LOOKUP", 0.05)
    names, answered = Names(db=["10.0.0.1"]), Event()
    asked: list[str] = []

    def resolve(host: str, port: int) -> Found:
        asked.append(host)
        found = names(host, port)
        answered.set()
        return found

    hosts = Hosts(resolve)
    silence(names)
    for _ in range(3):
        with pytest.raises(Unavailable, match="in time"):
            hosts.addresses({"host": "db.example"})
    names.goes_on.set()
    assert within(answered.wait, 10)
    monkeypatch.setattr(database_hosts, "LOOKUP", 10.0)

    assert hosts.addresses({"host": "db.example"})["hostaddr"] == "10.0.0.1"
    assert asked == ["db.example"]
