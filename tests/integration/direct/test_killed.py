"""The process ends at any statement or commit of direct handling, and Telegram sends again."""

import asyncio
from collections.abc import Sequence
from typing import Any

from handlers.dialogue import update_reader
from handlers.direct.direct_work import DirectWork, NewUpdate
from handlers.dispatch.unit_of_work import UnitOfWork
from handlers.intake.envelope import opened
from handlers.intake.inbox import Inbox
from supervisor.runtime.errors import BotError
from supervisor.runtime.secret import Secret
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram
from tests.support.postgres.mortal_database import Crash, MortalDatabase

MOST_MOMENTS = 40  #: statements and commits of one transaction, at the most


class Life:
    """One process: what it handles directly, until it ends."""

    def __init__(self, talk: Conversation, dsn: Secret, ends_at: int) -> None:
        self._talk = talk
        self._database = MortalDatabase(dsn, talk.wakeups)
        self._database.fate.left = ends_at
        installation, router = talk.installation, talk.router
        rules = UnitOfWork(self._database, installation, router, talk.current_shop)
        self._work = DirectWork(self._database, installation.identity, talk.outbox, rules)

    def handle(self, updates: Sequence[dict[str, Any]]) -> Sequence[NewUpdate]:
        return self._work.handle(self._talk.term, [new(each) for each in updates])

    def close(self) -> None:
        self._database.close()


def new(update: dict[str, Any]) -> NewUpdate:
    envelope, read = opened(telegram.raw(update))
    incoming = update_reader.incoming(read)
    assert envelope.update_id is not None and incoming is not None
    return NewUpdate(envelope.update_id, envelope, incoming, waited=0.0)


def stored(talk: Conversation, updates: Sequence[dict[str, Any]]) -> None:
    """What is not handled directly is stored."""
    inbox = Inbox(talk.database, BOT_ID, metrics=talk.metrics)
    inbox.start()
    asyncio.run(inbox.store([opened(telegram.raw(each))[0] for each in updates]))
    inbox.stop()
    assert inbox.join(10)


def test_whenever_it_ends_each_update_has_its_effects_once(talk: Conversation, dsn: Secret) -> None:
    ends = 0
    for moment in range(1, MOST_MOMENTS):
        pair = [
            telegram.message(chat, update_id=100 * moment + chat, text="/help") for chat in (7, 8)
        ]
        life = Life(talk, dsn, ends_at=moment)
        try:
            life.handle(pair)
        except Crash:
            ends += 1
        else:
            break
        finally:
            life.close()
        # Telegram had no answer: it sends both again.
        again = Life(talk, dsn, ends_at=0)
        done = {each.update_id for each in again.handle(pair)}
        again.close()
        stored(talk, [each for each in pair if each["update_id"] not in done])

    assert ends >= 6
    rows = talk.rows(
        "SELECT u.state, count(*) AS updates, count(d.id) AS told FROM telegram_updates AS u"
        " LEFT JOIN deliveries AS d ON d.dedupe_key LIKE 'update:' || u.seq || ':%%'"
        " GROUP BY u.state"
    )
    assert rows == [{"state": "done", "updates": 2 * (ends + 1), "told": 2 * (ends + 1)}]
    assert talk.rows("SELECT count(*) AS n FROM deliveries") == [{"n": 2 * (ends + 1)}]


def test_only_what_is_new_and_first_of_its_lane_is_handled(talk: Conversation, dsn: Secret) -> None:
    known, older, newer = (telegram.message(chat, text="/help") for chat in (1, 2, 3))
    behind = telegram.message(2, text="/help")
    before = {**telegram.message(3, text="/help"), "update_id": newer["update_id"] - 1}
    free = telegram.message(4, text="/help")
    stored(talk, [known, older, newer])
    life = Life(talk, dsn, ends_at=0)

    done = life.handle([known, behind, before, free])

    life.close()
    assert {each.update_id for each in done} == {before["update_id"], free["update_id"]}
    assert len(talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'done'")) == 2


def test_when_one_cannot_be_handled_nothing_of_the_others_is_written(
    talk: Conversation, dsn: Secret
) -> None:
    life = Life(talk, dsn, ends_at=0)
    twice = telegram.message(5, text="/help")
    error: BotError | None = None
    try:
        life.handle([telegram.message(4, text="/help"), twice, twice])
    except BotError as refused:
        error = refused
    life.close()

    assert error is not None
    assert talk.rows("SELECT 1 FROM telegram_updates UNION ALL SELECT 1 FROM deliveries") == []
    assert talk.rows("SELECT 1 FROM users") == []
