"""What an operator sees of updates that were set aside, and another try for one."""

from typing import Any

import pytest

from handlers.operator import dead_letters, status
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import work_channel
from supervisor.settings.identity import Identity
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram

IDENTITY = Identity(Secret(f"{BOT_ID}:TEST-TOKEN"))


def put_aside(talk: Conversation, number: int) -> int:
    talk.put(telegram.message(7, update_id=number, text="/help"))
    (row,) = talk.rows(
        "UPDATE telegram_updates SET state = 'dead', attempts = 5, error = 'RuntimeError: x'"
        " WHERE update_id = %s RETURNING seq",
        number,
    )
    return int(row["seq"])


def test_a_replayed_update_is_handled_and_keeps_nothing_of_its_failures(
    talk: Conversation,
) -> None:
    number = put_aside(talk, 5)
    with talk.dispatching():
        assert (
            dead_letters.replay(talk.database, BOT_ID, number) == "update 5 will be handled again"
        )
        talk.until(
            lambda: talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'done'"), "handled"
        )

    (row,) = talk.rows("SELECT attempts, error FROM telegram_updates")
    assert row == {"attempts": 1, "error": None}


def test_a_replay_from_another_process_wakes_whoever_is_active(
    talk: Conversation, dsn: Secret, connect: Any
) -> None:
    number = put_aside(talk, 5)
    active = connect()
    active.cursor().execute(f"LISTEN {work_channel(BOT_ID)}")

    status.answer(dsn, IDENTITY, dead=False, replay=number, as_json=False)

    # A notification comes after the commit, which may be a moment after the answer.
    talk.until(lambda: active.poll() or active.notifies, "the notification")
    assert [note.payload for note in active.notifies] == ["inbox"]


def test_only_what_was_set_aside_and_can_be_read_is_replayed(talk: Conversation) -> None:
    number = put_aside(talk, 5)
    assert dead_letters.replay(talk.database, BOT_ID + 1, number) is None
    talk.rows("UPDATE telegram_updates SET body = NULL")
    assert dead_letters.replay(talk.database, BOT_ID, number) is None
    talk.rows("UPDATE telegram_updates SET state = 'done', body = '{}'")
    assert dead_letters.replay(talk.database, BOT_ID, number) is None


def test_the_list_shows_the_newest_first_and_what_cannot_be_replayed(talk: Conversation) -> None:
    first, second = put_aside(talk, 5), put_aside(talk, 6)
    talk.rows("UPDATE telegram_updates SET body = NULL WHERE update_id = 5")

    rows = dead_letters.listed(talk.database, BOT_ID)

    assert [row["id"] for row in rows] == [second, first]
    assert [row["replayable"] for row in rows] == [True, False]
    text = dead_letters.screen(rows)
    assert f"{second}  " in text and "RuntimeError: x" in text and "cannot be replayed" in text


def test_the_command_says_what_it_did_and_fails_for_what_is_not_there(
    talk: Conversation, dsn: Secret
) -> None:
    number = put_aside(talk, 5)

    def run(*, dead: bool = False, replay: int | None = None) -> status.CommandOutput:
        return status.answer(dsn, IDENTITY, dead=dead, replay=replay, as_json=False)

    assert str(number) in run(dead=True).text
    assert run(replay=number).found
    assert not run(replay=number).found
    assert run(dead=True).text == "nothing is set aside"
    assert "to process" in run().text


def test_an_update_that_fails_again_after_its_replay_is_set_aside_again(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.dispatch.retries.RETRY_PAUSES", (0.02, 0.02, 0.02, 0.02))
    talk.put({"update_id": 5, "message": {"chat": {"id": 7}, "message_id": "x"}})
    dead = "SELECT seq FROM telegram_updates WHERE state = 'dead'"
    with talk.dispatching():
        (row,) = talk.until(lambda: talk.rows(dead), "set aside")
        assert dead_letters.replay(talk.database, BOT_ID, row["seq"])
        talk.until(lambda: talk.rows(dead), "set aside again")

    assert len(talk.rows("SELECT 1 FROM deliveries WHERE kind = 'notice'")) == 1
