"""Direct handling beside what does not handle updates: an eraser, a successor, a stop."""

from collections.abc import Mapping
from threading import Event, Thread, current_thread
from typing import Any

import psycopg2
import pytest

from handlers.direct import direct_handling
from handlers.features.privacy.eraser import Eraser
from handlers.intake.envelope import opened
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.errors import OutcomeUnknown
from supervisor.runtime.secret import Secret
from tests.support.chats.conversation import BOT_ID, FENCE_KEY
from tests.support.chats.direct_talk import DirectTalk
from tests.support.edges import telegram_updates as telegram
from tests.support.machine.waiting import within

PRIVATE = "a very private fox"
WAITERS = """
SELECT count(*)::int AS count FROM pg_locks
WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND NOT granted
"""


def hello(chat: int, number: int, text: str = "/help") -> dict[str, Any]:
    return telegram.message(chat, update_id=number, text=text)


class Held:
    """A handler that waits until it may go on."""

    def __init__(self) -> None:
        self.begun, self.go_on = Event(), Event()

    def __call__(self, _tx: Tx) -> None:
        self.begun.set()
        assert within(self.go_on.wait, 60)


def test_nobody_is_forgotten_while_an_update_of_theirs_is_handled_directly(
    direct: DirectTalk,
) -> None:
    talk, held = direct.talk, Held()
    eraser = Eraser(talk.parts())

    def erase() -> None:
        for asked in eraser.asked():
            eraser.go_on(talk.term, asked)

    with direct.acting():
        direct.acknowledged(hello(7, 5, "/start"), hello(8, 6, "/start"))
        with talk.database.transaction() as tx:
            named = {"bot_id": BOT_ID}
            tx.run(
                "INSERT INTO forgettings (bot_id, user_id, language) VALUES (%(bot_id)s, 7, 'en')",
                named,
            )
            tx.run("UPDATE deliveries SET state = 'sent'")
        direct.decisions.directly_before[10] = held
        (first,) = direct.send(hello(7, 10, PRIVATE))
        assert within(held.begun.wait, 60)
        thread = Thread(target=erase)
        thread.start()
        talk.until(lambda: talk.rows(WAITERS)[0]["count"] == 1, "the eraser waits")
        held.go_on.set()
        assert first.result(60) is None
        thread.join(60)
        with talk.database.transaction() as tx:
            tx.run("UPDATE deliveries SET state = 'sent'")
        erase()

    assert direct.decisions.directly == [5, 6, 10]
    assert talk.rows("SELECT user_id FROM accounts ORDER BY user_id") == [{"user_id": 8}]
    left = talk.rows("SELECT body FROM telegram_updates WHERE body IS NOT NULL")
    assert not any(PRIVATE in row["body"] for row in left)
    assert talk.rows("SELECT user_id FROM dialogues WHERE user_id = 7") == []


def test_an_update_is_acknowledged_while_a_successor_holds_the_fence(
    direct: DirectTalk, dsn: Secret
) -> None:
    connection = psycopg2.connect(dsn.reveal())
    connection.autocommit = True
    with direct.acting():
        direct.acknowledged(hello(7, 5))
        connection.cursor().execute("SELECT pg_advisory_lock(%s)", (FENCE_KEY,))
        (answer,) = direct.send(hello(7, 6))

        assert answer.result(4) is None  # the limit of a session's locks is 5 s
        connection.close()


def test_what_is_only_stored_does_not_wait_for_the_handlers_of_others(direct: DirectTalk) -> None:
    held = Held()
    with direct.acting():
        direct.acknowledged(hello(7, 5), hello(8, 6))
        direct.decisions.directly_before[16] = held
        spends = sorted(direct.talk.router._known.spending_buttons)[0]
        order = {**telegram.press(f"{spends}|1|", 8), "update_id": 17}
        first, second = direct.send(hello(7, 16), order)

        assert second.result(60) is None
        assert not first.done()
        held.go_on.set()
        assert first.result(60) is None


def test_a_note_whose_commit_is_not_answered_may_have_taken_another_one_away(
    direct: DirectTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct_handling, "PAUSE", 0.05)
    commit, unanswered = Database._commit, Event()

    def fails_once(database: Database, tx: Tx) -> None:
        commit(database, tx)
        if current_thread().name == "direct-1" and not unanswered.is_set():
            unanswered.set()
            raise OutcomeUnknown("no answer")

    with direct.talk.database.transaction() as tx:
        tx.run(
            "INSERT INTO updates_begun (bot_id, process, worker, seqs)"
            " VALUES (%(bot_id)s, gen_random_uuid(), 'direct', '{}')",
            {"bot_id": BOT_ID},
        )
    monkeypatch.setattr(Database, "_commit", fails_once)
    with direct.acting(opens=False):
        direct.talk.until(lambda: direct.direct._noted, "the note is written")
        assert unanswered.is_set()

        assert not direct.is_open()


def test_a_stop_while_an_update_comes_in_is_no_error(direct: DirectTalk) -> None:
    inbox, told = direct.talk.inbox, list[Any]()

    class Lanes(dict[int, int]):
        def __contains__(self, lane: object) -> bool:
            inbox.hand_to(None)
            return super().__contains__(lane)

    def put() -> None:
        try:
            inbox.put(*opened(telegram.raw(hello(7, 5))), told.append)
        except AttributeError as error:
            told.append(error)

    with direct.acting():
        inbox._lanes = Lanes(inbox._lanes)
        direct._loop.call_soon_threadsafe(put)
        direct.talk.until(lambda: told, "told")

    assert told == [None]


def test_what_leaves_the_inbox_never_hides_what_is_behind_it(
    direct: DirectTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event loop may look at any moment."""
    inbox, begun, go_on = direct.talk.inbox, Event(), Event()
    plain, answers, seen = inbox._rows.commit, list[Any](), list[bool]()

    class Lanes(dict[int, int]):
        """A further update of the lane comes during the first change that the writer makes."""

        def pop(self, lane: int, *default: Any) -> Any:
            found = super().pop(lane, *default)
            self.changed()
            return found

        def __setitem__(self, lane: int, count: int) -> None:
            super().__setitem__(lane, count)
            self.changed()

        def __contains__(self, lane: object) -> bool:
            seen.append(super().__contains__(lane))
            return seen[-1]

        def changed(self) -> None:
            if current_thread().name == "inbox-writer" and len(answers) == 2:
                direct.talk.until(lambda: 5 in direct.answered(), "the first one is handled")
                seen.clear()
                answers.extend(direct.send(hello(7, 7)))
                direct.talk.until(lambda: seen, "the event loop has looked")
                if not seen[0]:
                    direct.talk.until(lambda: 7 in direct.decisions.order[7], "it is handled")

    def commit(batch: Any) -> None:
        begun.set()
        assert within(go_on.wait, 60)
        plain(batch)

    monkeypatch.setattr(inbox._rows, "commit", commit)
    inbox._lanes = Lanes()
    answers += direct.send(hello(7, 5))  # before it is ACTIVE
    assert within(begun.wait, 60)
    answers += direct.send(hello(7, 6))
    with direct.acting():
        direct.talk.until(lambda: inbox._count == 1, "it waits behind the first one")
        go_on.set()
        direct.talk.until(lambda: len(answers) == 3, "the third one came")
        assert [answer.result(60) for answer in answers] == [None, None, None]
        direct.talk.until(lambda: direct.states() == {"done": 3}, "all done")

    assert direct.decisions.order[7] == [5, 6, 7]


def test_an_account_that_the_update_changes_is_read_after_the_change(direct: DirectTalk) -> None:
    """Who was banned and forgotten stays banned when an account exists again."""
    talk, seen = direct.talk, list[tuple[bool, Mapping[str, int]]]()
    plain = direct.decisions._facts

    def facts(incoming: Any, found: Any, account: Any) -> Any:
        seen.append((account.banned, dict(account.free_used)))
        return plain(incoming, found, account)

    direct.decisions._facts = facts  # type: ignore[method-assign]
    person = talk.installation.identity.person(7)
    with talk.database.transaction() as tx:
        named = {"bot_id": BOT_ID, "person": person}
        tx.run("SELECT ensure_user(7, NULL, 'x')")
        tx.run("SELECT ensure_account(%(bot_id)s, 7)", named)
        tx.run("UPDATE accounts SET last_seen = now() - interval '2 hours'")
        tx.run(
            "INSERT INTO forgotten_people (bot_id, person, banned, free_used, free_on, first_seen)"
            " VALUES (%(bot_id)s, %(person)s, TRUE, '{\"z-image\": 3}',"
            " (now() AT TIME ZONE 'UTC')::date, now())",
            named,
        )
    with direct.acting():
        direct.acknowledged(hello(7, 5, "/balance"))

    assert direct.decisions.directly == [5]
    assert seen == [(True, {"z-image": 3})]
