"""Updates that are handled by the unit of work, one after another or many at once."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import psycopg2

from handlers.dispatch.lanes import InboxRow
from handlers.dispatch.unit_of_work import UnitOfWork
from handlers.shop.offers import Offer
from handlers.shop.shop import Shop
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram

USER = 7


class Counter:
    """Stores updates and handles each in a transaction, in order or all at once."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        #: What is on offer: the model's price and free uses are a test's to set.
        self.offer = replace(talk.current_shop().offers["z-image"], price=0, free_per_day=None)
        self.work = UnitOfWork(talk.database, talk.installation, talk.router, self.shop)

    def shop(self) -> Shop:
        return replace(self.talk.current_shop(), offers={"z-image": self.offer})

    def sells(self, **terms: Any) -> Offer:
        self.offer = replace(self.offer, **terms)
        return self.offer

    def hear(self, *updates: dict[str, Any]) -> None:
        for update in updates:
            self.work.handle(self.talk.term, self._stored(update))

    def hear_at_once(self, *updates: dict[str, Any]) -> list[Exception]:
        """What each raised; the lanes are left out, so that only the database can decide."""
        rows = [self._stored(update) for update in updates]

        def handle(row: InboxRow) -> Exception | None:
            try:
                self.work.handle(self.talk.term, row)
            except Exception as error:  # noqa: BLE001 handed to the test
                return error
            return None

        with ExitStack() as open_ones:
            # All connections are made before the first waits: a wait for a lock is short.
            for _ in rows:
                open_ones.enter_context(self.talk.database.transaction())
        with self._held() as release, ThreadPoolExecutor(len(rows)) as pool:
            found = [pool.submit(handle, row) for row in rows]
            # Each has read where the dialogue stands and wants the account or the job.
            self.talk.until(lambda: self._blocked() == len(rows), "all wait", 20)
            release()
            errors = [each.result() for each in found]
        return [error for error in errors if error is not None]

    @contextmanager
    def _held(self) -> Iterator[Callable[[], None]]:
        """Nobody can take the user's account or touch a job until the release."""
        connection = psycopg2.connect(self.talk._dsn.reveal())
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM users WHERE user_id = 7 FOR NO KEY UPDATE")
            cursor.execute("SELECT 1 FROM generation_jobs FOR NO KEY UPDATE")
            yield connection.rollback
        connection.close()

    def _blocked(self) -> int:
        (row,) = self.talk.rows(
            "SELECT count(DISTINCT pid) AS n FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        )
        return int(row["n"])

    def _stored(self, update: dict[str, Any]) -> InboxRow:
        body = json.dumps(update)
        (row,) = self.talk.rows(
            "INSERT INTO telegram_updates (bot_id, update_id, lane, kind, body)"
            " VALUES (%s, %s, 7, 'test', %s) RETURNING seq",
            BOT_ID,
            update["update_id"],
            body,
        )
        return InboxRow(row["seq"], USER, update["update_id"], body, 0)

    def at_confirm(self) -> str:
        """The data of the button that makes the job."""
        self.hear(telegram.message(text="/new"), telegram.message(text="a fox"))
        return f"create|{self._version()}|"

    def order(self) -> int:
        self.hear(telegram.press(self.at_confirm()))
        return int(self.jobs()[-1]["id"])

    def _version(self) -> int:
        rows = self.talk.rows("SELECT version FROM dialogues WHERE user_id = %s", USER)
        return int(rows[0]["version"])

    def jobs(self) -> list[dict[str, Any]]:
        return self.talk.rows("SELECT * FROM generation_jobs ORDER BY id")

    def told(self, chat: int = USER, kind: str = "answer", state: str = "%") -> list[str]:
        rows = self.talk.rows(
            "SELECT payload->>'text' AS text FROM deliveries WHERE chat_id = %s AND kind = %s"
            " AND state <> 'dropped' AND state LIKE %s ORDER BY id",
            chat,
            kind,
            state,
        )
        return [row["text"] for row in rows]

    def balance(self) -> int:
        (row,) = self.talk.rows(
            "SELECT balance, (SELECT coalesce(sum(amount), 0) FROM ledger WHERE user_id = 7)"
            " AS sum FROM accounts WHERE user_id = 7"
        )
        assert row["balance"] == row["sum"] >= 0
        return int(row["balance"])

    def counted(self, name: str) -> float:
        found = self.talk.metrics.registry.collect()
        samples = [sample for metric in found for sample in metric.samples]
        return sum(sample.value for sample in samples if sample.name == name)

    def tops_up(self, amount: int) -> None:
        self.hear(telegram.message(text="/help"))
        self.books(f"/topup {USER} {amount}")

    def books(self, words: str) -> None:
        """An operator writes the command, and confirms it if there is anything to confirm."""
        self.hear(telegram.message(ADMIN, text=words))
        asked = self.talk.rows("SELECT version, step FROM dialogues WHERE user_id = %s", ADMIN)
        if asked and asked[0]["step"] == "booking":
            self.hear(telegram.press(f"book|{asked[0]['version']}|", ADMIN))
