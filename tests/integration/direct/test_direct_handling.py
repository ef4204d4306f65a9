"""The rules of direct handling, on a real PostgreSQL. Updates come as the short way brings them."""

from collections.abc import Sequence
from threading import Event
from typing import Any

import pytest

from handlers.dialogue import update_reader
from handlers.direct import direct_handling
from handlers.direct.direct_work import NewUpdate
from handlers.intake.envelope import opened
from handlers.intake.store_request import StoreRequest
from supervisor.database.transactions import Tx
from supervisor.runtime.errors import OutcomeUnknown, Unavailable
from tests.support.chats.conversation import Conversation
from tests.support.chats.direct_talk import DirectTalk
from tests.support.edges import telegram_updates as telegram
from tests.support.machine.waiting import within
from tests.support.postgres.failing_rows import held


def hello(chat: int, number: int) -> dict[str, Any]:
    return telegram.message(chat, update_id=number, text="/help")


def counted(direct: DirectTalk, name: str) -> float:
    lines = direct.talk.counted().decode().splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])


def test_an_update_is_stored_and_handled_by_one_transaction_and_then_acknowledged(
    direct: DirectTalk,
) -> None:
    with direct.acting():
        direct.acknowledged(hello(7, 5))
        (row,) = direct.talk.rows(
            "SELECT u.state, u.attempts, u.error, u.body IS NOT NULL AS kept,"
            " u.done_at = u.received_at AS at_once, CAST(u.xmin AS text) AS written,"
            " (SELECT CAST(d.xmin AS text) FROM deliveries AS d) AS told FROM telegram_updates AS u"
        )

    assert direct.decisions.directly == [5]
    assert row["told"] == row.pop("written") != None  # noqa: E711
    assert row == {
        **{"state": "done", "attempts": 1, "error": None, "kept": True, "at_once": True},
        "told": row["told"],
    }
    assert counted(direct, 'trt_updates_received_total{outcome="stored"}') == 1
    assert counted(direct, "trt_updates_processed_total") == 1


def test_the_time_that_an_update_waited_in_memory_is_counted_as_its_wait(
    direct: DirectTalk,
) -> None:
    envelope, read = opened(telegram.raw(hello(7, 5)))
    incoming = update_reader.incoming(read)
    assert incoming is not None

    direct.work.handle(direct.talk.term, [NewUpdate(5, envelope, incoming, waited=0.25)])

    assert counted(direct, "trt_update_wait_seconds_sum") == 0.25


def test_what_is_handled_directly_is_answered_as_what_comes_from_the_table(
    direct: DirectTalk,
) -> None:
    texts = ("/start", "/help", "a red fox", "/balance", "/nonsense", "/menu")
    asked = [
        [
            telegram.message(user, update_id=100 * user + n, text=text, message_id=10 + n)
            for n, text in enumerate(texts)
        ]
        for user in (7, 8)
    ]
    with direct.acting():
        for update in asked[0]:
            direct.acknowledged(update)
        for update in asked[1]:
            direct.talk.put(update)
            direct.talk.until(lambda: "new" not in direct.states(), "it is handled")

    assert direct.decisions.directly == [700 + n for n in range(len(texts))]
    told = [
        direct.talk.rows(
            "SELECT kind, line, state, thread, payload, attempts FROM deliveries"
            " WHERE chat_id = %s ORDER BY id",
            user,
        )
        for user in (7, 8)
    ]
    assert told[0] == told[1] != []
    moved = [
        direct.talk.rows("SELECT step, version, answers FROM dialogues WHERE user_id = %s", user)
        for user in (7, 8)
    ]
    assert moved[0] == moved[1] != []


def test_a_name_that_its_user_gave_up_is_not_kept(direct: DirectTalk) -> None:
    named = hello(7, 5)
    named["message"]["from"]["username"] = "Anna_K"
    with direct.acting():
        direct.acknowledged(named)
        direct.acknowledged(hello(7, 6))

    assert direct.decisions.directly == [5, 6]
    assert direct.talk.rows("SELECT username FROM users WHERE user_id = 7") == [{"username": None}]
    assert direct.talk.rows("SELECT name FROM former_names") == [{"name": "anna_k"}]


def test_an_update_behind_one_that_is_handled_directly_is_stored_and_waits_for_it(
    direct: DirectTalk,
) -> None:
    begun, go_on = Event(), Event()

    def slowly(tx: Tx) -> None:
        begun.set()
        assert within(go_on.wait, 60)

    direct.decisions.directly_before[5] = slowly
    with direct.acting():
        (first,) = direct.send(hello(7, 5))
        assert within(begun.wait, 60)
        direct.acknowledged(hello(7, 6), hello(8, 9))
        direct.talk.until(lambda: 9 in direct.answered(), "the dispatcher has looked")
        assert direct.states() == {"new": 1, "done": 1}
        assert not first.done()
        go_on.set()
        assert first.result(60) is None
        direct.talk.until(lambda: direct.states() == {"done": 3}, "all done")

    assert [number for number in direct.answered() if number < 9] == [5, 6]
    assert direct.decisions.at_once[7] == 1


def test_an_update_behind_one_that_waits_in_the_table_is_only_stored(
    direct: DirectTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.dispatch.retries.RETRY_PAUSES", (3600.0,))

    def fails(tx: Tx) -> None:
        raise RuntimeError("once")

    direct.decisions.before[5] = fails
    with direct.acting():
        direct.talk.put(hello(7, 5))
        direct.talk.until(
            lambda: direct.talk.rows("SELECT 1 FROM telegram_updates WHERE attempts = 1"), "failed"
        )
        direct.acknowledged(hello(7, 6))
        direct.talk.until(lambda: direct.states() == {"new": 1, "done": 1}, "it is handled")
        direct.acknowledged(hello(8, 7))

    assert direct.decisions.directly == [7]


def test_an_update_behind_one_that_is_being_stored_is_only_stored(
    direct: DirectTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = Event(), Event()
    plain = direct.talk.inbox._rows.commit

    def commit(batch: Sequence[StoreRequest]) -> None:
        begun.set()
        assert within(go_on.wait, 60)
        plain(batch)

    monkeypatch.setattr(direct.talk.inbox._rows, "commit", commit)
    answers = direct.send(hello(7, 5))  # before it is ACTIVE
    assert within(begun.wait, 60)
    with direct.acting():
        answers += direct.send(hello(7, 6), hello(8, 7))
        assert answers[2].result(60) is None
        go_on.set()
        assert [answer.result(60) for answer in answers] == [None, None, None]
        direct.talk.until(lambda: direct.states() == {"done": 3}, "all done")

    assert direct.decisions.directly == [7]
    assert [number for number in direct.answered() if number < 7] == [5, 6]


def test_what_can_be_neither_handled_nor_stored_is_refused_and_its_lane_is_free(
    direct: DirectTalk,
) -> None:
    def fails(tx: Tx) -> None:
        direct.talk.inbox.stop()
        assert within(direct.talk.inbox.join, 10)
        raise RuntimeError("a mistake")

    direct.decisions.directly_before[5] = fails
    with direct.acting():
        (answer,) = direct.send(hello(7, 5))
        assert isinstance(answer.result(60), Unavailable)
        direct.acknowledged(hello(7, 6))

    assert direct.decisions.directly == [6]
    assert direct.answered() == [6]


def test_its_transactions_have_short_time_limits(direct: DirectTalk) -> None:
    limits: list[dict[str, Any]] = []
    asked = (
        "SELECT current_setting('lock_timeout') AS lock,"
        " current_setting('statement_timeout') AS statement"
    )
    direct.decisions.directly_before[5] = lambda tx: limits.extend(tx.all(asked))
    with direct.acting():
        direct.acknowledged(hello(7, 5))

    assert limits == [{"lock": "200ms", "statement": "2s"}]


def test_what_spends_or_asks_before_a_payment_or_cannot_be_read_is_only_stored(
    direct: DirectTalk,
) -> None:
    unreadable = {"update_id": 4, "message": {"chat": {"id": 6}, "message_id": "x"}}
    unknown = {"update_id": 3, "poll": {"id": "x"}}
    pressed = telegram.press("create|1|", 7)
    with direct.acting():
        direct.acknowledged(telegram.checkout(9), unreadable, unknown, pressed)
        direct.acknowledged(hello(10, 5))
        direct.talk.until(
            lambda: direct.states() == {"new": 1, "done": 3, "dead": 1}, "the rest by the table"
        )

    assert direct.decisions.directly == [5]
    (left,) = direct.talk.rows("SELECT kind FROM telegram_updates WHERE state = 'new'")
    assert left == {"kind": "pre_checkout_query"}


def test_an_update_that_comes_again_is_acknowledged_and_handled_once(direct: DirectTalk) -> None:
    with direct.acting():
        direct.acknowledged(hello(7, 5))
        direct.acknowledged(hello(7, 5))
        direct.acknowledged(hello(7, 6))

    assert direct.answered() == [5, 6]
    assert direct.states() == {"done": 2}


def test_an_update_that_another_instance_stores_meanwhile_is_handled_once(
    direct: DirectTalk,
) -> None:
    direct.decisions.directly_before[5] = lambda tx: direct.talk.put(hello(7, 5))
    with direct.acting():
        direct.acknowledged(hello(7, 5))
        direct.talk.until(lambda: direct.states() == {"done": 1}, "the dispatcher handles it")

    assert direct.decisions.directly == []
    assert direct.answered() == [5]


def test_of_updates_that_share_a_transaction_one_that_fails_costs_the_others_nothing(
    direct: DirectTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.dispatch.retries.RETRY_PAUSES", (0.0, 0.0))

    def fails(tx: Tx) -> None:
        raise RuntimeError("a mistake")

    numbers = list(range(50, 70))
    direct.decisions.before[55] = fails
    with direct.acting():
        direct.acknowledged(*(hello(number, number) for number in numbers))
        direct.talk.until(lambda: direct.states() == {"done": 20}, "all done")
        assert direct.is_open()
        direct.acknowledged(hello(55, 80))

    assert sorted(direct.answered()) == [*numbers, 80]
    assert 80 in direct.decisions.directly
    assert 55 not in direct.decisions.directly


def test_what_another_session_blocks_is_stored_soon_and_handled_when_that_ends(
    direct: DirectTalk, connect: Any
) -> None:
    with direct.acting():
        direct.acknowledged(hello(7, 5))
        with held(connect, "SELECT 1 FROM users WHERE user_id = 7 FOR UPDATE"):
            renamed = hello(7, 6)
            renamed["message"]["from"]["username"] = "another"
            direct.acknowledged(renamed)
            assert direct.states() == {"done": 1, "new": 1}
        direct.talk.until(lambda: direct.states() == {"done": 2}, "handled")

    assert direct.decisions.directly == [5]
    assert direct.answered() == [5, 6]


def test_after_the_end_of_its_term_an_update_is_stored_and_left_to_the_next(
    direct: DirectTalk,
) -> None:
    with direct.acting():
        direct.acknowledged(hello(7, 5))
        direct.talk.new_term()
        direct.acknowledged(hello(7, 6))
        direct.acknowledged(hello(8, 7))
    assert direct.states() == {"done": 1, "new": 2}

    with direct.acting():
        direct.talk.until(lambda: direct.states() == {"done": 3}, "the next term handles them")

    assert [number for number in direct.answered() if number < 7] == [5, 6]


@pytest.mark.parametrize("committed", [True, False])
def test_a_commit_without_an_answer_loses_nothing_and_repeats_nothing(
    direct: DirectTalk, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    plain = direct.talk.database._commit
    left = [5]

    def commit(tx: Tx) -> None:
        if not left or direct.decisions.order[7] != left:
            return plain(tx)
        left.clear()
        if committed:
            plain(tx)
        raise OutcomeUnknown("no answer")

    monkeypatch.setattr(direct.talk.database, "_commit", commit)
    monkeypatch.setattr(direct_handling, "PAUSE", 0.0)
    with direct.acting():
        direct.acknowledged(hello(7, 5))
        direct.talk.until(lambda: direct.states() == {"done": 1}, "it is handled")
        direct.acknowledged(hello(7, 6))

    assert left == []
    assert direct.answered() == [5, 6]
    assert direct.decisions.directly == [6]


def test_what_was_taken_is_stored_before_a_term_ends_in_order(direct: DirectTalk) -> None:
    begun, go_on = [Event(), Event()], Event()

    def holds(which: Event) -> Any:
        def wait(tx: Tx) -> None:
            which.set()
            assert within(go_on.wait, 60)

        return wait

    direct.decisions.directly_before = {5: holds(begun[0]), 6: holds(begun[1])}
    with direct.acting():
        first = direct.send(hello(5, 5))
        assert within(begun[0].wait, 60)
        first += direct.send(hello(6, 6))
        assert within(begun[1].wait, 60)
        # Both workers are busy: it waits for them, in memory.
        first += direct.send(hello(7, 7))
        direct.talk.until(lambda: direct.direct._waiting, "it waits")
        direct.dispatcher.stop()
        direct.direct.stop()
        go_on.set()
        assert within(direct.direct.join, 10)
        assert direct.states() == {"done": 2, "new": 1}
        assert [answer.result(60) for answer in first] == [None, None, None]

    with direct.acting():
        direct.talk.until(lambda: direct.states() == {"done": 3}, "the next term handles it")


def test_nothing_is_taken_after_the_end_of_a_term(direct: DirectTalk) -> None:
    with direct.acting():
        direct.acknowledged(hello(7, 5))
    # As one that asked for the handler just before it was taken away.
    direct.talk.inbox.hand_to(direct.direct)
    direct.acknowledged(hello(7, 6))

    assert direct.states() == {"done": 1, "new": 1}


def test_a_press_is_watched_from_the_commit_on(direct: DirectTalk) -> None:
    watched: list[tuple[int, str]] = []
    direct.talk.inbox._on_press = lambda *press: watched.append(press)
    pressed = telegram.press("home||", 7)
    with direct.acting():
        direct.acknowledged(pressed)

    assert watched == [(pressed["update_id"], pressed["callback_query"]["id"])]
    assert direct.decisions.directly == [pressed["update_id"]]
    toasts = direct.talk.rows(
        "SELECT payload ->> 'query_id' AS id FROM deliveries WHERE kind = 'toast'"
    )
    assert toasts == [{"id": pressed["callback_query"]["id"]}]


def test_an_instance_that_is_not_active_only_stores(direct: DirectTalk, talk: Conversation) -> None:
    direct.acknowledged(hello(7, 5))

    assert direct.states() == {"new": 1}
    assert talk.rows("SELECT 1 FROM updates_begun") == []
