"""The note of direct handling: who reads that a process has not ended in order."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from handlers.direct import direct_handling
from handlers.direct.crash_note import CrashNote
from handlers.dispatch.begun_updates import BegunUpdates
from supervisor.runtime.errors import Fenced
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.direct_talk import DirectTalk
from tests.support.edges import telegram_updates as telegram


def notes(talk: Conversation) -> int:
    return len(talk.rows("SELECT 1 FROM updates_begun WHERE worker = 'direct'"))


def another(talk: Conversation) -> CrashNote:
    """The note of another process of the same bot."""
    return CrashNote(talk.database, BOT_ID)


def test_it_is_there_while_updates_are_handled_directly_and_not_after_an_orderly_end(
    direct: DirectTalk,
) -> None:
    with direct.acting():
        assert notes(direct.talk) == 1
        direct.acknowledged(telegram.message(update_id=5, text="/help"))
        assert notes(direct.talk) == 1

    assert notes(direct.talk) == 0


def test_after_a_process_that_has_not_ended_in_order_updates_are_stored_first(
    direct: DirectTalk,
) -> None:
    another(direct.talk).write(direct.talk.term)
    with direct.acting(opens=False):
        direct.talk.until(lambda: direct.direct._noted, "it has looked")
        direct.acknowledged(telegram.message(update_id=5, text="/help"))
        direct.talk.until(lambda: direct.states() == {"done": 1}, "by the table")
    # The first successor has read it; the time is not over when its next term begins.
    with direct.acting(opens=False):
        direct.talk.until(lambda: direct.direct._noted, "it has looked")
        direct.acknowledged(telegram.message(update_id=6, text="/help"))
        direct.talk.until(lambda: direct.states() == {"done": 2}, "by the table")

    assert direct.decisions.directly == []


def test_after_a_while_without_an_end_they_are_handled_directly_again(
    direct: DirectTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct_handling, "SUSPICIOUS", 0.2)
    another(direct.talk).write(direct.talk.term)
    with direct.acting():
        direct.acknowledged(telegram.message(update_id=5, text="/help"))

    assert direct.decisions.directly == [5]


def test_a_process_that_ends_while_it_only_stores_leaves_a_note_as_well(
    talk: Conversation,
) -> None:
    assert another(talk).write(talk.term) is False
    assert another(talk).write(talk.term) is True
    assert another(talk).write(talk.term) is True
    assert notes(talk) == 1


def test_a_process_does_not_take_its_own_note_for_another_one(talk: Conversation) -> None:
    note = another(talk)

    assert [note.write(talk.term), note.write(talk.term)] == [False, False]


def test_a_process_whose_term_is_over_takes_nobody_s_note_away(talk: Conversation) -> None:
    over, _ = talk.term, talk.new_term()
    another(talk).write(talk.term)

    with pytest.raises(Fenced):
        another(talk).write(over)

    assert another(talk).write(talk.term) is True


def test_it_is_not_taken_for_updates_that_a_worker_had_in_work(talk: Conversation) -> None:
    another(talk).write(talk.term)

    begun = BegunUpdates(talk.database, talk.outbox, BOT_ID, talk.clock)

    assert begun.count_ended(talk.term) == []
    assert notes(talk) == 1


@contextmanager
def no_notes(connect: Callable[[], Any]) -> Iterator[None]:
    """Nothing can be written to their table."""
    cursor = connect().cursor()
    cursor.execute("ALTER TABLE updates_begun ADD CONSTRAINT never CHECK (FALSE) NOT VALID")
    yield
    cursor.execute("ALTER TABLE updates_begun DROP CONSTRAINT never")


def test_without_it_updates_are_only_stored(
    direct: DirectTalk, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct_handling, "PAUSE", 0.05)
    with ExitStack() as later, ExitStack() as without_notes:
        without_notes.enter_context(no_notes(connect))  # before the first attempt
        later.enter_context(direct.acting(opens=False))
        direct.acknowledged(telegram.message(update_id=5, text="/help"))
        direct.talk.until(lambda: direct.states() == {"done": 1}, "by the table")
        assert not direct.is_open()
        without_notes.close()
        direct.talk.until(direct.is_open, "the note is written")
        direct.acknowledged(telegram.message(update_id=6, text="/help"))

    assert direct.decisions.directly == [6]
