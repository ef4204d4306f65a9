"""The nightly self-check on a real PostgreSQL: it finds what is wrong, and only that."""

from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Event

import pytest

from kie.money import audit
from kie.money.audit import until_night
from supervisor.runtime.secret import Secret
from supervisor.runtime.threads import ServiceThread
from supervisor.telemetry.metrics import Metrics
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.self_check import Timer, audit_of
from tests.support.machine.waiting import until, within


class Books:
    """A ledger with one of everything, all of it right, and the check that looks at it."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.timer = Timer()
        self.metrics = Metrics()
        self.audit = audit_of(talk, self.metrics, self.timer)
        self.run("INSERT INTO users (user_id) VALUES (1), (2)")
        self.run("SELECT ensure_account(%s, user_id) FROM users", BOT_ID)
        self.books(None, "topup", 100)
        for status, entries, delivery in (
            ("queued", "reserve", None),
            ("waiting", "reserve", None),
            ("fail", "reserve release", "sent"),
            ("success", "reserve capture", "sent"),
            ("success", "reserve capture refund", "sent"),
            ("success", "reserve", "pending"),
            ("success", "reserve release", "failed"),
        ):
            self.job(status, entries, delivery)
        self.job("success", "", "sent", price=0)

    def run(self, statement: str, *params: object) -> None:
        self.talk.rows(statement, *params)

    def books(self, job: int | None, kind: str, amount: int) -> None:
        self.run(
            "INSERT INTO ledger (bot_id, user_id, job_id, kind, amount) VALUES (%s, 1, %s, %s, %s)",
            BOT_ID,
            job,
            kind,
            amount,
        )

    def job(self, status: str, entries: str, delivery: str | None, price: int = 5) -> int:
        (row,) = self.talk.rows(
            "INSERT INTO generation_jobs (bot_id, user_id, model, status, price)"
            " VALUES (%s, 1, 'z-image', %s, %s) RETURNING id",
            BOT_ID,
            status,
            price,
        )
        job = int(row["id"])
        for kind in entries.split():
            amounts = {"reserve": -price, "release": price, "capture": 0, "refund": price}
            self.books(job, kind, amounts[kind])
        if delivery is not None:
            self.run(
                "INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, job_id, state)"
                " VALUES (%s, 1, 'result', '{}', %s, %s, %s)",
                BOT_ID,
                f"job:{job}",
                job,
                delivery,
            )
        return job

    def check(self) -> list[str]:
        found = self.audit.check(self.talk.term, Event())
        assert found is not None
        (number,) = [
            sample.value
            for metric in self.metrics.ledger_differences.collect()
            for sample in metric.samples
        ]
        assert number == len(found)
        return found

    def notices(self) -> list[str]:
        rows = self.talk.rows(
            "SELECT payload->>'text' AS text FROM deliveries WHERE kind = 'notice'"
            " AND chat_id = %s",
            ADMIN,
        )
        return [row["text"] for row in rows]


@pytest.fixture
def books(dsn: Secret) -> Iterator[Books]:
    talk = Conversation(dsn)
    yield Books(talk)
    talk.close()


def test_right_books_are_not_spoken_of(books: Books) -> None:
    assert books.check() == []
    assert books.notices() == []


def test_a_balance_that_is_not_the_sum_is_told_and_not_repaired(books: Books) -> None:
    books.run("UPDATE accounts SET balance = balance + 3 WHERE user_id = 1")
    books.run("UPDATE accounts SET balance = 1 WHERE user_id = 2")
    before = books.talk.rows("SELECT user_id, balance FROM accounts ORDER BY user_id")

    found = books.check()

    assert [each.partition(":")[0] for each in found] == ["user 1", "user 2"]
    assert "user 2: balance 1, ledger 0" in books.notices()[0]
    assert books.talk.rows("SELECT user_id, balance FROM accounts ORDER BY user_id") == before


def test_a_balance_below_zero_is_told_even_if_it_is_the_sum(books: Books) -> None:
    books.books(None, "opening", -1000)

    (found,) = books.check()

    assert found.startswith("user 1: balance -")


@pytest.mark.parametrize(
    ("status", "entries", "delivery", "problem"),
    [
        ("queued", "", None, "its price is not what was reserved"),
        ("queued", "reserve release", None, "its reservation ended before it did"),
        ("waiting", "reserve capture", None, "its reservation ended before it did"),
        ("fail", "reserve", "sent", "it failed and nothing went back"),
        ("fail", "reserve capture", "sent", "it failed and was paid"),
        ("success", "reserve", "sent", "it was delivered and not paid"),
        ("success", "reserve", "failed", "it was not delivered and nothing went back"),
        ("success", "reserve", None, "it was not delivered and nothing went back"),
    ],
)
def test_a_job_whose_entries_do_not_fit_is_told(
    books: Books, status: str, entries: str, delivery: str | None, problem: str
) -> None:
    job = books.job(status, entries, delivery)

    assert books.check() == [f"job {job}: {problem}"]
    assert problem in books.notices()[0]


def test_other_amounts_than_the_price_are_told(books: Books) -> None:
    reserved = books.job("queued", "", None)
    books.books(reserved, "reserve", -4)
    released = books.job("fail", "reserve", "sent")
    books.books(released, "release", 6)

    assert books.check() == [
        f"job {reserved}: its price is not what was reserved",
        f"job {released}: other credits went back than were reserved",
    ]


def paid(books: Books) -> None:
    """A payment in Stars, credited."""
    books.run(
        "INSERT INTO orders (bot_id, user_id, pack, stars, credits) VALUES (%s, 1, 1, 50, 100)",
        BOT_ID,
    )
    books.run(
        "INSERT INTO payments (bot_id, charge_id, user_id, order_id, stars, credits, state)"
        " SELECT %s, 'ch', 1, id, 50, 100, 'credited' FROM orders",
        BOT_ID,
    )
    books.run(
        "INSERT INTO ledger (bot_id, user_id, kind, amount, request_key)"
        " VALUES (%s, 1, 'stars', 100, 'stars:ch')",
        BOT_ID,
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE payments SET credits = 1, order_id = NULL", "it is not what its order offers"),
        ("UPDATE payments SET stars = 49", "it is not what its order offers"),
        ("UPDATE ledger SET request_key = 'x' WHERE kind = 'stars'", "its credits are not booked"),
        ("UPDATE payments SET state = 'returned', taken = 100", "its credits did not"),
        ("UPDATE payments SET state = 'returning'", "what was taken and spent"),
        ("DELETE FROM payments", "it is of no payment"),
    ],
)
def test_a_payment_whose_entries_do_not_fit_is_told(
    books: Books, change: str, problem: str
) -> None:
    paid(books)
    assert books.check() == []

    books.run(change)

    assert any(problem in each for each in books.check())


def subscribed(books: Books) -> None:
    """A month of a subscription that an earlier bot has sold, credited by the operator's rule."""
    books.run(
        "INSERT INTO subscriptions (bot_id, user_id, payload, stars, credits, paid_until)"
        " VALUES (%s, 1, 'p', 30, 60, '2026-12-24')",
        BOT_ID,
    )
    books.run(
        "INSERT INTO payments (bot_id, charge_id, user_id, stars, credits, state, paid_until,"
        " subscription) SELECT %s, 'month', 1, 30, 60, 'credited', paid_until, id"
        " FROM subscriptions",
        BOT_ID,
    )
    books.run(
        "INSERT INTO ledger (bot_id, user_id, kind, amount, request_key)"
        " VALUES (%s, 1, 'stars', 60, 'stars:month')",
        BOT_ID,
    )


def given_away(books: Books) -> None:
    """A receipt that was approved, one that was refused, a code that was used, a reward."""
    books.run(
        "INSERT INTO topups (id, bot_id, user_id, credits, file_unique_id, file_id, state)"
        " VALUES (1, %s, 1, 40, 'u', 'f', 'approved'), (2, %s, 1, 40, 'v', 'f', 'refused')",
        BOT_ID,
        BOT_ID,
    )
    books.run(
        "INSERT INTO promos (bot_id, code, credits, most, used, made_by)"
        " VALUES (%s, 'FOX', 7, 2, 1, 1)",
        BOT_ID,
    )
    books.run("INSERT INTO promo_uses (bot_id, code, user_id) VALUES (%s, 'FOX', 2)", BOT_ID)
    books.run(
        "INSERT INTO invites (bot_id, friend, inviter, rewarded_at) VALUES (%s, 2, 1, now())",
        BOT_ID,
    )
    for user, kind, amount, key in (
        (1, "topup", 40, "receipt:1"),
        (2, "promo", 7, "promo:FOX:2"),
        (2, "invite", 20, "invite:2:2"),
        (1, "invite", 20, "invite:2:1"),
    ):
        books.run(
            "INSERT INTO ledger (bot_id, user_id, kind, amount, request_key)"
            " VALUES (%s, %s, %s, %s, %s)",
            BOT_ID,
            user,
            kind,
            amount,
            key,
        )


@pytest.mark.parametrize(
    ("planted", "problem"),
    [
        ("UPDATE accounts SET balance = balance - 1 WHERE user_id = 1", "user 1: balance"),
        ("DELETE FROM ledger WHERE kind = 'topup' AND amount = 100", "user 1: balance"),
        ("UPDATE generation_jobs SET status = 'fail' WHERE id = 4", "it failed and was paid"),
        ("DELETE FROM ledger WHERE kind = 'capture' AND job_id = 4", "delivered and not paid"),
        (
            "UPDATE payments SET credits = 90 WHERE charge_id = 'ch'",
            "it is not what its order offers",
        ),
        ("DELETE FROM payments", "it is of no payment"),
        ("UPDATE topups SET credits = 50 WHERE id = 1", "approved and its credits are not booked"),
        ("UPDATE topups SET state = 'expired' WHERE id = 1", "not approved and its credits are"),
        ("UPDATE promos SET used = 0", "more uses than were counted"),
        ("UPDATE ledger SET request_key = 'x' WHERE kind = 'promo'", "a use of it has no credits"),
        ("UPDATE invites SET rewarded_at = NULL", "not rewarded and credits are booked"),
        (
            "UPDATE ledger SET request_key = 'x' WHERE request_key = 'invite:2:1'",
            "it is rewarded and the credits are not booked",
        ),
        ("UPDATE subscriptions SET paid_until = now()", "no payment of it ends then"),
        (
            "UPDATE payments SET subscription = NULL WHERE charge_id = 'month'",
            "it is not what its order offers",
        ),
        (
            "UPDATE payments SET paid_until = '2026-12-24' WHERE charge_id = 'ch'",
            "it is a month of no subscription",
        ),
    ],
)
def test_each_of_these_planted_differences_is_found(
    books: Books, planted: str, problem: str
) -> None:
    paid(books)
    given_away(books)
    subscribed(books)
    assert books.check() == []

    books.run(planted)

    assert any(problem in each for each in books.check())
    assert any(problem in each for each in books.notices())


def test_many_rows_are_looked_at_in_small_batches(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "BATCH", 2)
    books.run("UPDATE accounts SET balance = 1 WHERE user_id = 2")
    books.run("INSERT INTO users (user_id) VALUES (-5), (9)")
    books.run(
        "INSERT INTO accounts (bot_id, user_id, balance) VALUES (%s, -5, 2), (%s, 9, 3)",
        BOT_ID,
        BOT_ID,
    )
    job = books.job("fail", "reserve", "sent")

    assert [each.partition(":")[0] for each in books.check()] == [
        "user -5",
        "user 2",
        "user 9",
        f"job {job}",
    ]


def test_the_jobs_of_another_bot_are_its_own_matter(books: Books) -> None:
    job = books.job("fail", "reserve", "sent")
    books.run("UPDATE generation_jobs SET bot_id = bot_id + 1 WHERE id = %s", job)

    assert books.check() == []


def test_a_stop_ends_the_check_between_two_batches_without_a_word(books: Books) -> None:
    books.run("UPDATE accounts SET balance = 1 WHERE user_id = 2")
    stop = Event()
    stop.set()

    assert books.audit.check(books.talk.term, stop) is None
    assert books.notices() == []


def test_the_service_looks_when_its_timer_fires_and_asks_for_the_next_night(books: Books) -> None:
    books.run("UPDATE accounts SET balance = 1 WHERE user_id = 2")
    service = ServiceThread("audit", books.audit.run)
    service.start(books.talk.term, books.talk.gate)
    try:
        until(lambda: books.timer.asked, 10, "the first timer")
        assert books.timer.asked == [audit.FIRST_AFTER]
        assert books.timer.act is not None
        books.timer.act()
        until(lambda: len(books.timer.asked) == 2, 10, "the next timer")
    finally:
        service.stop()
        assert within(service.join, 10)
    assert len(books.notices()) == 1
    assert 0 < books.timer.asked[1] <= 86_400
    assert books.timer.act is None


@pytest.mark.parametrize(
    ("now", "seconds"),
    [("2026-11-25T02:59", 60), ("2026-11-25T03:00", 86_400), ("2026-12-31T23:00", 14_400)],
)
def test_the_next_night_is_at_three_utc(now: str, seconds: float) -> None:
    assert until_night(datetime.fromisoformat(now).replace(tzinfo=UTC)) == seconds
