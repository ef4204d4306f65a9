"""One purse for all bots becomes a purse per bot, while an earlier release still writes.

The earlier release's schema is in ``tests/data``, its statements about money are here: it runs
beside this one during a deploy, and again after a rollback.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import psycopg2
import pytest

import sql
from supervisor.database.migration import migrate
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from tests.support.postgres.first_release import FIRST_RELEASE, fetch, run

EARLIER = (Path(__file__).parents[2] / "data" / "earlier_schema.sql").read_text()
A, B = 11, 22
#: How the earlier release books: an entry, and the only purse of the user.
_BOOKS = """
WITH payer AS MATERIALIZED (
    SELECT user_id FROM users WHERE user_id = {user} AND balance + {amount} >= 0
    FOR NO KEY UPDATE
), entry AS (
    INSERT INTO ledger (bot_id, user_id, kind, amount)
    SELECT {bot}, user_id, '{kind}', {amount} FROM payer
    RETURNING user_id, amount
)
UPDATE users SET balance = balance + entry.amount FROM entry WHERE users.user_id = entry.user_id
RETURNING users.balance;
"""
_DIFFERENCES = """
SELECT a.bot_id, a.user_id, a.balance, coalesce(sum(l.amount), 0)::bigint
FROM accounts AS a LEFT JOIN ledger AS l USING (bot_id, user_id)
GROUP BY a.bot_id, a.user_id HAVING a.balance <> coalesce(sum(l.amount), 0) OR a.balance < 0
UNION ALL
SELECT NULL, u.user_id, u.balance, coalesce(sum(l.amount), 0)::bigint
FROM users AS u LEFT JOIN ledger AS l USING (user_id)
GROUP BY u.user_id HAVING u.balance <> coalesce(sum(l.amount), 0)
"""


def earlier(dsn: Secret, bot: int, user: int, kind: str, amount: int) -> None:
    """The earlier release books."""
    run(dsn, _BOOKS.format(bot=bot, user=user, kind=kind, amount=amount))


def upgrade(dsn: Secret) -> None:
    run(dsn, sql.schema())
    assert fetch(dsn, _DIFFERENCES) == []


def balances(dsn: Secret) -> dict[tuple[int, int], int]:
    rows = fetch(dsn, "SELECT bot_id, user_id, balance FROM accounts")
    return {(bot, user): balance for bot, user, balance in rows}


@pytest.fixture
def two_bots(empty_dsn: Secret) -> Secret:
    """A database of the earlier release with two bots, and a user of the first release."""
    run(empty_dsn, FIRST_RELEASE)
    run(empty_dsn, EARLIER)
    run(empty_dsn, "INSERT INTO users (user_id, language) VALUES (7, 'ru'), (8, NULL)")
    earlier(empty_dsn, A, 7, "topup", 100)
    earlier(empty_dsn, A, 7, "reserve", -30)
    earlier(empty_dsn, B, 7, "grant", 5)
    return empty_dsn


def test_the_sum_per_bot_becomes_the_balance_of_the_account(two_bots: Secret) -> None:
    upgrade(two_bots)
    upgrade(two_bots)

    assert balances(two_bots) == {(A, 7): 70, (B, 7): 5}
    assert fetch(two_bots, "SELECT DISTINCT language FROM accounts") == [("ru",)]


def test_what_was_bought_at_one_bot_and_spent_at_another_leaves_no_debt(two_bots: Secret) -> None:
    earlier(two_bots, B, 7, "reserve", -60)

    upgrade(two_bots)

    assert balances(two_bots) == {(A, 7): 15, (B, 7): 0}
    moved = "SELECT bot_id, amount FROM ledger WHERE kind = 'transfer' ORDER BY bot_id"
    assert fetch(two_bots, moved) == [(A, -55), (B, 55)]


def test_a_balance_of_no_bot_goes_to_the_first_one_that_its_user_writes_to(
    two_bots: Secret,
) -> None:
    upgrade(two_bots)
    run(two_bots, f"SELECT ensure_account({B}, 1)")
    run(two_bots, f"SELECT ensure_account({A}, 1)")

    assert (balances(two_bots)[B, 1], balances(two_bots)[A, 1]) == (13, 0)
    assert fetch(two_bots, _DIFFERENCES) == []


def test_a_balance_of_no_bot_stays_with_the_bot_that_its_user_knows(two_bots: Secret) -> None:
    earlier(two_bots, B, 1, "reserve", -13)

    upgrade(two_bots)

    assert balances(two_bots)[B, 1] == 0


def test_the_only_bot_of_a_database_takes_every_balance(empty_dsn: Secret) -> None:
    run(empty_dsn, FIRST_RELEASE)
    run(empty_dsn, EARLIER)
    run(empty_dsn, f"INSERT INTO dialogues VALUES ({A}, 2, 2, 'idle')")

    upgrade(empty_dsn)

    assert balances(empty_dsn) == {(A, 1): 13, (A, 2): 0}


def test_what_the_first_release_still_books_counts_until_its_user_writes(empty_dsn: Secret) -> None:
    run(empty_dsn, FIRST_RELEASE)
    upgrade(empty_dsn)
    run(empty_dsn, "UPDATE users SET balance = balance - 4 WHERE user_id = 1")
    run(empty_dsn, "UPDATE users SET balance = balance + 50 WHERE user_id = 2")

    run(empty_dsn, f"SELECT ensure_account({A}, 1), ensure_account({A}, 2)")

    assert balances(empty_dsn) == {(A, 1): 9, (A, 2): 50}
    assert fetch(empty_dsn, _DIFFERENCES) == []


def test_the_earlier_release_beside_this_one_changes_the_account_too(two_bots: Secret) -> None:
    upgrade(two_bots)
    earlier(two_bots, A, 7, "reserve", -20)
    earlier(two_bots, A, 7, "topup", 3)
    earlier(two_bots, A, 8, "grant", 9)
    run(two_bots, "UPDATE users SET language = 'en' WHERE user_id = 7")

    assert balances(two_bots) == {(A, 7): 53, (B, 7): 5, (A, 8): 9}
    assert fetch(two_bots, _DIFFERENCES) == []
    spoken = "SELECT DISTINCT language FROM accounts WHERE user_id = 7"
    assert fetch(two_bots, spoken) == [("en",)]


def test_the_earlier_release_cannot_spend_at_one_bot_what_belongs_to_another(
    two_bots: Secret,
) -> None:
    upgrade(two_bots)

    with pytest.raises(psycopg2.errors.CheckViolation, match="below zero"):
        earlier(two_bots, B, 7, "reserve", -6)

    assert balances(two_bots) == {(A, 7): 70, (B, 7): 5}
    assert fetch(two_bots, _DIFFERENCES) == []


def test_after_a_rollback_the_earlier_release_sees_what_this_one_booked(two_bots: Secret) -> None:
    upgrade(two_bots)
    entry = "INSERT INTO ledger (bot_id, user_id, kind, amount)"
    run(two_bots, f"{entry} VALUES ({A}, 7, 'stars', 500)")
    run(two_bots, EARLIER)  # its start applies its own schema

    earlier(two_bots, A, 7, "reserve", -500)

    assert fetch(two_bots, "SELECT balance FROM users WHERE user_id = 7") == [(75,)]
    upgrade(two_bots)


def test_five_instances_migrate_at_once_beside_an_earlier_one_that_books(two_bots: Secret) -> None:
    run(two_bots, "UPDATE schema_version SET checksum = 'earlier'")

    def books(number: int) -> None:
        for _ in range(20):
            earlier(two_bots, A, 7, "grant", 1 + number)

    with ThreadPoolExecutor(7) as pool:
        booking = [pool.submit(books, number) for number in range(2)]
        migrating = [pool.submit(migrate, two_bots, SystemClock(), Event()) for _ in range(5)]
        for each in booking:
            each.result()
        changed = [each.result().changes for each in migrating]

    assert sum("created table accounts" in changes for changes in changed) == 1
    assert balances(two_bots) == {(A, 7): 70 + 60, (B, 7): 5}
    assert fetch(two_bots, _DIFFERENCES) == []
