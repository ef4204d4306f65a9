"""Connections of whose requests some take the short way and some aiohttp's, as behind a proxy."""

import asyncio
import random

import pytest

from supervisor.http.routes import Head, Reply
from tests.support.network.hostile import Hostile
from tests.support.network.http_edge import DATE, SECRET, Edge, Hook, posted, settle, use


@pytest.mark.parametrize("at", [5, 60])
def test_a_head_in_two_pieces_takes_the_ordinary_way_and_so_does_what_follows(at: int) -> None:
    hook = Hook()

    async def work() -> None:
        connection, line = await Edge(hook).open()
        connection.data_received(posted(b"{}")[:at])
        connection.data_received(posted(b"{}")[at:])
        await settle()
        connection.data_received(posted(b"[]"))
        await settle()
        assert line.statuses == [200, 200]

    use(work)
    assert (hook.short, hook.ordinary) == ([], [b"{}", b"[]"])


@pytest.mark.parametrize(
    "before",
    [
        [posted(b"{...}")[:-3], b"..}"],
        [posted(b"x", path="abc?x")],
        [b"GET /health HTTP/1.1\r\nHost: x\r\nX-By: \x7e\r\n\r\n"],
        [posted(b"x" * 65_537)],
    ],
)
def test_after_a_request_that_took_the_ordinary_way_the_next_one_takes_the_short_way(
    before: list[bytes],
) -> None:
    hook = Hook()

    async def work() -> None:
        connection, line = await Edge(hook).open()
        for piece in before:
            connection.data_received(piece)
            await settle()
        assert len(line.statuses) == 1
        connection.data_received(posted(b"[]"))
        assert line.statuses[1:] == [200]

    use(work)
    assert hook.short == [b"[]"]


@pytest.mark.parametrize(
    "before",
    [
        [posted(b"{}") + posted(b"{}")],
        [posted(b"{}") + posted(b"{}")[:40], posted(b"{}")[40:]],
        [posted(b"2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked")],
        [b"\r\n" + posted(b"{}")],
    ],
)
def test_where_aiohttp_may_have_a_part_of_a_request_nothing_takes_the_short_way(
    before: list[bytes],
) -> None:
    hook = Hook()

    async def work() -> None:
        connection, _ = await Edge(hook).open()
        for piece in [*before, posted(b"[]")]:
            connection.data_received(piece)
            await settle()

    use(work)
    assert hook.short == []
    assert hook.ordinary[-1:] == [b"[]"]


@pytest.mark.parametrize("rounds", [0, 1, 2, 3, 60])
def test_what_comes_before_the_answer_of_the_ordinary_way_is_answered_after_it(
    rounds: int,
) -> None:
    """The event loop has made so many rounds since."""
    begun, go_on = list[bytes](), asyncio.Event()

    class Slow(Hook):
        async def answer(self, head: Head, body: bytes) -> Reply:
            begun.append(body)
            await go_on.wait()
            return await super().answer(head, body)

    hook = Slow()

    async def work() -> None:
        connection, line = await Edge(hook).open()
        connection.data_received(posted(b"{...}")[:-3])
        connection.data_received(b"..}")
        for _ in range(rounds):
            await asyncio.sleep(0)
        connection.data_received(posted(b"2"))
        await settle()
        assert (begun, line.statuses) == ([b"{...}"], [])

        go_on.set()
        await settle()
        assert (begun, line.statuses) == ([b"{...}", b"2"], [200, 200])

    use(work)
    assert hook.short == []


def test_whatever_comes_in_pieces_on_one_connection_both_ways_give_the_same_answers() -> None:
    paths = [("/telegram/abc", f"X-Secret: {SECRET}")] * 6 + [("/telegram/abc", "X-Secret: wrong")]
    hostile, luck = Hostile("in pieces", [*paths, ("/telegram/other", "")]), random.Random(1)
    came: list[tuple[bool, bytes]] = []
    hooks = {True: Hook(), False: Hook()}
    for hook in hooks.values():
        hook.came = came.append
    edges = {short: Edge(hook, short=short) for short, hook in hooks.items()}
    both_ways = 0

    def pieces() -> list[bytes]:
        found: list[bytes] = []
        for _ in range(luck.randint(2, 5)):
            usual = luck.random() < 0.7
            data = posted(b"%d" % luck.randint(0, 10**9)) if usual else hostile.request()
            cut = luck.choice([0, 0, luck.randrange(len(data)), max(0, len(data) - 1)])
            found += [data[:cut], data[cut:]]
        return [each for each in found if each]

    async def answers(data: list[bytes], *, short: bool) -> tuple[bytes, bool, list[bytes]]:
        nonlocal both_ways
        came.clear()
        connection, line = await edges[short].open()
        for each in data:
            connection.data_received(each)
            await settle()
        ways = [took_short_way for took_short_way, _ in came]
        both_ways += (False, True) in zip(ways, ways[1:], strict=False)
        return DATE.sub(b"", line.written), line.closed, [body for _, body in came]

    async def work() -> None:
        for _ in range(150):
            data = pieces()
            assert await answers(data, short=True) == await answers(data, short=False), data

    use(work)
    assert both_ways > 5
