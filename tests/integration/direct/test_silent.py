"""Updates that need no answer, as most of what a group says, on a real PostgreSQL."""

from typing import Any

import pytest

from handlers.direct.direct_work import DirectWork
from handlers.intake.new_rows import REMEMBERED
from supervisor.database.transactions import Tx
from supervisor.runtime.errors import Fenced
from tests.support.chats.direct_talk import DirectTalk
from tests.support.edges import telegram_updates as telegram

GROUP = -1_000_000_000_007


def chatter(number: int, group: int = GROUP) -> dict[str, Any]:
    """A text of a group that is for nobody."""
    said = telegram.message(7, update_id=number, text="see you at noon")
    said["message"]["chat"] = {"id": group, "type": "supergroup", "title": "Sailors"}
    return said


def rows(direct: DirectTalk) -> list[dict[str, Any]]:
    return direct.talk.rows(
        "SELECT update_id, lane, kind, state, attempts, done_at = received_at AS at_once"
        " FROM telegram_updates ORDER BY update_id"
    )


@pytest.fixture
def committed(direct: DirectTalk, monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The updates of each call of the worker that was committed."""
    found: list[list[int]] = []
    plain = DirectWork.handle

    def handle(work: DirectWork, term: Any, updates: Any) -> Any:
        done = plain(work, term, updates)
        found.append([each.update_id for each in done])
        return done

    monkeypatch.setattr(DirectWork, "handle", handle)
    return found


def test_what_needs_no_answer_is_stored_as_done_by_one_statement(
    direct: DirectTalk, committed: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with direct.acting():
        taken: list[str] = []
        plain = Tx.all

        def all_of(tx: Tx, statement: Any, params: Any = None) -> Any:
            taken.append(statement)
            return plain(tx, statement, params)

        monkeypatch.setattr(Tx, "all", all_of)
        direct.acknowledged(chatter(5))
        monkeypatch.undo()

    assert committed == [[5]]
    assert sum("telegram_updates" in each for each in taken) == 1
    assert rows(direct) == [
        {
            **{"update_id": 5, "lane": GROUP, "kind": "message", "state": "done", "attempts": 1},
            "at_once": True,
        }
    ]
    assert direct.talk.rows("SELECT user_id FROM users") == []
    assert direct.decisions.order == {}


def test_it_shares_a_transaction_with_what_is_answered(
    direct: DirectTalk, committed: list[list[int]]
) -> None:
    with direct.acting():
        direct.acknowledged(
            telegram.message(8, update_id=4, text="/help"),
            chatter(5),
            telegram.message(9, update_id=6, text="/help"),
        )

    assert sorted(number for each in committed for number in each) == [4, 5, 6]
    assert [(row["update_id"], row["state"]) for row in rows(direct)] == [
        (4, "done"),
        (5, "done"),
        (6, "done"),
    ]
    assert direct.answered() == [4, 6]


def test_one_that_comes_again_is_acknowledged_and_stays_as_it_was(
    direct: DirectTalk, committed: list[list[int]]
) -> None:
    with direct.acting():
        direct.acknowledged(chatter(5))
        (before,) = direct.talk.rows("SELECT seq FROM telegram_updates")
        direct.acknowledged(chatter(5), chatter(6, GROUP - 1))

    assert sorted(number for each in committed for number in each) == [5, 6]
    assert direct.talk.rows("SELECT seq FROM telegram_updates WHERE update_id = 5") == [before]
    repeated = 'trt_updates_received_total{outcome="repeated"} 1'
    assert repeated in direct.talk.counted().decode()


def test_one_whose_number_was_used_long_ago_is_another_update(direct: DirectTalk) -> None:
    with direct.acting():
        direct.acknowledged(chatter(5))
        direct.talk.rows(
            "UPDATE telegram_updates SET received_at = now() - make_interval(secs => %s)"
            " RETURNING seq",
            REMEMBERED + 60,
        )
        (before,) = direct.talk.rows("SELECT seq FROM telegram_updates")
        direct.acknowledged(chatter(5))
        direct.talk.until(lambda: direct.states() == {"done": 1}, "it is handled")

    (after,) = direct.talk.rows("SELECT seq, received_at > now() - interval '1 hour' AS new"
                                " FROM telegram_updates")  # fmt: skip
    assert after["new"]
    assert after["seq"] > before["seq"]


def test_after_its_term_nothing_is_stored_as_done(
    direct: DirectTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[Exception] = []
    plain = DirectWork.handle

    def handle(work: DirectWork, term: Any, updates: Any) -> Any:
        direct.talk.rows("UPDATE lock_epochs SET ended_at = now() RETURNING epoch")
        try:
            return plain(work, term, updates)
        except Fenced as error:
            refused.append(error)
            raise

    with direct.acting():
        monkeypatch.setattr(DirectWork, "handle", handle)
        direct.acknowledged(chatter(5))

    assert len(refused) == 1
    assert [row["state"] for row in rows(direct)] == ["new"]
