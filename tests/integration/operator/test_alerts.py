"""Alerts on a real database: which facts are told, and when they are over."""

from threading import Event
from typing import Any

import pytest

from handlers.dialogue.effects import Keyboard
from handlers.dialogue.places import Places, Spot
from handlers.dispatch.alert import Alert
from handlers.features import LAYOUT
from handlers.operator.alerts import Alerts
from supervisor.database.transactions import Database
from supervisor.health.health import Health
from supervisor.lock.phase import Phase
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import Fenced, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.deliveries import said
from tests.support.chats.talk import ROUTER
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.fakes import FakeClock

TOKEN = Secret(f"{BOT_ID}:TEST-TOKEN")
IDENTITY = Identity(TOKEN)


class Watch:
    """Alerts of one bot beside its conversation, whose term is under this bot's own key."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.health = Health(SystemClock(), mode="polling", instance_id="test", version="0")
        self.health.phase_changed(Phase.ACTIVE, epoch=1, reason="won")
        self.alerts = self.made(SystemClock())
        talk.rows("UPDATE lock_epochs SET lock_key = %s", IDENTITY.lock_key)

    def made(self, clock: Any, **more: Any) -> Alerts:
        return Alerts(
            database=self.talk.database,
            identity=IDENTITY,
            outbox=self.talk.outbox,
            health=self.health,
            clock=clock,
            remedy=self.remedy,
            **more,
        )

    def remedy(self, place: str, language: str) -> Keyboard:
        places = Places(ROUTER.places.offered, LAYOUT)
        return places.keyboard(place, Spot(language, self.talk.current_shop()))

    def look(self) -> list[str]:
        """Everything that operators have been told, after one more look."""
        self.alerts.look(self.talk.term)
        return self.told()

    def told(self) -> list[str]:
        found = self.talk.rows(
            "SELECT payload->>'text' AS text FROM deliveries WHERE kind = 'notice' ORDER BY id"
        )
        return [row["text"] for row in found]


@pytest.fixture
def watch(talk: Conversation) -> Watch:
    return Watch(talk)


def delivered(talk: Conversation, state: str, number: int, chat: int = 7) -> None:
    talk.rows(
        "INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, state, error)"
        " SELECT %s, %s, 'answer', '{}', %s || n, %s, 'Bad Request: can''t parse'"
        " FROM generate_series(1, %s) AS n",
        *(BOT_ID, chat, f"{state}{chat}", state, number),
    )


def test_a_bot_that_works_tells_nothing(watch: Watch) -> None:
    watch.talk.put(telegram.message(7, text="/help"))
    delivered(watch.talk, "sent", 30)
    delivered(watch.talk, "failed", 4)

    assert watch.look() == []


def test_an_update_that_nobody_handles_is_told_once_an_hour(watch: Watch) -> None:
    watch.talk.put(telegram.message(7, text="/help"))
    old = "now() - interval '3 minutes'"
    watch.talk.rows(f"UPDATE telegram_updates SET received_at = {old}, next_try_at = {old}")

    watch.look()
    (told,) = watch.look()
    watch.talk.rows("UPDATE deliveries SET created_at = created_at - interval '61 minutes'")

    assert "1 updates wait, the oldest for 3 min" in told
    # The same hour of the clock has the same key; the next one tells it again.
    watch.talk.rows("UPDATE deliveries SET dedupe_key = dedupe_key || 'x'")
    assert len(watch.look()) == 2


def test_an_update_that_waits_for_its_next_try_is_no_backlog(watch: Watch) -> None:
    watch.talk.put(telegram.message(7, text="/help"))
    watch.talk.rows(
        "UPDATE telegram_updates SET received_at = now() - interval '3 minutes',"
        " next_try_at = now() + interval '1 minute'"
    )

    assert watch.look() == []


def test_unreadable_updates_are_told(watch: Watch) -> None:
    watch.talk.put({"no": "number"})

    (told,) = watch.look()

    assert "1 updates within 10 minutes were unreadable" in told


def test_deliveries_that_fail_are_told_but_not_those_to_who_has_blocked_the_bot(
    watch: Watch,
) -> None:
    watch.talk.rows("INSERT INTO chats (bot_id, chat_id, reachable) VALUES (%s, 8, FALSE)", BOT_ID)
    delivered(watch.talk, "failed", 20, chat=8)
    assert watch.look() == []

    delivered(watch.talk, "failed", 10)

    (told,) = watch.look()
    assert "10 deliveries within 10 minutes failed, 30 ended" in told
    assert "can't parse" in told


def test_a_lost_term_is_told_by_the_next_one_and_many_of_them_are_a_storm(watch: Watch) -> None:
    watch.talk.rows("UPDATE lock_epochs SET ended_at = now(), signed_off_at = now()")
    for number in (2, 3, 4):
        watch.talk.rows(
            "INSERT INTO lock_epochs (lock_key, epoch, token, bot_id, instance_id, backend_pid,"
            " ended_at, end_reason, signed_off_at) VALUES (%s, %s, gen_random_uuid(), %s, 'other',"
            " 1, now(), 'gone', CASE WHEN %s < 4 THEN now() END)",
            *(IDENTITY.lock_key, number, BOT_ID, number),
        )
    watch.talk.new_term()
    watch.talk.rows(
        "UPDATE lock_epochs SET lock_key = %s, epoch = 5 WHERE ended_at IS NULL", IDENTITY.lock_key
    )
    watch.talk.term = type(watch.talk.term)(5, watch.talk.term.token)

    lost, storm = watch.look()

    assert "Epoch 4 of other ended without signing off" in lost
    assert "gone" in lost
    assert "Within 10 minutes the work changed hands 5 times" in storm
    assert len(watch.look()) == 2


def test_a_term_that_followed_a_clean_one_tells_nothing(watch: Watch) -> None:
    watch.talk.rows("UPDATE lock_epochs SET ended_at = now(), signed_off_at = now()")
    watch.talk.new_term()
    watch.talk.rows(
        "UPDATE lock_epochs SET lock_key = %s, epoch = 2 WHERE ended_at IS NULL", IDENTITY.lock_key
    )
    watch.talk.term = type(watch.talk.term)(2, watch.talk.term.token)

    assert watch.look() == []


def test_troubles_of_health_are_told(watch: Watch) -> None:
    watch.health.report("kie-create", "kie.ai is away (timeout): new requests wait in the queue")

    (told,) = watch.look()

    assert "kie.ai takes no new tasks; orders wait in the queue" in told
    assert "No answer came in time" in told


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The service “reminders” breaks again"), ("ru", "Служба «reminders» ломается")],
)
def test_a_service_that_breaks_again_and_again_is_told_until_it_works(
    watch: Watch, language: str, words: str
) -> None:
    talk, reason = watch.talk, "reminders has broken 3 times in a row (KeyError)"
    talk.rows("INSERT INTO users (user_id) VALUES (%s)", ADMIN)
    named = (BOT_ID, ADMIN, language)
    talk.rows("INSERT INTO accounts (bot_id, user_id, language) VALUES (%s, %s, %s)", *named)
    watch.health.begins_again("reminders", reason, 60.0)

    (told,) = watch.look()

    assert words in told
    assert "KeyError" in told
    talk.rows("UPDATE alarms SET seen_at = now() - interval '2 minutes'")
    watch.health.begins_again("reminders", reason, 0.0)
    over = {"en": "Over after", "ru": "служба ломалась снова и снова"}
    assert over[language] in watch.look()[-1]


def test_a_thread_without_progress_is_told(watch: Watch) -> None:
    watch.health.progress.beat("chats-1", -1.0)

    (told,) = watch.look()

    assert "chats-1 has made no progress" in told


def test_a_term_that_is_over_tells_nothing(watch: Watch) -> None:
    watch.health.report("kie-create", "away")
    over = watch.talk.term
    watch.talk.rows("UPDATE lock_epochs SET ended_at = now()")

    with pytest.raises(Fenced):
        watch.alerts.look(over)
    assert watch.told() == []


class Patience(FakeClock):
    """Stops the service after so many waits."""

    def __init__(self, waits: int) -> None:
        super().__init__()
        self.stop = Event()
        self._left = waits

    def wait(self, event: Event, seconds: float) -> bool:
        self._left -= 1
        if self._left == 0:
            self.stop.set()
        return super().wait(event, seconds)


def test_the_service_looks_every_half_minute_until_it_is_stopped(watch: Watch) -> None:
    watch.health.report("kie-create", "away")
    clock = Patience(4)

    watch.made(clock).run(watch.talk.term, watch.talk.gate, clock.stop)

    assert clock.waits == [30.0] * 4
    assert len(watch.told()) == 1


def test_a_database_that_is_away_ends_no_service(watch: Watch) -> None:
    nowhere = Secret("postgresql://127.0.0.1:1/x?connect_timeout=1")
    away = Database(nowhere, size=1, bot_id=BOT_ID, fence_key=1, name="test", wakeups=Wakeups())
    clock = Patience(3)
    alerts = Alerts(
        database=away, identity=IDENTITY, outbox=watch.talk.outbox, health=watch.health, clock=clock
    )

    alerts.run(watch.talk.term, watch.talk.gate, clock.stop)

    assert len(clock.waits) == 3


def test_an_alarm_that_ends_is_told_once_with_its_duration(watch: Watch) -> None:
    watch.health.report("webhook", "the webhook is not set: nobody answers at our address")
    assert "The webhook could not be set" in watch.look()[-1]
    watch.talk.rows(
        "UPDATE alarms SET began_at = now() - interval '12 minutes',"
        " seen_at = now() - interval '2 minutes'"
    )
    assert len(watch.look()) == 1, "it is still there"
    watch.talk.rows("UPDATE alarms SET seen_at = now() - interval '2 minutes'")
    watch.health.report("webhook", None)

    assert "Over after 10\u00a0min: the webhook did not work" in watch.look()[-1]
    assert len(watch.look()) == 2


@pytest.mark.parametrize(
    ("part", "presses"),
    [
        # Credits and a token are not needed any more.
        ("kie", ["maintenance||", "admin||"]),
        ("polling", ["admin||"]),
        ("data", ["maintenance||", "admin||"]),
    ],
)
def test_an_all_clear_has_the_buttons_that_are_still_of_use(
    watch: Watch, part: str, presses: list[str]
) -> None:
    watch.health.report(part, "away")
    watch.look()
    watch.talk.rows("UPDATE alarms SET seen_at = now() - interval '2 minutes'")
    watch.health.report(part, None)

    assert "Over after" in watch.look()[-1]

    (row,) = watch.talk.rows(
        "SELECT payload FROM deliveries WHERE payload->>'text' LIKE '%%Over%%'"
    )
    assert [button[1] for line in row["payload"]["keyboard"] for button in line] == presses


def test_an_alarm_is_told_in_the_operators_language_with_what_helps(watch: Watch) -> None:
    talk = watch.talk
    talk.rows("INSERT INTO users (user_id) VALUES (%s)", ADMIN)
    talk.rows(
        "INSERT INTO accounts (bot_id, user_id, language) VALUES (%s, %s, 'ru')", *(BOT_ID, ADMIN)
    )
    watch.health.report("kie", "kie.ai has no credits left")
    watch.alerts.look(talk.term)

    (row,) = talk.rows("SELECT payload FROM deliveries WHERE kind = 'notice'")
    assert "кончились кредиты" in row["payload"]["text"]
    presses = [button[1] or button[2] for line in row["payload"]["keyboard"] for button in line]
    assert presses == ["https://kie.ai/billing", "maintenance||", "admin||"]


def test_a_feature_brings_alarms_of_its_own(watch: Watch) -> None:
    low = Alert("kie-low", said("The balance is low."), "over_kie")
    watch.alerts = watch.made(SystemClock(), sources=[lambda _tx: [low]])

    assert "The balance is low." in watch.look()[-1]


@pytest.mark.parametrize("raised", [Unavailable("a statement took too long"), KeyError("x")])
def test_a_source_that_fails_keeps_no_other_alert_back(watch: Watch, raised: Exception) -> None:
    def fails(_tx: Any) -> list[Alert]:
        raise raised

    low = Alert("low", said("the balance is low"), "over_kie", "alarm_kie")
    broken = [True]

    def mostly(tx: Any) -> list[Alert]:
        return fails(tx) if broken[0] else []

    watch.alerts = watch.made(SystemClock(), sources=[mostly, lambda _tx: [low]])
    watch.health.report("webhook", "the webhook is not set: nobody answers at our address")

    told = watch.look()
    assert any("the balance is low" in each for each in told)
    assert len(told) == 2


def test_what_a_failed_source_does_not_tell_is_not_over(watch: Watch) -> None:
    low = Alert("low", said("the balance is low"), "over_kie", "alarm_kie")
    found: list[Any] = [[low]]

    def source(_tx: Any) -> list[Alert]:
        if isinstance(found[0], Exception):
            raise found[0]
        return list(found[0])

    watch.alerts = watch.made(SystemClock(), sources=[source])
    assert len(watch.look()) == 1
    watch.talk.rows("UPDATE alarms SET seen_at = now() - interval '1 hour' RETURNING key")
    found[0] = Unavailable("away")
    assert len(watch.look()) == 1

    found[0] = []
    assert len(watch.look()) == 2  # now it is over
