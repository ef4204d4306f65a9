"""The sums of days: those of ledger, payments and jobs, before and after housekeeping."""

from datetime import UTC, date, datetime, time, timedelta
from threading import Event
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kie.money import days
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.self_check import audit_of

COUNT = 5  #: days of a life
#: (what happens, on which of the days, of which model, with which amount)
EVENTS = st.tuples(
    st.sampled_from(["paid", "refunded", "failed", "free", "gift", "topup", "grant", "take"])
    | st.sampled_from(["promo", "stars", "stars_back", "receipt", "waiting"]),
    st.integers(0, COUNT - 1),
    st.sampled_from(["z-image", "kling/v2"]),
    st.integers(1, 40),
)


class Life:
    """One user's rows, as the bot writes them, and what they sum up to."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        #: Of this life: a run may go on after midnight.
        self.today = datetime.now(UTC).date()
        self.number = 0
        talk.rows("DELETE FROM ledger; DELETE FROM payments; DELETE FROM topups")
        talk.rows("DELETE FROM deliveries; DELETE FROM generation_jobs; DELETE FROM money_days")
        talk.rows("DELETE FROM accounts; DELETE FROM users")
        talk.rows("INSERT INTO users (user_id) VALUES (7)")
        talk.rows(
            "INSERT INTO accounts (bot_id, user_id, balance, first_seen) VALUES (%s, 7, 0, %s)",
            BOT_ID,
            self.at(0),
        )
        self.book("topup", 10**6, self.at(0) - timedelta(days=9))
        self.expected = {day: [0] * 10 for day in map(self.day_of, range(COUNT))}
        self.expected[self.day_of(0)][9] = 1

    def day_of(self, offset: int) -> date:
        """The last one is today."""
        return self.today - timedelta(days=COUNT - 1 - offset)

    def at(self, offset: int) -> datetime:
        return datetime.combine(self.day_of(offset), time(0, 0, 1), UTC)

    def live(self, what: str, offset: int, model: str, amount: int) -> None:
        self.number += 1
        when, (kie, sums) = self.at(offset), (amount / 10, self.expected[self.day_of(offset)])
        match what:
            case "paid" | "refunded":
                job = self.job(model, "success", amount, when, kie)
                self.book("reserve", -amount, when, job)
                self.book("capture", 0, when, job)
                sums[0] += amount
                if what == "refunded":
                    self.book("refund", amount, when, job)
                    sums[1] += amount
                self.cost(offset, kie)
            case "failed":
                job = self.job(model, "fail", amount, when, None)
                self.book("reserve", -amount, when, job)
                self.book("release", amount, when, job)
            case "free":
                self.job(model, "success", 0, when, kie)
                sums[3] += 1
                self.cost(offset, kie)
            case "gift":
                job = self.job(model, "fail", 0, when - timedelta(days=1), kie)
                self.talk.rows("UPDATE generation_jobs SET gifted_at = %s WHERE id = %s", when, job)
                self.cost(offset, kie)
            case "waiting":
                self.job(model, "waiting", 0, None, None)
            case _:
                self._money(what, amount, when, sums)

    def _money(self, what: str, amount: int, when: datetime, sums: list[int]) -> None:
        match what:
            case "topup":
                self.book("topup", amount, when)
                sums[4] += amount
            case "grant" | "take" | "promo":
                signed = -amount if what == "take" else amount
                self.book("promo" if what == "promo" else "grant", signed, when)
                sums[5] += signed
            case "stars" | "stars_back":
                self.talk.rows(
                    "INSERT INTO payments (bot_id, charge_id, user_id, stars, state, created_at,"
                    " returned_at) VALUES (%s, %s, 7, %s, %s, %s, %s)",
                    *(BOT_ID, f"c{self.number}", amount),
                    *("credited", when, None) if what == "stars" else ("returned", when, when),
                )
                sums[6] += amount
                sums[7] += amount if what == "stars_back" else 0
            case "receipt":
                self.talk.rows(
                    "INSERT INTO topups (bot_id, user_id, credits, money_text, file_unique_id,"
                    " file_id, state, decided_at) VALUES (%s, 7, 1, '9 ₽', 'u', 'f', 'approved',"
                    " %s)",
                    *(BOT_ID, when),
                )
                sums[8] += 1
            case _:
                raise AssertionError(what)

    def cost(self, offset: int, kie: float) -> None:
        self.expected[self.day_of(offset)][2] += round(kie * 10)

    def job(self, model: str, status: str, price: int, when: Any, kie: float | None) -> int:
        (row,) = self.talk.rows(
            "INSERT INTO generation_jobs (bot_id, user_id, model, status, price, input_params,"
            " created_at, completed_at, credits_consumed)"
            " VALUES (%s, 7, %s, %s, %s, '{}', %s, %s, %s) RETURNING id",
            *(BOT_ID, model, status, price, when or datetime.now(UTC), when, kie),
        )
        return int(row["id"])

    def book(self, kind: str, amount: int, when: datetime, job: int | None = None) -> None:
        self.talk.rows(
            "INSERT INTO ledger (bot_id, user_id, job_id, kind, amount, created_at)"
            " VALUES (%s, 7, %s, %s, %s, %s)",
            *(BOT_ID, job, kind, amount, when),
        )

    def reported(self) -> dict[date, list[int]]:
        with self.talk.database.transaction() as tx:
            found = days.last_days(tx, BOT_ID, self.today, COUNT)
        for each in found.values():
            assert sum(model.paid for model in each.models.values()) == each.paid
            assert sum(model.refunded for model in each.models.values()) == each.refunds
            kie = sum(model.kie for model in each.models.values())
            assert abs(kie - each.kie_credits) < 1e-6
            made = sum(model.made for model in each.models.values())
            assert sum(each.durations.values()) == made
        return {
            day: [
                *(each.paid, each.refunds, round(each.kie_credits * 10), each.free_jobs),
                *(each.by_hand, each.gifts, each.stars, each.stars_back),
                *(each.hand_prices.get("9 ₽", 0), each.newcomers),
            ]
            for day, each in found.items()
        }


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=st.lists(EVENTS, max_size=12))
def test_a_report_is_the_sum_of_ledger_payments_and_jobs_and_stays_so(
    talk: Conversation, events: list[tuple[str, int, str, int]]
) -> None:
    life = Life(talk)
    for event in events:
        life.live(*event)
    assert life.reported() == life.expected

    written = audit_of(talk).keep_days(talk.term, Event())

    # From the first entry, nine days before, until yesterday.
    assert written == 9 + COUNT - 1
    assert life.reported() == life.expected
    talk.rows(
        "DELETE FROM deliveries; DELETE FROM ledger WHERE created_at < %s", life.at(COUNT - 1)
    )
    talk.rows(
        "DELETE FROM generation_jobs AS j WHERE "
        " coalesce(gifted_at, completed_at) < %s AND NOT EXISTS"
        " (SELECT 1 FROM ledger WHERE job_id = j.id)",
        life.at(COUNT - 1),
    )
    talk.rows("DELETE FROM payments WHERE created_at < %s", life.at(COUNT - 1))
    assert life.reported() == life.expected
    assert audit_of(talk).keep_days(talk.term, Event()) == 0


def test_durations_tell_a_share_of_the_results() -> None:
    sums = days.Sums(durations={20: 50, 30: 45, 50: 5})

    assert round(sums.duration(0.5) or 0, 1) == 7.8
    assert round(sums.duration(0.95) or 0, 1) == 21.1
    assert round(sums.duration(0.99) or 0) == 156
    assert days.Sums().duration(0.5) is None


def test_the_balance_at_kie_is_the_last_answer(talk: Conversation) -> None:
    with talk.database.transaction() as tx:
        assert days.balance(tx, BOT_ID) is None
        days.note_balance(tx, BOT_ID, 12.5)
        days.note_balance(tx, BOT_ID, 10.5)
        found = days.balance(tx, BOT_ID)

    assert found is not None
    assert found.credits == 10.5
    assert found.seconds < 60
