"""/health, /ready and /metrics: who gets what."""

import asyncio
from collections.abc import Mapping

import pytest

from supervisor.health.health import Health
from supervisor.http.endpoints import FRESH, HealthRoute, MetricsRoute, ReadyRoute
from supervisor.http.inside import Relays, is_inside
from supervisor.http.routes import Head
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.secret import Secret
from tests.support.edges.fakes import FakeClock
from tests.support.machine.lines import captured

TOKEN = Secret("0123456789abcdef")


class Headers(dict[str, str]):
    """Found by their names in whatever case, as aiohttp's are."""

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__({name.lower(): value for name, value in given.items()})

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        return super().get(name.lower(), default)


def head(peer: str, *, version: tuple[int, int] = (1, 1), **headers: str) -> Head:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Head("GET", "/metrics", {}, Headers(given), peer, version)


def health() -> Health:
    return Health(FakeClock(), mode="webhook", instance_id="i", version="1")


@pytest.mark.parametrize(
    ("asked", "inside"),
    [
        (head("127.0.0.1", Host="127.0.0.1:10000"), True),
        (head("::1", Host="localhost"), True),
        (head("10.204.3.7", Host="bot:10000"), True),
        (head("172.20.0.3", Host="bot:10000"), True),
        (head("192.168.1.9"), True),
        (head("::ffff:10.0.0.1"), True),
        (head("fd12:3456::1%eth0"), True),
        (head("203.0.113.9"), False),
        (head("172.32.0.1"), False),
        (head("100.64.0.1"), False),
        (head("2001:db8::1"), False),
        (head("::ffff:8.8.8.8"), False),
        (head(""), False),
        (head("nonsense"), False),
        # A published port of a container: everybody comes from the bridge.
        (head("172.17.0.1", Host="203.0.113.5:10000"), False),
        (head("172.17.0.1", Host="203.0.113.5"), False),
        (head("fd00::1", Host="[2001:db8::5]:10000"), False),
        (head("172.17.0.1", Host="172.17.0.2:10000"), True),
        (head("fd00::1", Host="[fd00::2]:10000"), True),
        (head("10.0.0.7", Host="bot.internal.example:10000"), True),
        # A proxy beside us has passed on what a stranger asked.
        (head("10.204.3.7", X_Forwarded_For="203.0.113.9"), False),
        (head("127.0.0.1", X_Forwarded_For="127.0.0.1"), False),
        (head("127.0.0.1", X_Forwarded_For=""), False),
        (head("127.0.0.1", Forwarded="for=10.0.0.1"), False),
        (head("127.0.0.1", X_Real_IP="10.0.0.1"), False),
        (head("127.0.0.1", CF_Connecting_IP="203.0.113.9"), False),
        (head("127.0.0.1", Via="1.1 proxy"), False),
        # nginx that was told nothing adds nothing, but speaks HTTP/1.0.
        (head("127.0.0.1", version=(1, 0), Host="127.0.0.1:10000"), False),
        # A proxy that adds nothing at all passes our public name on.
        (head("127.0.0.1", Host="bot.example.com"), False),
        (head("127.0.0.1", Host="BOT.example.com:443"), False),
    ],
)
def test_who_asks_from_inside(asked: Head, inside: bool) -> None:
    assert is_inside(asked, "bot.example.com", Relays("bot.example.com")) is inside


def test_a_public_name_that_is_this_machine_is_inside() -> None:
    for asked, public, inside in (
        (head("127.0.0.1", Host="127.0.0.1:8443"), "127.0.0.1", True),
        (head("127.0.0.1", Host="localhost:8443"), "localhost", True),
        (head("203.0.113.9", Host="203.0.113.1"), "203.0.113.1", False),
    ):
        relays = Relays(public)
        relays.note(asked)  # a simulator of Telegram on this machine

        assert is_inside(asked, public, relays) is inside


@pytest.mark.parametrize(
    ("asked", "inside"),
    [
        # nginx 1.30 that was told nothing: HTTP/1.1, its own name for us, no header.
        (head("127.0.0.1", Host="127.0.0.1:10000"), False),
        (head("127.0.0.1", Host="LOCALHOST:10000"), True),  # Prometheus beside it
        (head("172.18.0.4", Host="bot:10000"), False),
        (head("172.18.0.9", Host="bot:10000"), True),
    ],
)
def test_who_brings_requests_with_a_secret_from_outside_passes_strangers_on(
    asked: Head, inside: bool
) -> None:
    relays = Relays("bot.example.com")
    relays.note(Head("POST", "/telegram/x", {}, {"host": "127.0.0.1:10000"}, "127.0.0.1"))
    relays.note(Head("POST", "/callbacks/kie/1/x", {}, {"host": "bot:10000"}, "172.18.0.4"))

    assert is_inside(asked, "bot.example.com", relays) is inside


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("", 401),
        ("Bearer", 401),
        ("Bearer wrong", 401),
        (f"Basic {TOKEN.reveal()}", 401),
        (f"Bearer {TOKEN.reveal()[:-1]}", 401),
        (f"Bearer {TOKEN.reveal()}", 200),
        (f"bearer {TOKEN.reveal()} ", 200),
    ],
)
def test_metrics_from_outside_need_the_bearer(given: str, status: int) -> None:
    route = MetricsRoute(health(), TOKEN, "bot.example.com", Relays("bot.example.com"))

    reply = route.admit(head("203.0.113.9", Authorization=given))

    assert reply is not None
    assert reply.status == status
    assert (b"trt_" in reply.body) is (status == 200)


def test_metrics_from_inside_need_nothing() -> None:
    reply = MetricsRoute(health(), TOKEN, None, Relays(None)).admit(head("127.0.0.1"))

    assert reply is not None
    assert b"trt_state" in reply.body


def test_health_is_for_everybody() -> None:
    reply = HealthRoute(health()).admit(head("203.0.113.9"))

    assert reply is not None
    assert reply.status == 200


class Database:
    """A check that a test makes fail, and that counts who asks."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked = 0

    async def check(self) -> None:
        self.asked += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error


@pytest.mark.parametrize("error", [Unavailable("database: no route to 10.1.2.3"), TimeoutError()])
def test_not_ready_tells_the_class_and_logs_the_reason(error: Exception) -> None:
    route = ReadyRoute(Database(error).check, FakeClock())
    with captured() as lines:
        reply = asyncio.run(route.answer(head("203.0.113.9"), b""))

    assert (reply.status, reply.body) == (503, b"not ready: database\n")
    assert "database" in str(lines.of("not_ready")[0]["extra"]["reason"])


def test_however_many_ask_the_database_is_asked_once() -> None:
    database, clock = Database(), FakeClock()
    route = ReadyRoute(database.check, clock)

    async def ask() -> list[int]:
        replies = await asyncio.gather(*(route.answer(head("x"), b"") for _ in range(50)))
        return [each.status for each in replies]

    async def run() -> None:
        assert await ask() == [200] * 50
        assert database.asked == 1
        clock.time += FRESH / 2
        await ask()
        assert database.asked == 1
        clock.time += FRESH
        database.error = Unavailable("away")
        assert await ask() == [503] * 50
        assert database.asked == 2

    asyncio.run(run())
