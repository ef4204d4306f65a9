"""What is unusual about kie.ai's costs, on a real PostgreSQL: found, told, and over."""

from functools import partial

from handlers.dialogue.places import Spot
from handlers.features.report import alarms
from handlers.operator.alerts import Alerts
from kie.money import days, spending
from kie.money.spending import Spending
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation


def seen(talk: Conversation) -> Spending:
    with talk.database.transaction() as tx:
        return spending.spending(tx, BOT_ID)


def keys(talk: Conversation) -> list[str]:
    with talk.database.transaction() as tx:
        return [each.key for each in alarms.alerts(tx, installation=talk.installation)]


def day(talk: Conversation, ago: int, kie_credits: float) -> None:
    talk.rows(
        "INSERT INTO money_days (bot_id, day, stars, star_payments, stars_back, by_hand, paid,"
        " gifts, refunds, hand_prices, kie_credits, free_jobs, free_kie, newcomers, people, models,"
        " durations) VALUES (%s, (now() AT TIME ZONE 'UTC')::date - %s, 0, 0, 0, 0, 0, 0, 0, '{}',"
        " %s, 0, 0, 0, 0, '{}', '{}')",
        *(BOT_ID, ago, kie_credits),
    )


def job(talk: Conversation, ago: str, kie_credits: float, gifted: str | None = None) -> None:
    talk.rows("INSERT INTO users (user_id) VALUES (7) ON CONFLICT DO NOTHING")
    talk.rows(
        "INSERT INTO generation_jobs (bot_id, user_id, model, status, completed_at, gifted_at,"
        " credits_consumed) VALUES (%s, 7, 'z-image', 'success', now() - %s::interval,"
        " now() - %s::interval, %s)",
        *(BOT_ID, ago, gifted, kie_credits),
    )


def test_nothing_is_alarming_before_anything_is_known(talk: Conversation) -> None:
    assert seen(talk) == Spending()
    assert keys(talk) == []


def test_a_day_is_the_average_of_the_last_week_and_an_hour_counts_gifts_when_they_were_made(
    talk: Conversation,
) -> None:
    for ago, kie_credits in ((1, 100), (7, 300), (8, 10_000)):
        day(talk, ago, kie_credits)
    job(talk, "50 minutes", 400)
    job(talk, "70 minutes", 7)
    job(talk, "3 hours", 100, gifted="5 minutes")
    with talk.database.transaction() as tx:
        days.note_balance(tx, BOT_ID, 150)
        spending.set_limit(tx, BOT_ID, 4711, 120)

    assert seen(talk) == Spending(balance=150, least=120, a_day=200, last_hour=500)
    assert keys(talk) == ["kie-low", "spending"]


def test_the_limit_is_changed_and_removed(talk: Conversation) -> None:
    with talk.database.transaction() as tx:
        for value in (100.0, 250.0):
            spending.set_limit(tx, BOT_ID, 4711, value)
        assert spending.limit(tx, BOT_ID) == 250
        spending.set_limit(tx, BOT_ID, 4711, None)
        assert spending.limit(tx, BOT_ID) is None


def test_a_free_budget_that_is_used_up_is_an_alarm(talk: Conversation) -> None:
    talk.rows(
        "INSERT INTO tariffs (bot_id, kind, value, changed_by) VALUES (%s, 'budget', 2, 4711)",
        BOT_ID,
    )
    job(talk, "1 minute", 1)
    assert keys(talk) == []
    job(talk, "1 minute", 1)
    assert keys(talk) == ["free-budget"]
    talk.rows("UPDATE generation_jobs SET created_at = now() - interval '1 day' WHERE id = 1")
    assert keys(talk) == []


def test_an_alarm_comes_with_its_remedy_in_the_operators_language_and_ends_with_its_duration(
    talk: Conversation,
) -> None:
    talk.rows("SELECT ensure_user(%s)", ADMIN)
    talk.rows("SELECT ensure_account(%s, %s, 'ru')", BOT_ID, ADMIN)
    watch = Alerts(
        database=talk.database,
        identity=talk.installation.identity,
        outbox=talk.outbox,
        health=talk.installation.health,
        clock=talk.clock,
        remedy=lambda place, language: talk.router.places.keyboard(
            place, Spot(language, talk.current_shop())
        ),
        sources=[partial(alarms.alerts, installation=talk.installation)],
    )
    with talk.database.transaction() as tx:
        days.note_balance(tx, BOT_ID, 90)
        spending.set_limit(tx, BOT_ID, ADMIN, 100)
    watch.look(talk.term)
    with talk.database.transaction() as tx:
        days.note_balance(tx, BOT_ID, 500)
    talk.rows(
        "UPDATE alarms SET began_at = now() - interval '12 minutes',"
        " seen_at = now() - interval '2 minutes'"
    )
    watch.look(talk.term)

    notices = talk.rows("SELECT payload FROM deliveries ORDER BY id")
    told, over = (row["payload"] for row in notices)
    assert "осталось кредитов: 90, ниже вашего порога 100" in told["text"]
    assert ["kie.ai/billing" in button[2] for button in told["keyboard"][0]] == [True]
    assert "баланс kie.ai был мал" in over["text"]
    assert "10\u00a0мин" in over["text"]


def test_three_jobs_in_a_row_with_a_wrong_cost_are_an_alarm_until_one_is_right(
    talk: Conversation,
) -> None:
    def cost(*taken: float, model: str = "z-image") -> list[str]:
        with talk.database.transaction() as tx:
            for each in taken:
                spending.note_cost(tx, BOT_ID, model, 0.8, each)
        return keys(talk)

    assert cost(1.6, 0.4) == []
    # Rounding is no difference.
    assert cost(0.82) == []
    assert cost(1.6, 1.6) == []
    assert cost(1.6, 1.6, model="other") == []
    assert cost(0.4) == ["cost-run:z-image"]
    assert cost(0.8) == []
