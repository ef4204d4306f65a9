"""No spinner turns for longer than a moment, whoever is ACTIVE and whatever the handler does."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from handlers.intake import callback_answers as module
from handlers.intake.callback_answers import CallbackAnswers
from handlers.intake.envelope import envelope_of
from handlers.intake.inbox import Inbox
from supervisor.database.transactions import Database
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.fakes import OneByOne
from tests.support.edges.telegram_answers import dead_token, not_reached, refused, unanswered
from tests.support.machine.waiting import until_in_loop, within


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.15)
    monkeypatch.setattr(module, "LOOK_AGAIN", 0.05)


class Receiver:
    """An instance that stores updates, ACTIVE or not."""

    def __init__(self, talk: Conversation, database: Database | None = None) -> None:
        self.answers: list[tuple[str, str | None]] = []
        self.asked: list[str] = []  #: queries for which Telegram was called
        self.failure: Exception | None = None
        self.once: list[Exception] = []
        self.hangs: set[str] = set()  #: queries whose answer never comes back
        self.callback_answers = CallbackAnswers(
            database or talk.database, BOT_ID, self._answer, talk.metrics
        )
        self.inbox = Inbox(
            talk.database, BOT_ID, metrics=talk.metrics, on_press=self.callback_answers.expect
        )

    async def _answer(self, query_id: str, *, text: str | None, alert: bool) -> None:
        del alert
        self.asked.append(query_id)
        if query_id in self.hangs:
            await asyncio.Event().wait()
        if self.once:
            raise self.once.pop()
        if self.failure is not None:
            raise self.failure
        self.answers.append((query_id, text))

    def was_asked(self, press: dict[str, Any]) -> bool:
        return query_of(press) in self.asked

    async def receive(self, *updates: dict[str, Any]) -> None:
        await self.inbox.store([envelope_of(json.dumps(each).encode()) for each in updates])

    async def until(self, fact: Callable[[], Any], what: str) -> None:
        await until_in_loop(fact, 10, what)

    async def looks(self) -> None:
        """Until patience with what came so far is over: a later press has its answer."""
        later = telegram.press("menu||", message_id=99)
        answer = (query_of(later), None)
        await self.receive(later)
        await self.until(lambda: answer in self.answers, "an answer to a later press")
        self.answers.remove(answer)

    def run(self, story: Callable[[], Any]) -> None:
        async def whole() -> None:
            try:
                await story()
            finally:
                await self.callback_answers.close()

        self.inbox.start()
        try:
            asyncio.run(whole())
        finally:
            self.inbox.stop()
            assert within(self.inbox.join, 10)


def query_of(update: dict[str, Any]) -> str:
    return str(update["callback_query"]["id"])


def test_a_press_that_no_handler_reaches_is_answered_without_words(talk: Conversation) -> None:
    receiver, press = Receiver(talk), telegram.press("menu||")

    async def story() -> None:
        await receiver.receive(press)
        await receiver.until(lambda: receiver.answers, "an answer")

    receiver.run(story)

    assert receiver.answers == [(query_of(press), None)]
    assert talk.rows("SELECT state FROM telegram_updates") == [{"state": "new"}]
    assert b"trt_presses_answered_early_total 1.0" in talk.counted()


def test_an_early_answer_that_fails_is_made_once_more(talk: Conversation) -> None:
    receiver, press = Receiver(talk), telegram.press("menu||")
    receiver.once.append(not_reached())

    async def story() -> None:
        await receiver.receive(press)
        await receiver.until(lambda: receiver.answers, "an answer")

    receiver.run(story)

    assert receiver.answers == [(query_of(press), None)]


def test_a_press_whose_answer_hangs_holds_up_no_other(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_WITHIN", 30.0)
    receiver, slow, later = Receiver(talk), telegram.press("menu||"), telegram.press("menu||")
    receiver.hangs.add(query_of(slow))

    async def story() -> None:
        await receiver.receive(slow)
        await receiver.until(lambda: receiver.asked, "the call that hangs")
        await receiver.receive(later)
        await receiver.until(lambda: receiver.answers, "the other answer")

    receiver.run(story)

    assert receiver.answers == [(query_of(later), None)]


def test_its_handler_then_makes_no_second_answer_and_says_its_words_in_a_message(
    talk: Conversation,
) -> None:
    receiver = Receiver(talk)
    known, unknown = telegram.press("menu||", message_id=50), telegram.press("x", message_id=51)

    async def story() -> None:
        await receiver.receive(known, unknown)
        await receiver.until(lambda: len(receiver.answers) == 2, "both answers")

    receiver.run(story)
    with talk.dispatching():
        talk.until(
            lambda: not talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'new'"), "handled"
        )

    assert not talk.rows("SELECT 1 FROM deliveries WHERE kind = 'toast'")
    assert len(talk.rows("SELECT 1 FROM deliveries WHERE kind = 'answer'")) == 2


def test_a_press_that_is_handled_at_once_is_answered_once_with_its_words(
    talk: Conversation,
) -> None:
    receiver, press = Receiver(talk), telegram.press("lang||")
    talk.put(press)
    with talk.dispatching(), talk.sending():
        talk.until(lambda: talk.telegram.sent("answer_callback_query"), "the sender's answer")

    async def story() -> None:
        receiver.callback_answers.expect(press["update_id"], query_of(press))
        await receiver.looks()

    receiver.run(story)

    assert receiver.answers == []
    assert len(talk.telegram.sent("answer_callback_query")) == 1


def test_an_answer_that_waits_in_the_outbox_is_taken_over_with_its_words(
    talk: Conversation,
) -> None:
    receiver, press = Receiver(talk), telegram.press("lang||")

    async def story() -> None:
        await receiver.receive(press)
        await receiver.until(lambda: receiver.answers, "an answer")

    with talk.dispatching():
        receiver.run(story)

    assert receiver.answers == [(query_of(press), "Теперь по-русски")]
    with talk.sending():
        talk.until(
            lambda: not talk.rows("SELECT 1 FROM deliveries WHERE state = 'pending'"), "the rest"
        )
    assert talk.telegram.sent("answer_callback_query") == []


def test_a_press_whose_handler_keeps_failing_is_answered(talk: Conversation) -> None:
    receiver, press = Receiver(talk), telegram.press("menu||")

    class Broken(OneByOne):
        def handle(self, *_: Any) -> None:
            raise RuntimeError("always")

        postpone = talk.work.postpone
        set_aside = talk.work.set_aside

    async def story() -> None:
        await receiver.receive(press)
        await receiver.until(lambda: receiver.answers, "an answer")

    with talk.dispatching(Broken()):
        receiver.run(story)


def test_a_press_in_a_handlers_hands_is_looked_at_again_and_holds_up_no_other(
    talk: Conversation, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOKS", 1000)
    receiver, other = Receiver(talk), telegram.press("menu||", message_id=51)
    press = telegram.press("menu||", message_id=50)
    handler = connect()
    handler.autocommit = False
    talk.put(press)
    handler.cursor().execute(
        "SELECT 1 FROM telegram_updates WHERE update_id = %s FOR UPDATE", (press["update_id"],)
    )

    async def story() -> None:
        receiver.callback_answers.expect(press["update_id"], query_of(press))
        await receiver.receive(other)
        await receiver.until(lambda: receiver.answers, "an answer to the other one")
        assert receiver.answers == [(query_of(other), None)]
        handler.rollback()
        await receiver.until(lambda: len(receiver.answers) == 2, "an answer: its handler failed")

    receiver.run(story)


def test_a_passive_instance_answers_what_it_has_stored_for_a_bot_that_nobody_runs(
    talk: Conversation,
) -> None:
    talk.database.is_active = False
    receiver, press = Receiver(talk), telegram.press("menu||")

    async def story() -> None:
        await receiver.receive(press)
        await receiver.until(lambda: receiver.answers, "an answer")

    receiver.run(story)


def test_two_instances_that_stored_the_same_press_answer_it_once(talk: Conversation) -> None:
    one, two, press = Receiver(talk), Receiver(talk), telegram.press("menu||")

    async def story() -> None:
        two.inbox.start()
        await asyncio.gather(one.receive(press), two.receive(press))
        await one.until(lambda: one.answers + two.answers, "an answer")
        await one.looks()
        await two.looks()
        await two.callback_answers.close()
        two.inbox.stop()

    one.run(story)

    assert within(two.inbox.join, 5)
    assert len(one.answers + two.answers) == 1


def test_when_the_database_is_gone_meanwhile_the_spinner_ends_all_the_same(
    talk: Conversation,
) -> None:
    nowhere = Secret("postgresql://nobody@127.0.0.1:1/none")
    away = Database(nowhere, size=1, bot_id=BOT_ID, fence_key=1, name="test", wakeups=Wakeups())
    receiver, press = Receiver(talk, away), telegram.press("menu||")

    async def story() -> None:
        await receiver.receive(press)
        await receiver.until(lambda: receiver.answers, "an answer")

    receiver.run(story)


def test_an_answer_that_telegram_refuses_hurts_nobody(talk: Conversation) -> None:
    receiver = Receiver(talk)

    async def story() -> None:
        for failure in (refused(400, "Query is too old"), unanswered(), dead_token()):
            receiver.failure, press = failure, telegram.press("menu||")
            await receiver.receive(press)
            await receiver.until(partial(receiver.was_asked, press), "a call")
        receiver.failure = None
        await receiver.looks()

    receiver.run(story)


def test_more_presses_than_can_be_kept_in_mind_cost_no_memory(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    receiver = Receiver(talk)

    async def story() -> None:
        await receiver.receive(*(telegram.press("menu||", message_id=n) for n in range(10)))
        await receiver.until(lambda: len(receiver.answers) == 3, "those that were kept")
        await receiver.receive(telegram.press("menu||"))
        await receiver.until(lambda: len(receiver.answers) == 4, "there is room again")

    receiver.run(story)
