"""An update that ends processes: it is found again, waits alone, and is set aside in the end."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from handlers.dispatch import retries
from handlers.dispatch.begun_updates import MOST_ENDED, PAUSES, BegunUpdates
from handlers.dispatch.lanes import InboxRow
from handlers.operator import dead_letters
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.term import Term
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.watched_handler import Watched
from tests.support.edges import telegram_updates as telegram
from tests.support.machine.lines import captured
from tests.support.postgres.failing_rows import held, refused

GUILTY, INNOCENT, OTHER = 7, 8, 9


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.dispatch.begun_updates.PAUSES", (0.0, 0.05, 0.05))


class Deadly:
    """The real handler, but an update of ``GUILTY`` ends the process: nothing is written and
    nobody returns until the test lets go."""

    def __init__(self, talk: Conversation) -> None:
        self.real = talk.work
        self.dead = threading.Event()
        self.bury = threading.Event()
        self.together: list[set[int]] = []

    def handle_all(self, term: Term, rows: Sequence[InboxRow]) -> None:
        lanes = {row.lane for row in rows}
        self.together.append(lanes)
        if GUILTY in lanes:
            self.dead.set()
            self.bury.wait(60)
        self.real.handle_all(term, rows)  # refused by the fence if the term is over

    def postpone(self, term: Term, row: InboxRow, error: str, pause: float) -> None:
        self.real.postpone(term, row, error, pause)

    def set_aside(self, term: Term, row: InboxRow, error: str) -> None:
        self.real.set_aside(term, row, error)


@contextmanager
def process(talk: Conversation) -> Iterator[Deadly]:
    """One process from its start to its sudden end, which the next term follows."""
    talk.new_term()
    deadly = Deadly(talk)
    # A dead process deletes no note.
    with patch.object(BegunUpdates, "end", lambda *_: None), talk.dispatching(deadly):
        yield deadly
        talk.new_term()
        deadly.bury.set()


def ended(talk: Conversation) -> dict[int, tuple[str, int]]:
    rows = talk.rows("SELECT lane, state, ended FROM telegram_updates ORDER BY lane")
    return {row["lane"]: (row["state"], row["ended"]) for row in rows}


def test_an_update_that_ends_each_process_is_set_aside_and_the_others_go_on(
    talk: Conversation,
) -> None:
    talk.put(telegram.message(GUILTY, text="/help"))
    for number in range(1, MOST_ENDED + 1):
        with process(talk) as deadly:
            talk.until(deadly.dead.is_set, f"process {number} dies of it")
            talk.put(telegram.message(INNOCENT, text="/help"))
            talk.until(
                lambda: {row["state"] for row in talk.rows(_OF, INNOCENT)} == {"done"},
                "the others are answered all the same",
            )
    with talk.dispatching():
        talk.until(lambda: ended(talk)[GUILTY] == ("dead", MOST_ENDED), "set aside")

    (row,) = talk.rows("SELECT error FROM telegram_updates WHERE lane = 7")
    assert row["error"] == f"the process ended {MOST_ENDED} times while it handled this update"
    told = talk.rows(
        "SELECT chat_id, payload->'keyboard' AS keyboard FROM deliveries"
        " WHERE kind = 'notice' AND chat_id <> 7 ORDER BY id"
    )
    assert len(told) == MOST_ENDED  # from the second end on, and that it is set aside
    assert {row["chat_id"] for row in told} == {ADMIN}
    presses = [[each[1] for line in row["keyboard"] for each in line] for row in told]
    assert presses[:-1] == [["set_aside||", "admin||"]] * (MOST_ENDED - 1)
    assert presses[-1][0].startswith("retry_update||")
    assert len(talk.rows("SELECT 1 FROM deliveries WHERE chat_id = 7 AND kind = 'answer'")) == 1


def test_who_shared_a_transaction_with_it_is_answered_by_one_of_the_next_two_processes(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    # After the second time it is not due before the others are answered, however slow they are.
    monkeypatch.setattr("handlers.dispatch.begun_updates.PAUSES", (0.0, 1000.0, 1000.0))

    def answered() -> bool:
        return [ended(talk)[chat][0] for chat in (INNOCENT, OTHER)] == ["done"] * 2

    talk.put(*(telegram.message(chat, text="/help") for chat in (GUILTY, INNOCENT, OTHER)))
    with process(talk) as first:
        talk.until(first.dead.is_set, "the first process dies with all three in work")
    later: list[Deadly] = []
    while not answered() and len(later) < 2:
        # Those under suspicion come one after the other, in the order in which they are found.
        with process(talk) as another:
            later.append(another)
            talk.until(lambda: another.dead.is_set() or answered(), "it dies, or has answered")

    assert answered()
    assert first.together == [{GUILTY, INNOCENT, OTHER}]
    assert all(len(lanes) == 1 for each in later for lanes in each.together)
    assert {chat: times for chat, (_, times) in ended(talk).items()}[INNOCENT] == 1


def test_two_ends_of_a_process_do_not_change_the_order_of_a_chat(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.dispatch.begun_updates.PAUSES", PAUSES)
    talk.put(*(telegram.message(GUILTY, update_id=number, text="/help") for number in (5, 6)))
    for number in (1, 2):
        with process(talk) as deadly:
            talk.until(deadly.dead.is_set, f"process {number} ends during the first one")
    watched = Watched(talk)
    with talk.dispatching(watched):
        talk.until(lambda: len(watched.order) == 2, "both are done")

    assert [number for _, number in watched.order] == [5, 6]
    found = talk.rows("SELECT ended FROM telegram_updates ORDER BY update_id")
    assert [row["ended"] for row in found] == [2, 0]


def test_what_is_done_is_not_counted_and_the_own_work_of_a_process_neither(
    talk: Conversation,
) -> None:
    talk.put(telegram.message(INNOCENT, text="/help"))
    with talk.dispatching():
        talk.until(lambda: ended(talk)[INNOCENT] == ("done", 0), "done")
    begun = BegunUpdates(talk.database, talk.outbox, BOT_ID, talk.clock)
    talk.put(telegram.message(OTHER, text="/help"))
    (row,) = talk.rows("SELECT seq FROM telegram_updates WHERE lane = 9")
    begun.begin("dispatcher-1", [InboxRow(row["seq"], OTHER, 1, "", 0)])

    assert list(begun.count_ended(talk.term)) == []

    assert ended(talk) == {INNOCENT: ("done", 0), OTHER: ("new", 0)}


class Returning(Deadly):
    """The handler of a process that outlives its updates: the one of ``GUILTY`` fails, or is still
    in work when the term ends."""

    def __init__(self, talk: Conversation, error: Exception | None) -> None:
        super().__init__(talk)
        self.error = error

    def handle_all(self, term: Term, rows: Sequence[InboxRow]) -> None:
        if self.error is not None:
            self.dead.set()
            raise self.error
        super().handle_all(term, rows)


@pytest.mark.parametrize("error", [RuntimeError("planted"), Unavailable("planted"), None])
def test_a_process_that_outlives_its_updates_leaves_nothing_to_be_counted(
    talk: Conversation, error: Exception | None
) -> None:
    handler = Returning(talk, error)
    talk.put(telegram.message(GUILTY, text="/help"))
    with talk.dispatching(handler):
        talk.until(handler.dead.is_set, "it has the update in work")
        if error is None:
            talk.new_term()
        handler.bury.set()
    next_process = BegunUpdates(talk.database, talk.outbox, BOT_ID, talk.clock)

    assert list(next_process.count_ended(talk.term)) == []
    assert ended(talk)[GUILTY] == ("new", 0)


def test_a_row_that_somebody_has_locked_keeps_nobody_from_beginning(
    talk: Conversation, connect: Any
) -> None:
    talk.put(telegram.message(GUILTY, text="/help"), telegram.message(INNOCENT, text="/help"))
    with process(talk) as first:
        talk.until(first.dead.is_set, "the first process dies")
    with held(connect, "SELECT 1 FROM telegram_updates WHERE lane = 7 FOR UPDATE"):
        with talk.dispatching():
            talk.until(lambda: ended(talk)[INNOCENT] == ("done", 1), "the other one is done")
        assert ended(talk)[GUILTY] == ("new", 0)


@pytest.mark.parametrize(
    "trouble",
    [
        "LOCK TABLE updates_begun IN ACCESS EXCLUSIVE MODE",
        "LOCK TABLE updates_begun IN EXCLUSIVE MODE",
        "ALTER TABLE updates_begun ADD CONSTRAINT never CHECK (FALSE); COMMIT",
    ],
)
def test_what_cannot_be_noted_is_handled_all_the_same(
    talk: Conversation, connect: Any, trouble: str
) -> None:
    talk.put(telegram.message(INNOCENT, text="/help"))
    with held(connect, trouble), talk.dispatching():
        talk.until(lambda: ended(talk)[INNOCENT] == ("done", 0), "done without a note")
    connect().cursor().execute("ALTER TABLE updates_begun DROP CONSTRAINT IF EXISTS never")


def test_an_update_that_was_set_aside_so_can_be_handled_once_more(talk: Conversation) -> None:
    talk.put(telegram.message(INNOCENT, text="/help"))
    with talk.database.transaction() as tx:
        tx.run(f"UPDATE telegram_updates SET ended = {MOST_ENDED}")
    with talk.dispatching():
        talk.until(lambda: ended(talk)[INNOCENT] == ("dead", MOST_ENDED), "set aside")
        (row,) = talk.rows("SELECT seq FROM telegram_updates")
        dead_letters.replay(talk.database, BOT_ID, row["seq"])
        talk.until(lambda: ended(talk)[INNOCENT] == ("done", 0), "handled")


@pytest.mark.parametrize("trouble", ["locked", "53100", "22003"])
def test_what_cannot_be_set_aside_holds_up_its_own_chat_alone_until_it_can(
    talk: Conversation, connect: Any, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr(retries, "ASIDE_PAUSE", 0.3)
    others = range(101, 121)
    answered = "SELECT 1 FROM telegram_updates WHERE state = 'done' AND lane > 100"
    guilty(talk)
    with ExitStack() as while_refused, captured() as lines:
        while_refused.enter_context(
            held(connect, "SELECT 1 FROM telegram_updates WHERE lane = 7 FOR UPDATE")
            if trouble == "locked"
            else refused(connect, "telegram_updates", trouble, "NEW.lane = 7", on="UPDATE")
        )
        with talk.dispatching():
            talk.until(lambda: lines.of("try_not_counted"), "it cannot be set aside")
            talk.put(*(telegram.message(chat, text="/help") for chat in others))
            talk.until(lambda: len(talk.rows(answered)) == len(others), "all others")
            assert ended(talk)[GUILTY] == ("new", MOST_ENDED)
            while_refused.close()
            talk.until(lambda: ended(talk)[GUILTY] == ("dead", MOST_ENDED), "set aside")

    assert not lines.of("dispatcher_paused")


def test_an_apology_that_cannot_be_written_is_no_outage(talk: Conversation, connect: Any) -> None:
    guilty(talk)
    with (
        refused(connect, "deliveries", "53100", "NEW.chat_id = 7"),
        captured() as lines,
        talk.dispatching(),
    ):
        talk.until(lambda: lines.of("apology_not_written"), "no apology")
        talk.put(telegram.message(INNOCENT, text="/help"))
        talk.until(lambda: ended(talk)[INNOCENT] == ("done", 0), "the others are answered")

    assert ended(talk)[GUILTY] == ("dead", MOST_ENDED)
    assert not lines.of("dispatcher_paused")


def guilty(talk: Conversation) -> None:
    """An update during which so many processes have ended that it is to be set aside."""
    talk.put(telegram.message(GUILTY, text="/help"))
    talk.rows("UPDATE telegram_updates SET ended = %s", MOST_ENDED)


_OF = "SELECT state FROM telegram_updates WHERE lane = %s"
