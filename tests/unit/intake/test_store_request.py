"""How long the callers of the inbox wait."""

import asyncio

from handlers.intake.store_request import Patience, StoreRequest
from supervisor.runtime.errors import BotError, Unavailable


def test_who_waits_for_too_long_is_told_and_whoever_came_later_has_his_own_time() -> None:
    told: list[str] = []

    async def work() -> None:
        loop, patience = asyncio.get_running_loop(), Patience()
        ended = asyncio.Event()

        def waits(name: str, seconds: float) -> StoreRequest:
            def done(error: BotError | None) -> None:
                told.append(f"{name}: {'late' if isinstance(error, Unavailable) else 'stored'}")
                if len(told) == 3:
                    ended.set()

            request = StoreRequest((), done, loop, loop.time() + seconds)
            patience.expect(request)
            return request

        stored = waits("stored in time", 0.01)
        waits("never stored", 0.01)
        waits("later", 0.05)
        stored.tell(None)
        stored.tell(Unavailable("only the first word counts"))
        await ended.wait()

    asyncio.run(work())

    assert told == ["stored in time: stored", "never stored: late", "later: late"]


def test_one_that_waits_for_long_keeps_nothing_large_of_those_that_were_told_meanwhile() -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        request = StoreRequest((), lambda _: None, loop, loop.time() + 9, update={"large": 1})
        request.tell(None)

        assert request.update is None

    asyncio.run(work())
