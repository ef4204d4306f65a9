"""Whatever happens, what is acknowledged is handled once, and in the order of its chat."""

import random
import threading
from collections import defaultdict
from concurrent.futures import Future
from typing import Any

import pytest

from handlers.direct import direct_handling
from supervisor.database.transactions import Tx
from supervisor.runtime.errors import BotError, OutcomeUnknown, Unavailable
from tests.support.chats.direct_talk import DirectTalk
from tests.support.edges import telegram_updates as telegram

CHATS, ROUNDS = 6, 90


class Mishaps:
    """What befalls some of the transactions."""

    def __init__(self, direct: DirectTalk, luck: random.Random) -> None:
        self._luck = luck
        self._plain = direct.talk.database._commit
        self.unanswered = self.failed = 0

    def befall(self, tx: Tx) -> None:
        """Before a decision."""
        draw = self._luck.random()
        if draw < 0.06:
            self.failed += 1
            raise RuntimeError("a mistake")
        if draw < 0.08:
            self.failed += 1
            raise Unavailable("away")

    def commit(self, tx: Tx) -> None:
        direct = threading.current_thread().name.startswith("direct")
        draw = self._luck.random() if direct else 1.0
        if draw < 0.1:
            self.unanswered += 1
            raise OutcomeUnknown("not committed, and no answer")
        self._plain(tx)
        if draw < 0.2:
            self.unanswered += 1
            raise OutcomeUnknown("committed, and no answer")


@pytest.mark.parametrize("seed", range(4))
def test_failures_and_terms_change_neither_the_order_nor_the_number_of_answers(
    direct: DirectTalk, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    luck = random.Random(seed)
    mishaps = Mishaps(direct, luck)
    monkeypatch.setattr(direct.talk.database, "_commit", mishaps.commit)
    monkeypatch.setattr(direct_handling, "PAUSE", 0.0)
    monkeypatch.setattr(direct_handling, "SUSPICIOUS", 0.0)  # after a note without an answer
    monkeypatch.setattr("handlers.dispatch.dispatcher.OUTAGE_PAUSE", 0.0)
    sent: defaultdict[int, list[int]] = defaultdict(list)
    waiting: list[tuple[dict[str, Any], Future[BotError | None]]] = []
    number = 1000
    direct.start()
    for _ in range(ROUNDS):
        burst = []
        for chat in luck.choices(range(1, CHATS + 1), k=luck.randint(1, 9)):
            number += 1
            sent[chat].append(number)
            burst.append(telegram.message(chat, update_id=number, text="/help"))
            direct.decisions.directly_before[number] = mishaps.befall
        waiting += zip(burst, direct.send(*burst), strict=True)
        draw = luck.random()
        if draw < 0.2:
            acknowledged(direct, waiting)
        elif draw < 0.6:
            # Then nothing stands in the way of the next ones.
            acknowledged(direct, waiting)
            direct.talk.until(lambda: "new" not in direct.states() and direct.is_open(), "at rest")
        elif draw < 0.7:
            direct.stop()
            direct.talk.new_term()
            direct.start()
    acknowledged(direct, waiting)
    direct.talk.until(lambda: direct.states() == {"done": number - 1000}, "all done")
    direct.stop()

    answered = direct.answered()
    assert sorted(answered) == list(range(1001, number + 1))
    for chat, numbers in sent.items():
        assert [each for each in answered if each in set(numbers)] == numbers, chat
    assert max(direct.decisions.at_once.values()) == 1
    assert min(mishaps.failed, mishaps.unanswered) > 0
    assert len(direct.decisions.directly) > 20


def acknowledged(
    direct: DirectTalk, waiting: list[tuple[dict[str, Any], Future[BotError | None]]]
) -> None:
    """Each is acknowledged, or sent again as Telegram would."""
    while waiting:
        update, answer = waiting.pop(0)
        if answer.result(60) is not None:
            waiting += zip([update], direct.send(update), strict=True)
