"""Reports for operators, as pure functions of figures."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Event
from typing import Any, cast

import pytest

from handlers.dialogue.effects import Toast
from handlers.features.report import alarms, charts, exports
from handlers.features.report.amounts import dollars, lasts, number
from handlers.features.report.figures import Figures, Money, Usage
from handlers.features.report.limits import SetLimit
from handlers.features.report.rules import Ask
from handlers.words.languages import KNOWN, Language
from kie.money.days import Balance, ModelSums, Sums
from kie.money.packs import Pack
from kie.money.spending import CostRun, Spending
from supervisor.database.transactions import Database
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram

OPERATORS = replace(SHOP, admins=frozenset({7}), packs=(Pack(1, 100, 50), Pack(2, 500, 230)))
TODAY = date(2026, 11, 29)
SUMS = Sums(
    stars=1250,
    star_payments=12,
    stars_back=50,
    by_hand=500,
    paid=800,
    gifts=120,
    refunds=15,
    kie_credits=2345.5,
    free_jobs=30,
    free_kie=24.0,
    newcomers=3,
    people=9,
    hand_prices={"199 ₽": 3},
    models={
        "z-image": ModelSums(40, 2, 30, 20, 0, 32.0),
        "gone/model": ModelSums(1, 0, 0, 0, 0, 9),
    },
    durations={20: 50, 30: 45, 50: 5},
)


def figures(count: int = 7, sums: Sums = SUMS) -> Figures:
    first = TODAY - timedelta(days=max(count, 7) - 1)
    by_day = {first + timedelta(days=number): Sums() for number in range(max(count, 7))}
    by_day[TODAY] = sums
    return Figures(count, by_day, Balance(5120.0, 180.0))


def asked(talk: Talk) -> list[Ask]:
    return [each for each in talk.effects if isinstance(each, Ask)]


def test_the_money_of_a_week_is_told_with_a_picture() -> None:
    talk = Talk(OPERATORS, loads={"money": Money(figures())}).says("/money 7")

    text = talk.screen.text
    assert "Money · 7 days" in text
    assert "⭐ 1,250 ≈\u00a0$16.25 · 12\u00a0payments; 50\u00a0⭐ went back" in text
    # 500 credits at 230 Stars, 0.013 dollars each.
    assert "By hand: 500 credits ≈\u00a0$2.99 (3 × 199 ₽)" in text
    assert "Paid for results: 800 · given away: 120 · refunded: 15" in text
    assert "Cost: 2,346 credits = $11.73" in text
    assert "30\u00a0results, $0.12 of it" in text
    # 2345.5 in a week are 335 a day.
    assert "5,120 credits, enough for 15 days at this pace (3\u00a0min ago)" in text
    assert "Left: $6.86</b> · 37 % of the income" in text
    assert "gone/model: −$0.04 · 1\u00a0result" in text
    assert asked(talk) == [Ask("money", "en", 7)]


def test_more_than_five_models_are_the_five_best_and_the_five_worst() -> None:
    models = {f"m{number}": ModelSums(made=1, paid=10 * number) for number in range(12)}
    text = Talk(OPERATORS, loads={"money": Money(figures(1, Sums(models=models)))}).says("/money")
    best, _, worst = text.screen.text.partition("Worst models")

    assert [f"m{number}:" in best for number in range(12)] == [False] * 7 + [True] * 5
    assert [f"m{number}:" in worst for number in range(12)] == [True] * 5 + [False] * 7


def test_without_packs_credits_have_no_value_and_the_report_says_so() -> None:
    unsold = replace(OPERATORS, packs=())
    text = Talk(unsold, loads={"money": Money(figures())}).says("/money").screen.text

    assert "By hand: 500 credits (3 × 199 ₽)" in text
    assert "No pack is for sale" in text


def test_other_days_are_buttons_and_each_has_its_picture() -> None:
    talk = Talk(OPERATORS, loads={"money": Money(figures(30))}).says("/money")
    talk.presses("30 days", message_id=5)

    assert "Money · 30 days" in talk.screen.text
    assert asked(talk) == [Ask("money", "en", 30)]


@pytest.mark.parametrize("command", ["money", "stats"])
@pytest.mark.parametrize("given", ["8", "x", "-1", "7 7", "<b>"])
def test_days_that_cannot_be_asked_for_are_quoted_with_a_line_to_copy(
    command: str, given: str
) -> None:
    loads = {"money": Money(None)}
    text = Talk(OPERATORS, loads=loads).says(f"/{command} {given}").screen.text

    assert f"“{given}”".replace("<b>", "&lt;b&gt;") in text
    assert f"<code>/{command} 7</code>" in text


def test_usage_tells_users_jobs_durations_and_models() -> None:
    in_work = {("waiting", "z-image"): 2, ("queued", "kling/v2"): 1}
    found = Usage(figures(), 1234, 210, in_work)
    talk = Talk(OPERATORS, loads={"usage": found}).says("/stats 7")

    text = talk.screen.text
    assert "Users: 1,234 · new: 3 · active: 210" in text
    assert "Made: 41 · failed: 2 (4.7 %) · in work: 3" in text
    assert "Half of the results within 8\u00a0s, 95 % within 21\u00a0s" in text
    title = SHOP.offers["z-image"].title("en")
    assert f"{title}: 40 made, 2 failed, 2 being made" in text
    assert "kling/v2: 0 made, 0 failed, 1 queued" in text
    assert asked(talk) == [Ask("stats", "en", 7)]


def test_an_export_is_chosen_by_month_and_kind() -> None:
    talk = Talk(OPERATORS, loads={"today": TODAY}).says("/export").presses("09.2026", message_id=5)
    assert asked(talk) == []
    talk.presses("Jobs", message_id=5)

    assert asked(talk) == [Ask("jobs", "en", month=date(2026, 9, 1))]
    assert "Jobs, 09.2026" in talk.screen.text


def test_an_export_can_be_asked_for_in_words() -> None:
    talk = Talk(OPERATORS, loads={"today": TODAY})

    assert asked(talk.says("/export ledger")) == [Ask("ledger", "en", month=date(2026, 11, 1))]
    assert asked(talk.says("/export payments 2025-12")) == [
        Ask("payments", "en", month=date(2025, 12, 1))
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("secrets", "/export ledger 2026-11"),
        ("jobs 2026-13", "/export jobs 2026-11"),
        ("jobs 11.2026", "/export jobs 2026-11"),
        ("jobs ２０２６-11", "/export jobs 2026-11"),
        ("jobs 2026-12", "has not begun yet"),
    ],
)
def test_an_export_that_cannot_be_made_is_told_with_a_line_to_copy(words: str, told: str) -> None:
    talk = Talk(OPERATORS, loads={"today": TODAY}).says(f"/export {words}")

    assert told in talk.screen.text
    assert asked(talk) == []


@pytest.mark.parametrize("data", ["money||7", "stats||7", "export||", "export||2026-11:ledger"])
def test_a_stranger_gets_nothing_from_the_buttons(data: str) -> None:
    found = {"money": Money(figures()), "usage": Usage(figures(), 1, 1, {}), "today": TODAY}
    talk = Talk(SHOP, loads=found).hear(telegram.press(data))

    assert [type(each) for each in talk.effects] == [Toast]


# ------------------------------------------------------------------- amounts --


def test_amounts_are_written_as_people_write_them() -> None:
    assert dollars("en", 1234.5) == "$1,234.50"
    assert dollars("ru", -1234.5).replace("\u202f", " ") == "−1 234,50 $"
    assert dollars("en", -0.001) == "$0.00"
    assert number("ru", 1234567).replace("\u202f", " ") == "1 234 567"
    assert number("en", 2.34) == "2.3"
    assert number("en", -0.04) == "0.0"


@pytest.fixture
def third(monkeypatch: pytest.MonkeyPatch) -> str:
    """A language of a file of its own, with a comma before the fraction."""
    monkeypatch.setitem(dict_of_languages(), "xx", replace(KNOWN["en"], code="xx", point=","))
    return "xx"


def dict_of_languages() -> dict[str, Language]:
    assert isinstance(KNOWN, dict)
    return KNOWN


def test_amounts_follow_the_comma_of_any_language(third: str) -> None:
    assert dollars(third, 1234.5).replace("\u202f", " ") == "1 234,50 $"
    assert number(third, 2.34) == "2,3"


def test_the_balance_lasts_days_or_hours_or_is_not_used() -> None:
    assert lasts("en", 100, 10) == "enough for 10 days at this pace"
    assert lasts("en", 15, 10) == "enough for 36 h at this pace"
    assert lasts("en", -3, 10) == "enough for 0 h at this pace"
    assert lasts("en", 100, 0) == "nothing was spent in 7 days"


# -------------------------------------------------------------------- charts --


def test_a_chart_has_a_value_for_each_day_and_today_stands_at_the_end_of_a_week() -> None:
    chart = charts.money(figures(1), OPERATORS, "ru")
    (panel,) = chart["panels"]

    assert chart["title"] == "Деньги в $, 7 дней"
    assert chart["days"][0] == "23.11"
    assert chart["days"][-1] == "29.11"
    assert [len(each["values"]) for each in (*panel["bars"], panel["line"])] == [7, 7, 7]
    assert panel["bars"][1]["values"][-1] == pytest.approx(11.7275)


# ------------------------------------------------------------------- exports --


@pytest.mark.parametrize(
    "text", ["=1+1", "+7", "-2+3", "@SUM(A1)", " =1", "\t=1", "\r1", "＝1", "−1"[:0] + "-1"]
)
def test_a_text_that_a_spreadsheet_takes_for_a_formula_is_defused(text: str) -> None:
    assert exports.cell(text, comma=False) == f"'{text}"


class OneRow:
    """A database whose only row has these cells."""

    @contextmanager
    def transaction(self) -> Iterator["OneRow"]:
        yield self

    def all(self, _statement: str, _named: Any) -> list[dict[str, Any]]:
        return [{"what": "x", "credits": 1.5, "cursor_at": None, "cursor_id": 1}]


@pytest.mark.parametrize(
    ("language", "lines"),
    [("en", ["what,credits", "x,1.500000"]), ("xx", ["what;credits", "x;1,500000"])],
)
def test_spreadsheets_that_write_a_comma_get_semicolons(
    third: str, language: str, lines: list[str]
) -> None:
    asked = {"language": language, "month": date(2026, 11, 1), "kind": "ledger"}
    request = {**asked, "after_at": None, "after_id": 0}

    made = exports.part(cast("Database", OneRow()), 1, request, Event())

    assert made.content.decode("utf-8-sig").splitlines() == lines


def test_other_cells_are_as_they_are() -> None:
    at = datetime(2026, 11, 29, 12, tzinfo=UTC)
    values = [None, -5, 0.8, "z-image", at]

    assert [exports.cell(each, comma=True) for each in values] == [
        *("", "-5", "0,800000", "z-image", "2026-11-29 12:00:00")
    ]


def test_months_go_back_over_the_year() -> None:
    found = exports.months(date(2026, 2, 28), 3)

    assert found == [date(2026, 2, 1), date(2026, 1, 1), date(2025, 12, 1)]


# -------------------------------------------------------------------- alarms --


def told(seen: Spending, *runs: CostRun, language: str = "en") -> list[str]:
    found = [each.told for each in alarms.found(seen, runs)]
    return [each if isinstance(each, str) else each(language) for each in found]


def test_a_low_balance_is_told_by_the_day_and_by_the_limit() -> None:
    assert told(Spending(balance=99, a_day=100)) == [
        "kie.ai has 99 credits left, enough for 23 h at this pace."
    ]
    assert "below your limit of 500" in told(Spending(balance=499, least=500))[0]
    assert told(Spending(balance=100, a_day=100, least=100)) == []
    assert told(Spending(balance=5)) == []
    assert told(Spending()) == []


def test_an_hour_is_unusual_above_three_times_the_usual_and_above_a_dollar() -> None:
    assert told(Spending(a_day=2400, last_hour=302)) == [
        "The last hour cost 302 credits of kie.ai ($1.51); usually an hour costs 100."
        " /money shows which model; maintenance stops new orders."
    ]
    assert told(Spending(a_day=2400, last_hour=300)) == []
    assert told(Spending(a_day=24, last_hour=200)) == []
    assert told(Spending(last_hour=9999)) == []


def test_a_model_with_a_wrong_cost_is_told_with_both_numbers() -> None:
    (text,) = told(Spending(), CostRun("z-image", 3, 0.8, 1.6), language="ru")

    assert "z-image (3 подряд)" in text
    assert "кредитов kie.ai 1,6 вместо 0,8" in text


@pytest.mark.parametrize(
    ("words", "effect", "shown"),
    [
        ("limit 500", SetLimit(300.0, 500.0), "300 → <b>500</b>"),
        ("limit off", SetLimit(300.0, None), "/money limit 300"),
        ("limit", None, "Own limit: <b>300</b>"),
        ("limit 0", None, "“0” is not a number"),
        ("limit -5", None, "“-5” is not a number"),
        ("limit 10000001", None, "is not a number from 1 to 10,000,000"),
        ("limit ５", None, "is not a number"),
    ],
)
def test_the_limit_of_the_balance_is_set_and_told(
    words: str, effect: SetLimit | None, shown: str
) -> None:
    talk = Talk(OPERATORS, loads={"money": Money(None, 300.0)}).says(f"/money {words}")

    assert [each for each in talk.effects if isinstance(each, SetLimit)] == (
        [] if effect is None else [effect]
    )
    assert shown in talk.screen.text
