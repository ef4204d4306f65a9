"""What people do about money, in groups, while they wait and at the desk is answered helpfully."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from handlers.dispatch.lanes import InboxRow
from handlers.features.results.progress_service import ProgressService
from handlers.operator.alerts import Alerts
from kie.api.outcome import Failure, Result
from kie.api.wire import Succeeded
from kie.jobs import job_table, settle
from kie.jobs.job import Job
from kie.money import ledger, promos
from kie.money.packs import Pack
from kie.money.promos import Promo
from kie.submission.queue_limits import QueueLimits
from supervisor.lock.phase import Phase
from supervisor.runtime.secret import Secret
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.served_situations import ALL
from tests.support.served_situations.served import BOT, COLLEAGUE, GROUP, Act, Situation


class Chat:
    """The chat of one person, who remembers the last buttons and the last invoice."""

    def __init__(self, talk: Conversation, user: int, language: str, customer: int = 0) -> None:
        self.talk, self.user, self.language = talk, user, language
        self.customer = customer
        self._others: dict[int, Chat] = {}
        self.russian = language == "ru"
        self.payload = ""
        self.told: list[dict[str, Any]] = []
        self._shown: list[str] = []
        self._pressed = ""

    def hear(self, update: dict[str, Any] | None) -> None:
        """Handle it, and see what is told by it."""
        before = self._last()
        if update is not None:
            _speak(update, self.language)
            self.talk.work.handle(self.talk.term, self._stored(update))
        self._see(before)

    def button(self, data: str) -> str:
        fits = [each for each in self._shown if each.startswith(data)]
        if fits:
            self._pressed = fits[0]
        return fits[0] if fits else data if "|" in data else self._pressed

    def gets(self, credits: int) -> None:
        named = {"bot": BOT_ID, "user": self.user}
        key = f"gift:{self.user}:{self._last()}"
        with self.talk.database.transaction(self.talk.term) as tx:
            tx.one("SELECT ensure_user(%(user)s), ensure_account(%(bot)s, %(user)s)", named)
            ledger.book(tx, BOT_ID, self.user, "topup", credits, note=None, key=key)

    def fails(self, failure: Failure, jobs: int = 1) -> None:
        before = self._last()
        with self.talk.database.transaction(self.talk.term) as tx:
            for each in self._jobs()[-jobs:]:
                settle.fail(tx, each, failure, "test", self.talk.news)
        self._see(before)

    def comes(self) -> None:
        before = self._last()
        found = Succeeded(Result(("https://files.example/a.png",)), None)
        with self.talk.database.transaction(self.talk.term) as tx:
            settle.succeed(tx, self._job(), found, self.talk.news)
        self._see(before)

    def being_made(self, usual: float = 0.0) -> None:
        before, job = self._last(), self.job
        self.changes(status="waiting", task_id=f"t{job}", status_message_id=55)
        self.talk.rows("UPDATE generation_jobs SET submitted_at = now() WHERE id = %s", job)
        with self.talk.database.transaction(self.talk.term) as tx:
            self.talk.news.started(tx, self._job())
        self.talk.rows(
            "UPDATE generation_jobs SET submitted_at = now() - usual_seconds * interval '1 second'"
            " * %s, progress_at = now() WHERE id = %s",
            usual,
            job,
        )
        if usual:
            ProgressService(self.talk.parts()).look(self.talk.term)
        self._see(before)

    def away(self, seconds: float) -> None:
        before = self._last()
        self.changes(status_message_id=55)
        self.talk.rows(
            "UPDATE generation_jobs SET created_at = now() - interval '1 second' * %s"
            " WHERE id = %s",
            seconds,
            self.job,
        )
        self._limits().while_away(self.talk.term)
        self._see(before)

    def arrives(self) -> None:
        with self.talk.database.transaction(self.talk.term) as tx:
            ledger.capture(tx, [self.job])

    def link_dies(self) -> None:
        self.told = [{"text": each["lost"]} for each in self.told if each.get("lost")]

    def changes(self, **columns: object) -> None:
        for name, value in columns.items():
            self.talk.rows(f"UPDATE generation_jobs SET {name} = %s WHERE id = %s", value, self.job)

    def restarts(self) -> None:
        self.talk.new_term()

    def kie(self, trouble: str | None) -> None:
        health = self.talk.installation.health
        health.phase_changed(Phase.ACTIVE, epoch=1, reason="won")
        health.report("kie", trouble)

    def alarms(self) -> None:
        before = self._last()
        # What was seen before was seen long ago.
        self.talk.rows("UPDATE alarms SET seen_at = now() - interval '1 hour'")
        Alerts(
            database=self.talk.database,
            identity=self.talk.installation.identity,
            outbox=self.talk.outbox,
            health=self.talk.installation.health,
            clock=self.talk.clock,
            remedy=lambda _place, _language: (),
        ).look(self.talk.term)
        self._see(before)

    def others(self, act: Act, number: int = 1) -> None:
        name = self.customer + number - 1
        chat = self._others.setdefault(number, Chat(self.talk, name, self.language))
        update = act(chat)
        if update is not None:
            chat.hear(update)

    @property
    def receipt(self) -> int:
        (row,) = self.talk.rows("SELECT max(id) AS id FROM topups")
        return int(row["id"])

    @property
    def customers_job(self) -> int:
        return self._others[1].job

    @property
    def words(self) -> str:
        """Everything that the last act has told."""
        parts = ("text", "caption", "refusal", "title")
        return "\n".join(str(each[part]) for each in self.told for part in parts if each.get(part))

    @property
    def actions(self) -> set[str]:
        return {each.partition("|")[0] for each in self.buttons}

    @property
    def jobs(self) -> int:
        return len(self.talk.rows("SELECT 1 FROM generation_jobs WHERE user_id = %s", self.user))

    @property
    def buttons(self) -> list[str]:
        rows = [row for each in self.told for row in each.get("keyboard") or ()]
        return [button[1] for row in rows for button in row if button[1]]

    def _see(self, before: int) -> None:
        found = self.talk.rows(
            "SELECT payload FROM deliveries WHERE id > %s AND chat_id IN (%s, %s, %s) ORDER BY id",
            before,
            self.user,
            self.user + 5000,  # whoever else presses "Pay" under this invoice
            GROUP["id"],
        )
        self.told = [row["payload"] for row in found] or self.told if found else []
        self._shown = self.buttons or self._shown
        self.payload = next(
            (each["payload"] for each in self.told if each["do"] == "invoice"), self.payload
        )

    def _last(self) -> int:
        (row,) = self.talk.rows("SELECT coalesce(max(id), 0) AS id FROM deliveries")
        return int(row["id"])

    @property
    def job(self) -> int:
        return self._job().id

    def _job(self) -> Job:
        return self._jobs()[-1]

    def _jobs(self) -> list[Job]:
        statement = "SELECT *, 0.0 AS seconds FROM generation_jobs WHERE user_id = %s ORDER BY id"
        return [job_table.from_row(each) for each in self.talk.rows(statement, self.user)]

    def _limits(self) -> QueueLimits:
        talk = self.talk
        return QueueLimits(database=talk.database, news=talk.news, clock=talk.clock, bot_id=BOT_ID)

    def _stored(self, update: dict[str, Any]) -> InboxRow:
        body = json.dumps(update)
        (row,) = self.talk.rows(
            "INSERT INTO telegram_updates (bot_id, update_id, lane, kind, body)"
            " VALUES (%s, %s, 7, 'test', %s) RETURNING seq",
            BOT_ID,
            update["update_id"],
            body,
        )
        return InboxRow(row["seq"], self.user, update["update_id"], body, 0)


def _speak(update: dict[str, Any], language: str) -> None:
    """The app of whoever sends it is in that language. Of who stays anonymous nothing is known."""
    for each in update.values():
        if isinstance(each, dict) and "from" in each and not each["from"]["is_bot"]:
            each["from"]["language_code"] = language


@pytest.fixture
def served(dsn: Secret) -> Iterator[Conversation]:
    talk = Conversation(dsn, operators=(ADMIN, COLLEAGUE))
    talk.current_shop.learn("Painter", BOT)
    talk.sell(Pack(1, 100, 50))
    with talk.database.transaction(talk.term) as tx:
        promos.make(tx, BOT_ID, ADMIN, Promo("GOOD", 5, 1000, None, only_new=False))
        promos.make(tx, BOT_ID, ADMIN, Promo("OLD", 5, 1000, 1, only_new=False))
    talk.rows("UPDATE promos SET until = now() - interval '1 day' WHERE code = 'OLD'")
    yield talk
    talk.close()


def perform(
    talk: Conversation, row: Situation, user: int, language: str, customer: int
) -> list[str]:
    """What is wrong with the answer."""
    if row.operator:
        talk.rows("DELETE FROM dialogues WHERE user_id = %s", user)
    chat = Chat(talk, user, language, customer)
    for act in row.acts:
        update = act(chat)
        if update is not None:
            chat.hear(update)
    expected = row.says[language == "ru"]
    wrong = []
    if row.silent == bool(chat.words.strip()):
        wrong.append("silent, or not")
    if expected.lower() not in chat.words.lower():
        wrong.append(f"no {expected!r} in {chat.words!r}")
    if not set(row.shows) <= chat.actions:
        wrong.append(f"no {row.shows} among {sorted(chat.actions)}")
    if ("task||tools" in chat.buttons) != row.home:
        wrong.append("a main menu, or none")
    return wrong


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_people_do_is_answered_helpfully(served: Conversation, language: str) -> None:
    wrong = {}
    for number, row in enumerate(ALL):
        user = ADMIN if row.operator else 1000 + number
        found = perform(served, row, user, language, customer=20_000 + 10 * number)
        if found:
            wrong[row.name] = found

    assert not wrong, "\n".join(f"{name}: {found}" for name, found in wrong.items())


def test_each_situation_has_a_name_of_its_own() -> None:
    names = [each.name for each in ALL]

    assert sorted(names) == sorted(set(names))
