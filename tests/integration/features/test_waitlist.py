"""Users who wait for a model or the service are told once, whatever restarts in between."""

from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from handlers.features.waitlist import service as waitlist
from handlers.features.waitlist.service import Waitlist
from kie.catalogue.availability import Snapshot
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.term import Term
from supervisor.runtime.threads import ServiceThread
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.star_payments import handled
from tests.support.edges import telegram_updates as telegram
from tests.support.postgres.failing_rows import held


def balance_of_kie(talk: Conversation, credits: int) -> None:
    talk.rows(
        "INSERT INTO kie_balances (bot_id, credits) VALUES (%s, %s) ON CONFLICT (bot_id)"
        " DO UPDATE SET credits = EXCLUDED.credits, answered_at = clock_timestamp()",
        BOT_ID,
        credits,
    )


def told(talk: Conversation) -> list[Any]:
    found = talk.rows("SELECT payload ->> 'text' AS text FROM deliveries WHERE kind = 'result'")
    return [row["text"] for row in found]


def test_who_waits_for_the_service_is_told_once_when_kie_has_credits_again(
    talk: Conversation,
) -> None:
    balance_of_kie(talk, 50)
    talk.closed = "Credits insufficient"
    for _ in range(2):
        handled(talk, telegram.press("tell||"))
    assert len(talk.rows("SELECT 1 FROM waitlist")) == 1
    assert Waitlist(talk.parts()).look(talk.term) == 0

    # A new process knows no trouble yet, and kie.ai has said nothing since.
    talk.closed = None
    assert Waitlist(talk.parts()).look(talk.term) == 0
    balance_of_kie(talk, 0)
    assert Waitlist(talk.parts()).look(talk.term) == 0
    balance_of_kie(talk, 70)
    assert Waitlist(talk.parts()).look(talk.term) == 1
    assert Waitlist(talk.parts()).look(talk.term) == 0

    (text,) = told(talk)
    assert "works again" in text
    assert talk.rows("SELECT 1 FROM waitlist") == []


def test_who_waits_for_a_model_is_told_with_the_way_to_it_and_may_wait_again(
    talk: Conversation,
) -> None:
    for turn in (1, 2):
        talk.display = Snapshot(withdrawn={"z-image": "gone"})
        handled(talk, telegram.press("tell||z-image"))
        assert Waitlist(talk.parts()).look(talk.term) == 0
        talk.display = replace(talk.display, withdrawn={})
        assert Waitlist(talk.parts()).look(talk.term) == 1
        assert len(told(talk)) == turn

    (row, _) = talk.rows("SELECT chat_id, payload FROM deliveries WHERE kind = 'result'")
    assert row["chat_id"] == 7
    assert row["payload"]["keyboard"][0][0][1] == "model||z-image"
    assert "<b>Z-Image" in row["payload"]["text"]


def test_an_instance_that_is_not_active_any_more_tells_nobody(talk: Conversation) -> None:
    talk.display = Snapshot(withdrawn={"z-image": "gone"})
    handled(talk, telegram.press("tell||z-image"))
    talk.display = Snapshot()
    old = talk.term
    talk.new_term()

    with pytest.raises(BotError) as refused:
        Waitlist(talk.parts()).look(old)
    assert refused.value.disposition is Disposition.STEP_DOWN
    assert told(talk) == []
    assert len(talk.rows("SELECT 1 FROM waitlist")) == 1


def test_while_nobody_waits_only_the_first_who_does_wakes_the_service(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next look of its own would come after five minutes."""
    monkeypatch.setattr(waitlist, "EVERY", 0.05)
    looked = Event()

    class Watched(Waitlist):
        def look(self, term: Term) -> int:
            found = super().look(term)
            looked.set()
            return found

    service = ServiceThread("waitlist", Watched(talk.parts()).run)
    service.start(talk.term, talk.gate)
    assert looked.wait(10)

    talk.display = Snapshot(withdrawn={"z-image": "gone"})
    handled(talk, telegram.press("tell||z-image"))
    looked.clear()
    assert looked.wait(10)  # it looks again while somebody waits
    talk.display = replace(talk.display, withdrawn={})

    talk.until(lambda: len(told(talk)) == 1, "told")
    service.stop()
    assert service.join(10)


def test_a_row_that_another_session_holds_keeps_nobody_else_waiting(
    talk: Conversation, connect: Any
) -> None:
    balance_of_kie(talk, 50)
    talk.closed = "Credits insufficient"
    handled(talk, telegram.press("tell||"), telegram.press("tell||", 8))
    talk.closed = None
    balance_of_kie(talk, 70)
    with held(connect, "SELECT 1 FROM waitlist WHERE user_id = 7 FOR UPDATE"):
        assert Waitlist(talk.parts()).look(talk.term) == 1
    assert Waitlist(talk.parts()).look(talk.term) == 1

    assert len(told(talk)) == 2
