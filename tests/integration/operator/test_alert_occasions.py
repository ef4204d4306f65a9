"""The alerts ask the database when it may have something to tell, and find it then."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from handlers.features.report import alarms
from handlers.operator.alert_occasions import BACKLOG, IDLE
from handlers.operator.alerts import EVERY, Alerts
from kie.money import days, spending, tariffs
from supervisor.database.transactions import Tx
from supervisor.health.gauge_sampler import GaugeSampler
from supervisor.health.health import Health
from supervisor.lock.phase import Phase
from supervisor.runtime.threads import ServiceThread
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.edges.fakes import FakeClock


class Watch:
    """The alerts of one bot with the alarms about money, turn by turn."""

    def __init__(self, talk: Conversation) -> None:
        self.talk, self.clock = talk, FakeClock()
        self.health = Health(self.clock, mode="polling", instance_id="test", version="0")
        self.health.phase_changed(Phase.ACTIVE, epoch=1, reason="won")
        self.looks = 0  #: at the database
        self.alerts = Alerts(
            database=talk.database,
            identity=talk.installation.identity,
            outbox=talk.outbox,
            health=self.health,
            clock=self.clock,
            sources=[self._counts, partial(alarms.alerts, installation=talk.installation)],
            wakeups=talk.wakeups,
        )
        self.gauges = GaugeSampler(talk.database, talk.wakeups, self.health, BOT_ID, lambda: None)

    def _counts(self, _tx: Tx) -> list[Any]:
        self.looks += 1
        return []

    def turn(self) -> int:
        """One turn, ``EVERY`` seconds after the last; how often it asked the database."""
        before = self.looks
        self.clock.time += EVERY
        self.alerts.turn(self.talk.term)
        return self.looks - before

    def told(self) -> str:
        rows = self.talk.rows("SELECT payload->>'text' AS text FROM deliveries WHERE kind='notice'")
        return "\n".join(row["text"] for row in rows)


@pytest.fixture
def watch(talk: Conversation) -> Iterator[Watch]:
    """At rest: the first turn of a term has found nothing."""
    made = Watch(talk)
    forget = made.alerts._occasions.follow()
    assert made.turn() == 1
    yield made
    forget()


def test_at_rest_nothing_is_asked_for_five_minutes(watch: Watch) -> None:
    turns = [watch.turn() for _ in range(int(IDLE / EVERY))]

    assert turns == [0] * (len(turns) - 1) + [1]


def unreadable(talk: Conversation) -> None:
    talk.put({"no": "number"})


def failed(talk: Conversation) -> None:
    talk.rows(
        "INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, state)"
        " SELECT %s, 7, 'answer', '{}', 'failed' || n, 'failed' FROM generate_series(1, 9) AS n",
        BOT_ID,
    )


def costly(talk: Conversation) -> None:
    """A job has ended that used a dollar and a half."""
    _day(talk, 100)
    talk.rows("INSERT INTO users (user_id) VALUES (7)")
    talk.rows(
        "INSERT INTO generation_jobs (bot_id, user_id, model, status, completed_at,"
        " credits_consumed) VALUES (%s, 7, 'z-image', 'success', now(), 300)",
        BOT_ID,
    )


def _day(talk: Conversation, credits: float) -> None:
    talk.rows(
        "INSERT INTO money_days (bot_id, day, stars, star_payments, stars_back, by_hand, paid,"
        " gifts, refunds, hand_prices, kie_credits, free_jobs, free_kie, newcomers, people, models,"
        " durations) VALUES (%s, (now() AT TIME ZONE 'UTC')::date - 1, 0, 0, 0, 0, 0, 0, 0, '{}',"
        " %s, 0, 0, 0, 0, '{}', '{}')",
        *(BOT_ID, credits),
    )


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        (unreadable, "were unreadable"),
        (failed, "9 deliveries within 10 minutes failed"),
        (costly, "300"),
    ],
)
def test_what_nobody_announces_is_found_after_the_next_gauges(
    watch: Watch, happens: Callable[[Conversation], None], told: str
) -> None:
    happens(watch.talk)
    assert watch.turn() == 0

    watch.gauges.look()

    assert watch.turn() == 1
    assert told in watch.told()


def test_a_backlog_of_the_gauges_is_asked_for_and_its_growth_is_told(watch: Watch) -> None:
    for number in range(1, 8):
        watch.talk.rows(
            "INSERT INTO telegram_updates (bot_id, update_id, lane, kind, body)"
            " SELECT %s, 1000 * %s + n, n, 'message', '{}' FROM generate_series(1, 40) AS n",
            *(BOT_ID, number),
        )
        watch.gauges.look()
        assert watch.turn() == (40 * number >= BACKLOG)

    assert "200 updates wait, 0 a moment ago" in watch.told()


def test_a_balance_below_the_limit_is_told_at_the_next_turn(watch: Watch) -> None:
    with watch.talk.database.transaction() as tx:
        days.note_balance(tx, BOT_ID, 90)
    assert watch.turn() == 1
    with watch.talk.database.transaction() as tx:
        spending.set_limit(tx, BOT_ID, ADMIN, 100)

    assert watch.turn() == 1
    assert "90" in watch.told()


def test_a_budget_that_is_changed_is_looked_at_at_the_next_turn(watch: Watch) -> None:
    with watch.talk.database.transaction() as tx:
        tariffs.change(tx, BOT_ID, ADMIN, "budget", "", 0)

    assert watch.turn() == 1


def test_a_trouble_of_health_is_told_at_the_next_turn_and_looked_for_until_it_is_over(
    watch: Watch,
) -> None:
    watch.health.report("webhook", "the webhook is not set: nobody answers at our address")
    assert watch.turn() == 1
    assert "The webhook could not be set" in watch.told()
    watch.health.report("webhook", None)

    assert [watch.turn() for _ in range(3)] == [1, 1, 1]
    watch.talk.rows("UPDATE alarms SET seen_at = now() - interval '2 minutes'")
    assert watch.turn() == 1
    assert "Over after" in watch.told()
    assert [watch.turn() for _ in range(3)] == [1, 0, 0]


def test_a_turn_that_failed_is_made_up_for(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    watch.health.report("webhook", "the webhook is not set: nobody answers at our address")
    with monkeypatch.context() as away:
        away.setattr("handlers.operator.alerts._SQL", {"alert_facts": "SELECT 1 FROM nothing"})
        assert watch.turn() == 0
    watch.health.report("webhook", None)

    assert watch.turn() == 1


def test_a_new_term_begins_with_a_look(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.operator.alerts.EVERY", 0.01)
    watch.alerts._clock = watch.talk.clock
    service = ServiceThread("alerts", watch.alerts.run)
    service.start(watch.talk.term, watch.talk.gate)

    watch.talk.until(lambda: watch.looks == 2, "a look")

    service.stop()
    assert service.join(10)
