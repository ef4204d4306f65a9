"""One user's row is locked, or refused by the database: that user waits, and nobody else."""

from typing import Any

import pytest

from handlers.dispatch import dispatcher as module
from handlers.dispatch import retries
from handlers.dispatch.lanes import PAYERS
from handlers.features import making
from supervisor.database import failed_rows
from tests.support.chats.conversation import Conversation
from tests.support.edges import telegram_updates as telegram
from tests.support.machine.lines import captured
from tests.support.postgres.failing_rows import held, refused

A = 7  #: the chat and the user whose row is in trouble
OTHERS = range(101, 109)


@pytest.fixture
def known(talk: Conversation) -> Conversation:
    """A is known under an old name, so that the next update writes A's row."""
    talk.rows("SELECT ensure_user(%s, 'old_name', 'Old')", A)
    return talk


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage would last until the end of the test."""
    monkeypatch.setattr(module, "OUTAGE_PAUSE", 1000.0)


def done(talk: Conversation) -> list[int]:
    found = talk.rows(
        "SELECT lane FROM telegram_updates WHERE state = 'done' ORDER BY done_at, seq"
    )
    return [row["lane"] for row in found]


def ask_all(talk: Conversation) -> None:
    """A first, then eight others: all of them at once, so that they share a transaction."""
    talk.put(*(telegram.message(chat, text="/help") for chat in (A, *OTHERS)))


@pytest.mark.usefixtures("patient")
def test_a_locked_row_of_one_user_holds_up_that_user_alone(
    known: Conversation, connect: Any
) -> None:
    locked = f"UPDATE users SET balance = balance WHERE user_id = {A}"
    with held(connect, locked):
        ask_all(known)
        with known.dispatching():
            known.until(lambda: set(done(known)) == set(OTHERS), "all others")
            (row,) = known.rows("SELECT state, attempts FROM telegram_updates WHERE lane = %s", A)
            assert row["state"] == "new"


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    "sqlstate", ["53100", "57014", "40001", "40P01", "55P03", "25006", "22003"]
)
def test_a_chat_whose_answers_the_database_refuses_holds_up_that_chat_alone(
    sqlstate: str, talk: Conversation, connect: Any
) -> None:
    with refused(connect, "deliveries", sqlstate, f"NEW.chat_id = {A}"):
        ask_all(talk)
        with talk.dispatching():
            talk.until(lambda: set(done(talk)) == set(OTHERS), "all others")
            talk.until(
                lambda: talk.rows(
                    "SELECT 1 FROM telegram_updates WHERE lane = %s AND attempts > 0", A
                ),
                "it counts as a try",
            )


@pytest.mark.usefixtures("patient")
def test_a_locked_dialogue_holds_up_that_user_alone(talk: Conversation, connect: Any) -> None:
    talk.rows(
        "INSERT INTO dialogues (bot_id, chat_id, user_id, step, version, answers)"
        " VALUES (123456, %s, %s, 'menu', 1, '{}')",
        A,
        A,
    )
    with held(connect, f"SELECT 1 FROM dialogues WHERE chat_id = {A} FOR UPDATE"):
        talk.put(*(telegram.message(chat, text="/start") for chat in (A, *OTHERS)))
        with talk.dispatching():
            talk.until(lambda: set(done(talk)) == set(OTHERS), "all others")


def test_the_order_of_the_lane_stays_and_it_goes_on_when_the_row_is_free(
    known: Conversation, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failed_rows, "FAULT_PAUSES", (0.2,))
    with known.dispatching():
        with held(connect, f"UPDATE users SET balance = balance WHERE user_id = {A}"):
            ask_all(known)
            known.until(
                lambda: known.rows(
                    "SELECT 1 FROM telegram_updates WHERE lane = %s AND attempts > 0", A
                ),
                "the first of the lane has failed",
            )
            # This one would not have to write the locked row.
            second = telegram.message(A, text="/start")
            second["message"]["from"].update(username="old_name", first_name="Old")
            known.put(second)
            known.put(telegram.message(200, text="/help"))
            known.until(lambda: 200 in done(known), "somebody who came later")
            assert A not in done(known)
        known.until(lambda: done(known).count(A) == 2, "both of the lane")

    found = known.rows(
        "SELECT d.id, t.update_id FROM telegram_updates AS t JOIN deliveries AS d"
        " ON d.dedupe_key LIKE 'update:' || t.seq || ':%%' WHERE t.lane = %s ORDER BY d.id",
        A,
    )
    numbers = [row["update_id"] for row in found]
    assert numbers == sorted(numbers)


def test_after_an_outage_nothing_is_held_against_anybody(
    talk: Conversation, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long enough for the outage to end in a pause: where it ends between two rows of one look, the
    # first of them is the only one that was refused.
    monkeypatch.setattr(module, "OUTAGE_PAUSE", 1.0)
    with captured() as lines, talk.dispatching():
        with refused(connect, "deliveries", "53100", "TRUE"):
            ask_all(talk)
            talk.until(lambda: lines.of("dispatcher_paused"), "an outage")
        talk.until(lambda: len(done(talk)) == len(OTHERS) + 1, "all of them")

    assert talk.rows("SELECT DISTINCT attempts FROM telegram_updates") == [{"attempts": 1}]
    assert not lines.of("row_at_fault")


def test_what_can_never_be_written_is_set_aside_though_its_apology_is_refused(
    talk: Conversation, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failed_rows, "FAULT_PAUSES", (0.01,))
    monkeypatch.setattr(retries, "MOST_BLOCKED", 3)
    with refused(connect, "deliveries", "53100", f"NEW.chat_id = {A}"):
        ask_all(talk)
        with talk.dispatching():
            talk.until(
                lambda: talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'dead'"), "aside"
            )

    (row,) = talk.rows("SELECT lane, attempts FROM telegram_updates WHERE state = 'dead'")
    assert row == {"lane": A, "attempts": 3}
    assert len(talk.rows("SELECT 1 FROM deliveries WHERE kind = 'notice'")) == 1


@pytest.mark.usefixtures("patient")
def test_a_payer_whose_row_is_locked_holds_up_no_other_payer(
    talk: Conversation, connect: Any
) -> None:
    talk.rows("SELECT ensure_user(%s, 'old_name', 'Old')", A)
    with held(connect, f"UPDATE users SET balance = balance WHERE user_id = {A}"):
        talk.put(*(telegram.checkout(user) for user in (A, *OTHERS)))
        with talk.dispatching(lane_range=PAYERS):
            talk.until(lambda: len(done(talk)) == len(OTHERS), "all others")


@pytest.mark.parametrize("statement", ["SELECT no_such_column FROM users", "SELECT no_such_one(1)"])
def test_a_statement_of_ours_that_is_wrong_fails_like_any_mistake_and_holds_no_lane(
    statement: str, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL says the same of it as of a schema that is another release's: what others get
    done tells the two apart."""
    monkeypatch.setitem(making._SQL, "recent_models", statement)
    monkeypatch.setattr(retries, "RETRY_PAUSES", (0.1, 0.1, 0.1, 0.1))
    talk.put(
        telegram.message(A, text="/image"), *(telegram.message(n, text="/help") for n in OTHERS)
    )
    talk.put(telegram.message(A, text="/help"))

    with talk.dispatching():
        talk.until(
            lambda: talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'dead'"), "set aside"
        )
        talk.until(lambda: A in done(talk), "what came later")

    (row,) = talk.rows("SELECT lane, attempts FROM telegram_updates WHERE state = 'dead'")
    assert (row["lane"], row["attempts"]) == (A, 5)


def test_a_table_of_one_feature_that_is_away_is_waited_for(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(making._SQL, "recent_models", "SELECT 1 FROM no_such_table")
    monkeypatch.setattr(retries, "RETRY_PAUSES", (0.01, 0.01, 0.01, 0.01))
    monkeypatch.setattr(failed_rows, "FAULT_PAUSES", (0.01,))
    talk.put(
        telegram.message(A, text="/image"), *(telegram.message(n, text="/help") for n in OTHERS)
    )

    with talk.dispatching():
        talk.until(
            lambda: talk.rows("SELECT 1 FROM telegram_updates WHERE lane = %s AND attempts > 6", A),
            "it is tried more often than a mistake",
        )
        assert not talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'dead'")
        monkeypatch.undo()
        talk.until(lambda: A in done(talk), "it is done when the table is back")
