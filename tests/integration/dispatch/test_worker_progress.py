"""Workers show that they get on, and one that does not is missed."""

import threading
from collections.abc import Sequence

import pytest

from handlers.dispatch import dispatcher as module
from handlers.dispatch.lanes import InboxRow
from supervisor.runtime.progress import SILENCE, Progress
from supervisor.runtime.term import Term
from tests.support.chats.conversation import Conversation
from tests.support.chats.watched_handler import Watched
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.fakes import FakeClock


def test_a_worker_whose_handler_never_returns_is_missed(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROUND", 0.02)
    clock = FakeClock()
    progress = Progress(clock)
    hold, stuck = threading.Event(), []

    class Hanging(Watched):
        def handle_all(self, term: Term, rows: Sequence[InboxRow]) -> None:
            stuck.append(threading.current_thread().name)
            hold.wait(30)
            super().handle_all(term, rows)

    def missed() -> str:
        return (progress.overdue() or "").partition(" ")[0]

    with talk.dispatching(Hanging(talk), progress=progress):
        talk.put(telegram.message(1, text="/help"))
        talk.until(lambda: stuck, "in the handler")
        clock.time += SILENCE + 1
        talk.until(lambda: missed() == stuck[0], "the others came round, this one did not")
        hold.set()
        talk.until(lambda: progress.overdue() is None, "alive again")


def test_a_worker_that_gets_on_with_a_long_batch_is_not_missed(talk: Conversation) -> None:
    clock = FakeClock()
    progress = Progress(clock)
    seen: list[str] = []

    class Slow(Watched):
        def handle_all(self, term: Term, rows: Sequence[InboxRow]) -> None:
            name = threading.current_thread().name
            for _ in range(3):
                clock.time += SILENCE - 1
                progress.step()  # as the database does before each statement
                seen.append((progress.overdue() or "").partition(" ")[0])
            seen.append(name)
            super().handle_all(term, rows)

    with talk.dispatching(Slow(talk), progress=progress):
        talk.put(telegram.message(1, text="/help"))
        talk.until(lambda: len(seen) > 3, "handled")

    *overdue, name = seen[:4]
    assert name not in overdue


def test_idle_workers_show_that_they_are_alive(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROUND", 0.02)
    clock = FakeClock()
    progress = Progress(clock)
    with talk.dispatching(progress=progress):
        for _ in range(3):
            clock.time += SILENCE + 1
            talk.until(lambda: progress.overdue() is None, "a round of all workers")
