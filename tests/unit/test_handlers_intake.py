"""What the receivers do before anything is stored; lanes and pacing, which are pure too."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import error as tg

from handlers.envelope import Envelope, seal, seal_parsed
from handlers.lanes import Lanes, Waiting
from handlers.pacing import Pacing
from handlers.polling import STALE_AFTER, Polling
from handlers.webhook import Webhook
from supervisor.errors import Misconfigured, Unavailable
from supervisor.identity import Identity
from supervisor.routes import Head
from supervisor.secret import Secret
from supervisor.term import Gate, Term
from tests.support import telegram_updates as telegram

TOKEN = "123456:TEST-TOKEN"
IDENTITY = Identity(Secret(TOKEN))
TERM = Term(1, __import__("uuid").uuid4())

# ------------------------------------------------------------------ envelopes --


@pytest.mark.parametrize(
    ("update", "lane", "kind"),
    [
        (telegram.message(7, update_id=1, text="x"), 7, "message"),
        (telegram.press("x", 8), 8, "callback_query"),
        ({"update_id": 1, "callback_query": {"from": {"id": 9}, "inline_message_id": "i"}}, 9,
         "callback_query"),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": -5}, "from": {"id": 1}}}, -5,
         "my_chat_member"),
        ({"update_id": 1, "poll": {"id": "p"}}, 0, "poll"),
        ({"update_id": 1}, 0, "empty"),
        ({"update_id": 1, "message": {"chat": {"id": "text"}}}, 0, "message"),
        ({"update_id": 1, "message": {"chat": {"id": 2**70}, "from": {"id": 3}}}, 3, "message"),
    ],
)  # fmt: skip
def test_an_update_goes_into_the_lane_of_its_chat_else_of_its_user(
    update: dict[str, Any], lane: int, kind: str
) -> None:
    envelope = seal(telegram.raw(update))

    assert (envelope.lane, envelope.kind, envelope.state) == (lane, kind, "new")
    assert envelope == seal_parsed(update)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"update_id": true}',
        b'{"update_id": "5"}',
        b'{"update_id": -1}',
        b'{"update_id": 99999999999999999999999}',
        b'{"update_id": 1.5}',
        b'{"message": {}}',
        b'{"update_id": ' + b"9" * 5000 + b"}",
        b"a\x00b",
    ],
)
def test_what_cannot_be_read_is_kept_as_set_aside(body: bytes) -> None:
    envelope = seal(body)

    assert envelope.state == "dead"
    assert envelope.update_id is None
    assert "\x00" not in envelope.body


@given(st.binary(max_size=200))
def test_no_body_breaks_the_sealing(body: bytes) -> None:
    envelope = seal(body)

    envelope.body.encode()
    assert "\x00" not in envelope.body


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["chat", "from", "message", "id", "user", "x\ud800"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_shape_of_an_update_breaks_the_sealing(content: Any) -> None:
    envelope = seal(json.dumps({"update_id": 5, "message": content, "k\x00": content}).encode())

    assert envelope.update_id == 5
    assert -(2**63) <= envelope.lane < 2**63
    envelope.kind.encode()


# -------------------------------------------------------------------- webhook --


class FakeInbox:
    def __init__(self, *failures: Exception | None) -> None:
        self.stored: list[Envelope] = []
        self.failures = list(failures)

    async def store(self, envelopes: Sequence[Envelope]) -> None:
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.stored.extend(envelopes)


def head(path_id: str, secret: str | None) -> Head:
    headers = {} if secret is None else {"x-telegram-bot-api-secret-token": secret}
    return Head("POST", f"/telegram/{path_id}", {"id": path_id}, headers)


GOOD_ID, GOOD_SECRET = IDENTITY.webhook_id, IDENTITY.webhook_secret.reveal()


@pytest.mark.parametrize(
    ("path_id", "secret", "status"),
    [
        (GOOD_ID, GOOD_SECRET, None),
        (GOOD_ID, None, 401),
        (GOOD_ID, "wrong", 401),
        (GOOD_ID, GOOD_SECRET + "x", 401),
        (GOOD_ID, "ж\udcff", 401),
        ("wrong", GOOD_SECRET, 404),
        ("ж", GOOD_SECRET, 404),
        ("", None, 404),
    ],
)
def test_a_request_is_admitted_by_its_path_and_secret_alone(
    path_id: str, secret: str | None, status: int | None
) -> None:
    route = Webhook(IDENTITY, FakeInbox())  # type: ignore[arg-type]  # the one method it uses

    reply = route.admit(head(path_id, secret))

    assert (reply.status if reply else None) == status


def test_an_update_is_acknowledged_after_it_is_stored() -> None:
    inbox = FakeInbox()
    route = Webhook(IDENTITY, inbox)  # type: ignore[arg-type]

    reply = asyncio.run(route.answer(head(GOOD_ID, GOOD_SECRET), b'{"update_id": 5}'))

    assert reply.status == 200
    assert reply.body == b""
    assert [each.update_id for each in inbox.stored] == [5]


def test_broken_json_is_stored_and_acknowledged() -> None:
    inbox = FakeInbox()
    route = Webhook(IDENTITY, inbox)  # type: ignore[arg-type]

    assert asyncio.run(route.answer(head(GOOD_ID, GOOD_SECRET), b"{")).status == 200
    assert inbox.stored[0].state == "dead"


# -------------------------------------------------------------------- polling --


class FakeClock:
    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    def wait(self, event: Any, seconds: float) -> bool:
        raise AssertionError("polling does not block")

    def jitter(self, seconds: float) -> float:
        return 0.0 * seconds


class FakeClient:
    """Answers getUpdates from a script; its end sets ``stop``."""

    def __init__(self, telegram_server: "FakeServer") -> None:
        self.server = telegram_server

    async def initialize(self) -> None:
        self.server.clients += 1

    async def retrieve(self, url: str, read_timeout: float) -> bytes:
        self.server.urls.append(url)
        if not self.server.script:
            self.server.stop.set()
            await asyncio.Event().wait()
        answer = self.server.script.pop(0)
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    async def shutdown(self) -> None:
        self.server.closed += 1


class FakeServer:
    def __init__(self, *script: Any) -> None:
        self.script = list(script)
        self.urls: list[str] = []
        self.clients = self.closed = 0
        self.stop = asyncio.Event()
        self.clock = FakeClock()

    def offsets(self) -> list[str | None]:
        found = []
        for url in self.urls:
            _, _, offset = url.partition("&offset=")
            found.append(offset or None)
        return found

    def poll(self, inbox: FakeInbox) -> None:
        polling = Polling(
            make_client=lambda: FakeClient(self),
            api_url="http://api.example",
            token=Secret(TOKEN),
            inbox=inbox,  # type: ignore[arg-type]  # the one method it uses
            clock=self.clock,
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
        tg.Conflict("terminated by other getUpdates request"),
        tg.TimedOut(),
        tg.NetworkError("Bad Gateway"),
        tg.NetworkError("httpx.ReadError: "),
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


def test_a_refused_token_ends_polling_with_a_clear_sentence() -> None:
    server = FakeServer(tg.InvalidToken("Unauthorized"))

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
        return tg.TimedOut()

    server.script = [deaf, batch(10)]
    server.poll(FakeInbox())

    assert server.clients == server.closed == 2


# ---------------------------------------------------------------------- lanes --


def row(lane: int, number: int) -> Waiting:
    return Waiting(number, lane, number, "", 0)


def loaded(lanes: Lanes, *rows: Waiting) -> Lanes:
    heads: dict[int, list[Waiting]] = {}
    for each in rows:
        heads.setdefault(each.lane, []).append(each)
    lanes.load(heads)
    return lanes


def test_one_update_of_a_lane_is_in_work_at_a_time() -> None:
    lanes = loaded(Lanes(8), row(1, 1), row(1, 2))

    first = lanes.take()
    assert first == row(1, 1)
    assert lanes.take() is None
    lanes.done(row(1, 1))

    assert lanes.take() == row(1, 2)


def test_lanes_are_served_in_turn_however_much_one_has() -> None:
    lanes = loaded(Lanes(8), *(row(1, number) for number in range(1, 6)), row(2, 90), row(3, 91))
    served = []
    while (taken := lanes.take()) is not None:
        served.append(taken.lane)
        lanes.done(taken)

    assert served == [1, 2, 3, 1, 1, 1, 1]


def test_a_row_in_work_is_not_loaded_again() -> None:
    lanes = loaded(Lanes(8), row(1, 1))
    taken = lanes.take()
    assert taken is not None

    loaded(lanes, row(1, 1), row(1, 2))
    lanes.done(taken)

    assert lanes.take() == row(1, 2)
    lanes.done(row(1, 2))
    assert lanes.take() is None


def test_a_lane_that_was_emptied_elsewhere_loses_its_turn() -> None:
    lanes = loaded(Lanes(8), row(1, 1), row(2, 2))

    lanes.load({1: []})

    assert lanes.take() == row(2, 2)
    assert lanes.take() is None


def test_a_lane_that_ran_out_of_loaded_rows_asks_for_more() -> None:
    lanes = loaded(Lanes(2), row(1, 1), row(1, 2))
    for number in (1, 2):
        assert lanes.take() == row(1, number)
        lanes.done(row(1, number))

    assert lanes.hungry


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["read", "load", "take", "done"]))))
def test_whatever_happens_a_lane_keeps_its_order_and_its_single_worker(
    steps: list[tuple[int, str]],
) -> None:
    table = {lane: [row(lane, lane * 100 + n) for n in range(5)] for lane in range(1, 5)}
    lanes, in_work, handled = Lanes(2), {}, dict.fromkeys(table, 0)
    seen: dict[int, list[Waiting]] = {}
    for lane, step in steps:
        if step == "read":
            lanes.begin_load()
            seen = {each: rows[:2] for each, rows in table.items()}
        elif step == "load":
            lanes.load(seen)
            seen = {}
        elif step == "take" and (taken := lanes.take()) is not None:
            assert taken.lane not in in_work
            assert taken.seq > handled[taken.lane]
            in_work[taken.lane] = taken
        elif step == "done" and lane in in_work:
            taken = in_work.pop(lane)
            handled[lane] = taken.seq
            table[lane].remove(taken)
            lanes.done(taken)


# --------------------------------------------------------------------- pacing --


def test_a_chat_gets_a_small_burst_and_then_about_one_a_second() -> None:
    pacing = Pacing()
    for _ in range(3):
        assert pacing.wait(5, 0.0) == 0.0
        pacing.took(5, 0.0)

    assert pacing.wait(5, 0.0) == pytest.approx(1.0)
    assert pacing.held(0.5) == [5]
    assert pacing.wait(5, 1.0) == 0.0
    assert pacing.wait(6, 0.0) == 0.0


def test_a_group_is_written_to_twenty_times_a_minute() -> None:
    pacing = Pacing()
    for _ in range(3):
        pacing.took(-5, 0.0)

    assert pacing.wait(-5, 0.0) == pytest.approx(3.0)
