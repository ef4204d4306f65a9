"""getUpdates: what is confirmed, what is survived."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest

from handlers.bot_api.answer import result
from handlers.intake.polling import STALE_AFTER, Polling
from supervisor.runtime.errors import Misconfigured, Unavailable
from supervisor.runtime.term import Gate, Term
from supervisor.telemetry.metrics import Metrics
from tests.support.bots.fake_inbox import FakeInbox
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.telegram_answers import dead_token, not_reached, refused, unanswered

TERM = Term(1, UUID(int=1))

# -------------------------------------------------------------------- polling --


class FakeClock:
    def __init__(self) -> None:
        self.time = 100.0
        self.pauses: list[float] = []

    def now(self) -> float:
        return self.time

    def wait(self, event: Any, seconds: float) -> bool:
        raise AssertionError("polling does not block")

    def jitter(self, seconds: float) -> float:
        self.pauses.append(seconds)
        return 0.0


class FakeClient:
    """Answers getUpdates from a script; its end sets ``stop``."""

    def __init__(self, telegram_server: "FakeServer") -> None:
        self.server = telegram_server
        self.server.clients += 1

    async def call(self, method: str, *, within: float, data: dict[str, str]) -> Any:
        assert method == "getUpdates"
        assert within > int(data["timeout"])
        self.server.asked.append(data)
        if not self.server.script:
            self.server.stop.set()
            await asyncio.Event().wait()
        answer = self.server.script.pop(0)
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return result(200, answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    async def close(self) -> None:
        self.server.closed += 1


class FakeServer:
    def __init__(self, *script: Any) -> None:
        self.script = list(script)
        self.asked: list[dict[str, str]] = []
        self.clients = self.closed = 0
        self.stop = asyncio.Event()
        self.clock = FakeClock()
        self.metrics = Metrics()
        self.troubles: list[str | None] = []

    def offsets(self) -> list[str | None]:
        return [each.get("offset") for each in self.asked]

    def poll(self, inbox: FakeInbox) -> None:
        polling = Polling(
            make_client=lambda: FakeClient(self),
            inbox=inbox,  # type: ignore[arg-type]  # the one method it uses
            clock=self.clock,
            metrics=self.metrics,
            trouble=self.troubles.append,
        )
        gate = Gate(self.clock)
        gate.extend(self.clock.now() + 1e9)
        asyncio.run(polling.run(TERM, gate, self.stop))


def batch(*numbers: int) -> dict[str, Any]:
    updates = [telegram.message(update_id=number, text="x") for number in numbers]
    return {"ok": True, "result": updates}


def test_the_offset_moves_past_what_was_stored() -> None:
    server, inbox = FakeServer(batch(10, 11), batch(12)), FakeInbox()

    server.poll(inbox)

    assert [each.update_id for each in inbox.stored] == [10, 11, 12]
    assert server.offsets() == [None, "12", "13"]


def test_the_offset_stays_while_the_database_is_away() -> None:
    server = FakeServer(batch(10), batch(10))
    inbox = FakeInbox(Unavailable("database away"), None)

    server.poll(inbox)

    assert server.offsets() == [None, None, "11"]
    assert [each.update_id for each in inbox.stored] == [10]


@pytest.mark.parametrize(
    "failure",
    [
        refused(409, "terminated by other getUpdates request"),
        unanswered(),
        not_reached(),
        b"<html>502</html>",
        {"ok": True},
        {"ok": True, "result": 5},
        b"[" * 100_000,
    ],
)
def test_a_failed_call_is_survived_and_repeated(failure: Any) -> None:
    server, inbox = FakeServer(failure, batch(10)), FakeInbox()

    server.poll(inbox)

    assert [each.update_id for each in inbox.stored] == [10]


def test_a_server_that_does_not_hold_empty_answers_is_not_asked_without_end() -> None:
    server = FakeServer(batch(), batch(10), batch(), batch())

    server.poll(FakeInbox())

    assert server.clock.pauses == [1.0, 1.0, 1.0]


def test_an_empty_answer_that_was_held_is_followed_by_the_next_question() -> None:
    def held() -> dict[str, Any]:
        server.clock.time += 25.0
        return batch()

    server = FakeServer(held, held)

    server.poll(FakeInbox())

    assert server.clock.pauses == []


def test_a_refused_token_ends_polling_with_a_clear_sentence() -> None:
    server = FakeServer(dead_token())

    with pytest.raises(Misconfigured, match="TELEGRAM_BOT_TOKEN"):
        server.poll(FakeInbox())


def test_an_update_that_nobody_understands_is_stored_and_passed() -> None:
    strange = {"ok": True, "result": [{"update_id": 10, "new_kind": 1}, "text", {"update_id": 11}]}
    server, inbox = FakeServer(strange), FakeInbox()

    server.poll(inbox)

    assert [each.state for each in inbox.stored] == ["new", "dead", "new"]
    assert server.offsets()[-1] == "12"


def test_after_a_long_deafness_the_http_client_is_replaced() -> None:
    server = FakeServer()

    def deaf() -> Exception:
        server.clock.time += STALE_AFTER + 1
        return unanswered()

    server.script = [deaf, batch(10)]
    server.poll(FakeInbox())

    assert server.clients == server.closed == 2


def test_who_polls_in_vain_for_half_a_minute_says_so_until_updates_come() -> None:
    server = FakeServer()

    def conflict(seconds: float) -> Any:
        def answer() -> Exception:
            server.clock.time += seconds
            return refused(409, "terminated by other getUpdates request")

        return answer

    server.script = [conflict(1), conflict(25), conflict(6), batch(10)]
    server.poll(FakeInbox())

    first, *rest = server.troubles
    assert first is not None
    assert "no updates come" in first
    assert "terminated by other getUpdates" in first
    assert set(rest) == {None}


def test_updates_without_a_number_are_kept_once_and_asked_for_after_pauses() -> None:
    nameless = {"ok": True, "result": ["text", {"message": {}}]}
    server, inbox = FakeServer(nameless, nameless, nameless, batch(10), nameless), FakeInbox()

    server.poll(inbox)

    assert [each.update_id for each in inbox.stored] == [None, None, 10, None, None]
    assert server.offsets() == [None, None, None, None, "11", "11"]
    assert server.clock.pauses == [0.5, 1.0, 2.0, 0.5]


# ------------------------------------------------- an answer that nobody can read --


def raw(*updates: bytes) -> bytes:
    return b'{"ok":true,"result":[%s]}' % b",".join(updates)


def update(number: int) -> bytes:
    return json.dumps(telegram.message(update_id=number, text="x")).encode()


BROKEN = [
    b'{"update_id":11,"message":{"text":"a control \x07 character"}}',
    b'{"update_id":11,"message":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"update_id":11,"message":{"text":"not UTF-8 \xff"}}',
    b'{"update_id":11,"message":{"text":"unfinished}}',
]


@pytest.mark.parametrize("broken", BROKEN, ids=["control", "deep", "bytes", "unfinished"])
def test_an_update_that_nobody_can_read_is_kept_and_stepped_over(broken: bytes) -> None:
    server = FakeServer(
        raw(update(10), broken, update(12)),
        raw(update(10)),
        raw(broken),
        raw(update(12)),
    )
    inbox = FakeInbox()

    server.poll(inbox)

    assert [each.update_id for each in inbox.stored] == [10, None, 12]
    assert [each.state for each in inbox.stored] == ["new", "dead", "new"]
    assert '"update_id":11' in inbox.stored[1].body
    assert [each.get("limit") for each in server.asked] == [None, "1", "1", None, None]
    assert server.offsets() == [None, None, "11", "12", "13"]
    assert server.clock.pauses == []


def test_the_first_update_may_be_the_one_that_nobody_can_read() -> None:
    server, inbox = FakeServer(raw(BROKEN[0]), raw(BROKEN[0]), raw(update(12))), FakeInbox()

    server.poll(inbox)

    assert [each.update_id for each in inbox.stored] == [None, 12]


def test_a_number_that_nobody_can_read_takes_nothing_apart() -> None:
    odd = b'{"update_id":11,"message":{"chat":{"id":7},"date":%s}}' % (b"9" * 5000)
    server, inbox = FakeServer(raw(update(10), odd)), FakeInbox()

    server.poll(inbox)

    assert [(each.update_id, each.state) for each in inbox.stored] == [(10, "new"), (11, "new")]


def test_an_update_whose_own_number_nobody_can_read_is_stepped_over_by_the_one_before() -> None:
    odd = b'{"update_id":%s,"message":{"text":"x"}}' % (b"9" * 5000)
    server = FakeServer(raw(update(10)), raw(odd), raw(odd), raw(update(12)))
    inbox = FakeInbox()

    server.poll(inbox)

    assert [each.update_id for each in inbox.stored] == [10, None, 12]
    assert server.offsets() == [None, "11", "11", "12", "13"]


def test_an_unreadable_update_stays_where_it_is_while_the_database_is_away() -> None:
    server = FakeServer(raw(BROKEN[0]), raw(BROKEN[0]), raw(BROKEN[0]), raw(update(12)))
    inbox = FakeInbox(Unavailable("database away"), None)

    server.poll(inbox)

    assert [each.update_id for each in inbox.stored] == [None, 12]
    assert server.offsets() == [None, None, None, "12", "13"]


@pytest.mark.parametrize(
    "page", [b"<html>200</html>", b"", b'{"ok":true,"result":[', b'["update_id": 5]']
)
def test_a_page_in_the_place_of_an_answer_steps_over_nothing(page: bytes) -> None:
    server, inbox = FakeServer(page, page, page, batch(10)), FakeInbox()

    server.poll(inbox)

    assert [each.update_id for each in inbox.stored] == [10]
    assert server.offsets()[:4] == [None] * 4
