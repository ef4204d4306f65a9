"""Credits and jobs of one user, booked beside the dialogue, and what the ledger says of them."""

from kie.api.outcome import Failure, Result
from kie.api.wire import Succeeded
from kie.jobs import job_table, settle
from kie.jobs.job import Job, NewJob
from kie.money import ledger
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import URL

USER = 7


def top_up(talk: Conversation, amount: int, key: str = "topup") -> ledger.Booked | None:
    with talk.database.transaction(talk.term) as tx:
        tx.one("SELECT ensure_user(7), ensure_account(%(bot)s, 7)", {"bot": BOT_ID})
        return ledger.book(tx, BOT_ID, USER, "topup", amount, note=None, key=key)


def order(talk: Conversation, price: int = 5, key: str = "press") -> Job:
    new = NewJob(USER, USER, "en", "z-image", {"prompt": "a fox"}, price, key, None)
    with talk.database.transaction(talk.term) as tx:
        job_id = job_table.create(tx, BOT_ID, new)
    (row,) = talk.rows("SELECT *, 0.0 AS seconds FROM generation_jobs WHERE id = %s", job_id)
    return job_table.from_row(row)


def succeed(talk: Conversation, job: Job) -> str:
    with talk.database.transaction(talk.term) as tx:
        settle.succeed(tx, job, Succeeded(Result((URL,)), None), talk.news)
    return f"job:{job.id}:end"


def fail(talk: Conversation, job: Job) -> None:
    with talk.database.transaction(talk.term) as tx:
        settle.fail(tx, job, Failure.BROKEN, "test", talk.news)


def entries(talk: Conversation) -> list[tuple[str, int]]:
    rows = talk.rows("SELECT kind, amount FROM ledger ORDER BY id")
    return [(row["kind"], row["amount"]) for row in rows]


def balance(talk: Conversation) -> int:
    """The balance, which is the sum of the entries at any time."""
    (row,) = talk.rows(
        "SELECT u.balance, (SELECT coalesce(sum(amount), 0) FROM ledger) AS sum FROM accounts AS u"
    )
    assert row["balance"] == row["sum"] >= 0
    return int(row["balance"])


def balance_of(talk: Conversation, user: int) -> int:
    """The same for one of several users."""
    (row,) = talk.rows(
        "SELECT a.balance, coalesce(sum(l.amount), 0)::bigint AS sum FROM accounts AS a"
        " LEFT JOIN ledger AS l USING (bot_id, user_id) WHERE a.user_id = %s GROUP BY a.balance",
        user,
    )
    assert row["balance"] == row["sum"] >= 0
    return int(row["balance"])
