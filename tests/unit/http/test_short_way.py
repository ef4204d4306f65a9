"""The short way of usual webhook requests: what takes it, and that it decides nothing by itself."""

import asyncio
from typing import Any, cast

import pytest

from supervisor.http import short_way
from supervisor.http.listener import NotReady
from supervisor.http.routes import Head, Reply
from supervisor.http.short_way import ShortWay
from supervisor.runtime.errors import BotError, OutcomeUnknown, Rejected, Unavailable
from tests.support.network.hostile import Hostile
from tests.support.network.http_edge import DATE, SECRET, Edge, Hook, posted, settle, use


def test_usual_requests_take_it_one_after_another_on_one_connection() -> None:
    hook = Hook()

    async def work() -> None:
        connection, line = await Edge(hook).open()
        for number in range(3):
            connection.data_received(posted(b"%d" % number, "Connection: keep-alive"))
            assert line.statuses == [200] * (number + 1)
        assert not line.closed

    use(work)
    assert (hook.short, hook.ordinary) == ([b"0", b"1", b"2"], [])


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (posted(b"2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), 200),
        (posted(b"{}", "Connection: close"), 200),
        (posted(b"{}", "Content-Encoding: gzip"), 200),
        (posted(b"{}", "Expect: 100-continue"), 200),
        (posted(b"{}", "X-Tab: a\tb"), 200),
        (posted(b"{}", path="abc?x=1"), 200),
        (posted(b"x" * 70_000), 200),
        (posted(b"{}", secret="wrong"), 401),
        (posted(b"{}", path="other"), 404),
        (posted(b"{}", path="abc/def"), 404),
        (posted(b"{}", "Content-Length: 2", "Content-Length: 2"), 400),
        (posted(b"{}", "Content-Length: -2"), 400),
        (posted(b"{}", "Bad Name: x"), 400),
        (posted(b"{}", *(f"H{number}: x" for number in range(200))), 400),
        (posted(b"{}", "X-Big: " + "x" * 5000), 200),
        (posted().replace(b"HTTP/1.1", b"HTTP/1.0"), 200),
        (posted().replace(b"POST", b"PUT"), 404),
    ],
)
def test_every_unusual_request_takes_the_ordinary_way(request_: bytes, status: int) -> None:
    hook = Hook()

    async def work() -> None:
        connection, line = await Edge(hook).open()
        connection.data_received(request_)
        await settle()
        assert line.statuses[-1:] == [status]

    use(work)
    assert hook.short == []


def test_a_head_that_was_admitted_is_read_once_and_decided_about_each_time() -> None:
    hook, admitted = Hook(), Hook.admit
    heads: list[Head] = []

    def admit(head: Head) -> Reply | None:
        heads.append(head)
        return Reply(401) if len(heads) > 2 else admitted(hook, head)

    hook.admit = admit  # type: ignore[method-assign]

    async def work() -> None:
        edge = Edge(hook)
        for number in range(3):
            connection, line = await edge.open()
            connection.data_received(posted(b"%d" % number))
            await settle()
        assert line.statuses == [401]

    use(work)
    assert hook.short == [b"0", b"1"]
    assert heads[0].headers is heads[1].headers


def test_only_heads_that_were_admitted_are_kept_and_not_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(short_way, "MOST_HEADS", 2)
    way = ShortWay(Hook())
    asked = [*(posted(secret=f"wrong{number}") for number in range(3)), posted(), posted(b"{1}")]
    asked += [posted(b"{12}"), posted(path="other")]

    taken = [way.takes(each, lambda: "", lambda _: None) for each in asked]

    assert taken == [False, False, False, True, True, True, False]
    assert list(way._admitted) == [posted(b"{12}").partition(b"\r\n\r\n")[0]]


@pytest.mark.parametrize("body", [b"", b"{", b"{}x", b"{}" + posted()])
def test_a_known_head_with_another_length_of_body_takes_the_ordinary_way(body: bytes) -> None:
    way, known = ShortWay(Hook()), posted(b"{}")
    assert way.takes(known, lambda: "", lambda _: None)

    assert not way.takes(known[:-2] + body, lambda: "", lambda _: None)


def test_what_comes_behind_an_unanswered_request_is_answered_after_it() -> None:
    hook = Hook()
    hook.holds = True

    async def work() -> None:
        connection, line = await Edge(hook).open()
        connection.data_received(posted(b"1"))
        connection.data_received(posted(b"2", secret="wrong")[:30])
        connection.data_received(posted(b"2", secret="wrong")[30:])
        await settle()
        assert line.statuses == []

        hook.waiting.pop()(None)
        await settle()
        assert line.statuses == [200, 401]

    use(work)
    assert hook.short == [b"1"]


def test_a_peer_that_sends_on_without_an_answer_is_not_read_any_more() -> None:
    hook = Hook()
    hook.holds = True

    async def work() -> None:
        connection, line = await Edge(hook).open()
        connection.data_received(posted(b"1"))
        connection.data_received(b"x" * 16 * 1024)
        assert line.paused

        hook.waiting.pop()(None)
        assert not line.paused

    use(work)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unavailable("database: away"), 503),
        (OutcomeUnknown("database: no answer"), 503),
        (Rejected("secret-detail"), 500),
    ],
)
def test_an_error_is_answered_as_on_the_ordinary_way(error: BotError, status: int) -> None:
    hook = Hook()
    hook.holds = True

    async def work() -> None:
        connection, line = await Edge(hook).open()
        connection.data_received(posted())
        hook.waiting.pop()(error)
        assert line.statuses == [status]
        assert (b"Retry-After: " in line.written) is (status == 503)
        assert b"secret-detail" not in line.written

    use(work)


def test_an_answer_to_a_peer_that_has_gone_is_dropped() -> None:
    hook = Hook()
    hook.holds = True

    async def work() -> None:
        connection, line = await Edge(hook).open()
        connection.data_received(posted())
        connection.connection_lost(None)
        hook.waiting.pop()(None)
        assert line.written == b""

    use(work)


def test_the_end_of_the_listener_waits_for_the_answer() -> None:
    hook = Hook()
    hook.holds = True

    async def work() -> None:
        edge = Edge(hook)
        connection, line = await edge.open()
        connection.data_received(posted())
        stopping = asyncio.create_task(edge.listener.stop())
        await settle()
        assert not line.closed

        hook.waiting.pop()(None)
        await stopping
        assert (line.statuses, line.closed) == ([200], True)

    use(work)


def test_an_unanswered_request_is_never_closed_for_a_new_connection() -> None:
    hook = Hook()
    hook.holds = True

    async def work() -> None:
        edge = Edge(hook)
        connection, _ = await edge.open()
        held = cast(Any, edge.listener._runner.server)
        connection.data_received(posted())
        assert not held.close_longest_idle()

        hook.waiting.pop()(None)
        assert held.close_longest_idle()

    use(work)


def test_the_end_of_an_idle_time_waits_for_the_answer_to_a_request_of_its_last_moment() -> None:
    hook = Hook()
    hook.holds = True

    async def work() -> None:
        connection, line = await Edge(hook).open()
        connection.data_received(posted())
        connection._next_keepalive_close_time = 0.0  # it was silent for that long before
        connection._process_keepalive()
        await settle()
        assert not line.closed

        hook.waiting.pop()(None)
        assert (line.statuses, line.closed) == ([200], False)
        connection._next_keepalive_close_time = 0.0
        connection._process_keepalive()
        assert line.closed

    use(work)


def test_a_route_that_is_not_ready_says_later_and_has_its_short_way_once_it_is() -> None:
    late, hook = NotReady("POST", "/telegram/{id}", 1000), Hook()

    async def work() -> None:
        edge = Edge(late)
        _, line = first = await edge.open()
        first[0].data_received(posted())
        await settle()
        assert line.statuses == [503]

        late.become_short(hook)
        connection, line = await edge.open()
        connection.data_received(posted())
        assert line.statuses == [200]

    use(work)
    assert hook.short == [b"{}"]


def test_whatever_strangers_send_both_ways_give_the_same_answers_and_the_same_bodies() -> None:
    """The same bytes for two listeners, of which one has the short way."""
    paths = [("/telegram/abc", f"X-Secret: {SECRET}")] * 6 + [("/telegram/abc", "X-Secret: wrong")]
    hostile = Hostile("both ways", [*paths, ("/telegram/other", "")])
    taken = 0

    # Each listener hears all of them: what one keeps of a head must not change the next answer.
    hooks = {True: Hook(), False: Hook()}
    edges = {short: Edge(hook, short=short) for short, hook in hooks.items()}

    async def answers(data: bytes, *, short: bool) -> tuple[bytes, bool, list[bytes]]:
        nonlocal taken
        hook = hooks[short]
        hook.short.clear()
        hook.ordinary.clear()
        connection, line = await edges[short].open()
        connection.data_received(data)
        await settle()
        taken += len(hook.short)
        return DATE.sub(b"", line.written), line.closed, hook.short + hook.ordinary

    async def work() -> None:
        for _ in range(250):
            data = hostile.request()
            assert await answers(data, short=True) == await answers(data, short=False), data[:500]

    use(work)
    assert taken > 5
