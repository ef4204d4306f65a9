"""Storing updates on a real PostgreSQL: committed first, acknowledged then."""

import asyncio

import pytest

from handlers.intake import inbox as module
from handlers.intake.envelope import Envelope, envelope_of
from handlers.intake.inbox import Inbox
from supervisor.database.transactions import Database
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import INBOX, Wakeups
from supervisor.telemetry.metrics import Metrics
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram
from tests.support.machine.waiting import within


def test_an_acknowledged_update_is_in_the_database(talk: Conversation) -> None:
    talk.put(telegram.message(7, update_id=5, text="hello"))

    (row,) = talk.rows("SELECT * FROM telegram_updates")
    assert (row["bot_id"], row["update_id"], row["lane"], row["state"]) == (BOT_ID, 5, 7, "new")
    assert '"hello"' in row["body"]


def test_the_same_update_delivered_twice_is_stored_once(talk: Conversation) -> None:
    update = telegram.message(update_id=5, text="hello")

    talk.put(update, update)
    talk.put(update)

    assert len(talk.rows("SELECT 1 FROM telegram_updates")) == 1


def test_many_requests_at_once_are_all_stored(talk: Conversation) -> None:
    async def storm() -> None:
        await asyncio.gather(
            *(
                talk.inbox.store(
                    [envelope_of(telegram.raw(telegram.message(update_id=n, text="x")))]
                )
                for n in range(2000)
            )
        )

    asyncio.run(storm())

    assert talk.rows("SELECT count(*) AS n FROM telegram_updates") == [{"n": 2000}]


def test_poison_is_set_aside_and_does_not_sink_its_neighbours(talk: Conversation) -> None:
    async def mixed() -> None:
        bodies = [b"{", b'{"update_id": 1}', b"\xff\x00", b'{"update_id": 2, "x": "\\u0000"}']
        await asyncio.gather(*(talk.inbox.store([envelope_of(body)]) for body in bodies))

    asyncio.run(mixed())

    states = talk.rows("SELECT update_id, state FROM telegram_updates ORDER BY update_id, seq")
    assert sorted((row["update_id"] or 0, row["state"]) for row in states) == [
        (0, "dead"),
        (0, "dead"),
        (1, "new"),
        (2, "new"),
    ]


def test_storing_wakes_whoever_works_on_the_inbox(talk: Conversation) -> None:
    woken: list[str] = []
    talk.wakeups.subscribe(INBOX, lambda: woken.append(INBOX))

    talk.put(telegram.message(text="x"))

    assert woken == [INBOX]


def test_while_the_database_is_away_the_caller_hears_of_it_and_may_try_again() -> None:
    nowhere = Secret("postgresql://nobody@127.0.0.1:1/none")
    database = Database(nowhere, size=1, bot_id=BOT_ID, fence_key=1, name="test", wakeups=Wakeups())
    inbox = Inbox(database, BOT_ID, metrics=Metrics())
    inbox.start()
    try:
        with pytest.raises(Unavailable):
            asyncio.run(inbox.store([envelope_of(b'{"update_id": 1}')]))
    finally:
        inbox.stop()
        assert within(inbox.join, 5)
    assert inbox.failure is None


def test_a_stopped_inbox_takes_nothing_new(dsn: Secret) -> None:
    conversation = Conversation(dsn)
    with conversation.storing():
        pass

    with pytest.raises(Unavailable):
        conversation.put(telegram.message(text="x"))
    conversation.close()


def test_a_row_that_postgresql_refuses_is_set_aside_and_its_neighbours_are_stored(
    talk: Conversation,
) -> None:
    impossible = Envelope(5, 2**70, "message", "{}")

    asyncio.run(
        talk.inbox.store(
            [envelope_of(b'{"update_id": 4}'), impossible, envelope_of(b'{"update_id": 6}')]
        )
    )

    rows = talk.rows("SELECT update_id, state FROM telegram_updates ORDER BY update_id")
    assert [(row["update_id"], row["state"]) for row in rows] == [
        (4, "new"),
        (6, "new"),
        (None, "dead"),
    ]


def test_a_number_dealt_out_again_after_a_quiet_week_is_another_update(talk: Conversation) -> None:
    talk.put(telegram.message(7, update_id=5, text="old"))
    talk.rows("UPDATE telegram_updates SET state = 'done', received_at = now() - interval '8 days'")
    (before,) = talk.rows("SELECT seq FROM telegram_updates")

    talk.put(telegram.message(8, update_id=5, text="new"))

    (row,) = talk.rows("SELECT * FROM telegram_updates")
    assert (row["lane"], row["state"], row["attempts"]) == (8, "new", 0)
    assert '"new"' in row["body"]
    assert row["seq"] > before["seq"]


def test_an_old_update_that_still_waits_never_gives_way(talk: Conversation) -> None:
    talk.put(telegram.message(7, update_id=5, text="old"))
    talk.rows("UPDATE telegram_updates SET received_at = now() - interval '8 days'")

    talk.put(telegram.message(8, update_id=5, text="new"))

    assert talk.rows("SELECT lane FROM telegram_updates") == [{"lane": 7}]


def test_two_instances_that_store_the_same_updates_crosswise_do_not_end_in_a_circle(
    dsn: Secret,
) -> None:
    updates = [
        envelope_of(telegram.raw(telegram.message(update_id=n, text="x"))) for n in range(400)
    ]
    one, two = Conversation(dsn), Conversation(dsn)

    async def both() -> None:
        await asyncio.gather(one.inbox.store(updates), two.inbox.store(updates[::-1]))

    with one.storing(), two.storing():
        for _ in range(5):
            one.rows("DELETE FROM telegram_updates")
            asyncio.run(both())

    assert one.rows("SELECT count(*) AS n FROM telegram_updates") == [{"n": 400}]
    one.close()
    two.close()


def test_what_waits_is_bounded_in_bytes(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.intake.inbox.MOST_BYTES", 3000)
    monkeypatch.setattr("handlers.intake.inbox.BATCH_BYTES", 1000)
    large = [envelope_of(telegram.raw(telegram.message(text="x" * 900))) for _ in range(200)]

    async def storm() -> list[BaseException | None]:
        return await asyncio.gather(
            *(talk.inbox.store([each]) for each in large), return_exceptions=True
        )

    outcomes = asyncio.run(storm())

    refused = [each for each in outcomes if isinstance(each, Unavailable)]
    assert 0 < len(refused) < 200
    kept = talk.rows("SELECT count(*) AS n FROM telegram_updates")[0]["n"]
    assert kept == 200 - len(refused)


@pytest.mark.parametrize("bound", ["MOST_WAITING", "MOST_BYTES"])
def test_what_would_wait_beside_too_much_is_refused_at_once(
    dsn: Secret, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    talk = Conversation(dsn)
    bodies = [telegram.raw(telegram.message(update_id=n, text="x")) for n in range(10, 15)]
    most = {"MOST_WAITING": 3, "MOST_BYTES": 3 * len(bodies[0])}
    monkeypatch.setattr(module, bound, most[bound])

    async def crowd() -> None:
        # Nobody commits yet, as behind a database that does not answer.
        waiting = [
            asyncio.create_task(talk.inbox.store([envelope_of(body)])) for body in bodies[:3]
        ]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable, match="takes no more") as refused:
            await talk.inbox.store([envelope_of(bodies[3])])
        assert refused.value.retry_after == 1
        with talk.storing():
            await asyncio.gather(*waiting)
            await talk.inbox.store([envelope_of(bodies[4])])

    asyncio.run(crowd())

    stored = talk.rows("SELECT update_id FROM telegram_updates ORDER BY update_id")
    assert [row["update_id"] for row in stored] == [10, 11, 12, 14]
    talk.close()
