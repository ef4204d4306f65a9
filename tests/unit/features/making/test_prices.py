"""What an order costs, and who is told that it cannot be."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue.effects import Say, Show
from handlers.features import FEATURES
from handlers.features.making.job_effects import CancelJob, StartJob
from handlers.shop.offers import Offer
from handlers.shop.shop import Payment, Shop
from handlers.shop.terms import Terms, terms
from kie.catalogue.model import DEADLINES
from kie.jobs.job_table import MOST_RUNNING
from kie.money.ledger import Account
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram
from tests.support.words.wording import plain

PLAIN = SHOP.offers["z-image"]


REQUISITES = Payment(bank="Savings <Bank>", card="2200 1111", phone="")


def shop(offer: Offer, **changes: Any) -> Shop:
    return replace(SHOP, offers={"z-image": offer}, **changes)


def priced(price: int, free_per_day: int | None = None) -> Offer:
    return replace(PLAIN, price=price, free_per_day=free_per_day)


def started(talk: Talk) -> StartJob | None:
    talk.presses_model("z-image").says("a fox")
    if any("Create" in each.text for each in talk.buttons):
        talk.presses("Create")
    return talk.started[0] if talk.started else None


@pytest.mark.parametrize(
    ("price", "quota", "used", "expected"),
    [
        (0, None, 9, Terms(0, None)),
        (5, None, 0, Terms(5, None)),
        (5, 2, 0, Terms(0, 2)),
        (5, 2, 1, Terms(0, 1)),
        (5, 2, 2, Terms(5, 0)),
        (5, 2, 7, Terms(5, 0)),
        (0, 2, 1, Terms(0, 1)),
    ],
)
def test_a_model_is_free_within_its_quota_and_then_costs_its_price(
    price: int, quota: int | None, used: int, expected: Terms
) -> None:
    account = Account(free_used={"z-image": used, "other": 100})

    assert terms(priced(price, quota), account) == expected
    assert not expected.used_up


def test_a_free_model_whose_quota_is_used_up_is_refused_with_the_reason() -> None:
    talk = Talk(shop(priced(0, 2)), account=Account(free_used={"z-image": 2}))

    assert started(talk) is None
    assert talk.toast.text == plain("en", "toast_used_up", n=2, time="00:00 UTC")
    assert talk.toast.alert


def test_within_the_quota_the_job_costs_nothing() -> None:
    start = started(Talk(shop(priced(5, 2)), account=Account(free_used={"z-image": 1})))

    assert start is not None
    assert start.job.price == 0


def test_beyond_the_quota_the_job_costs_its_price() -> None:
    start = started(Talk(shop(priced(5, 2)), account=Account(balance=5, free_used={"z-image": 2})))

    assert start is not None
    assert start.job.price == 5


@pytest.mark.parametrize(("now", "makes"), [(6, False), (5, True), (4, True)])
def test_nobody_pays_more_than_was_told(now: int, makes: bool) -> None:
    """A release with other prices came between the confirmation and the press."""
    talk = Talk(shop(priced(5)), account=Account(balance=20))
    talk.presses_model("z-image").says("a fox")
    talk.shop = shop(priced(now))

    talk.presses("Create")

    assert [each.job.price for each in talk.started] == ([now] if makes else [])
    if not makes:
        assert "The price has changed" in talk.screen.text
        talk.presses("Create")
        assert [each.job.price for each in talk.started] == [now]


def test_the_confirmation_says_how_many_free_ones_are_left() -> None:
    talk = Talk(shop(priced(5, 2)), account=Account(free_used={"z-image": 1}))
    talk.presses_model("z-image").says("a fox")

    assert "free, 1\u00a0left today" in talk.screen.text


def test_beyond_the_budget_of_all_a_free_model_costs_its_price_and_the_card_says_why() -> None:
    talk = Talk(shop(priced(5, 2)), account=Account(balance=9, budget_spent=True))
    talk.presses_model("z-image").says("a fox")

    assert "5\u00a0credits, today's free ones are gone" in talk.screen.text
    (job,) = [each.job for each in talk.presses("Create").started]
    assert job.price == 5


@pytest.mark.skipif(
    "paying" not in {each.name for each in FEATURES}, reason="paying has the button to top up"
)
def test_who_has_not_enough_sees_price_balance_and_the_way_to_more_and_keeps_the_request() -> None:
    sold = shop(priced(5), payment=REQUISITES, admins=frozenset({8}))
    talk = Talk(sold, account=Account(balance=3))

    assert started(talk) is None
    assert "You need 5\u00a0credits and have 3. 2 short." in talk.screen.text
    assert talk.button("Top up · 2 short").startswith("topup|")
    assert not any("Create" in each.text for each in talk.buttons)
    assert talk.dialogue.step == "confirm"


@pytest.mark.parametrize(("argument", "works"), [("31", True), ("x", False), ("9" * 25, False)])
def test_the_button_under_a_queued_job_cancels_that_job(argument: str, works: bool) -> None:
    talk = Talk().hear(telegram.press(f"stop||{argument}", message_id=50))

    wanted = [each for each in talk.effects if isinstance(each, CancelJob)]
    assert [(each.job_id, each.message_id) for each in wanted] == ([(31, 50)] if works else [])
    assert works or any(isinstance(each, Say | Show) for each in talk.effects)


def test_the_limit_of_running_jobs_is_counted_by_kind() -> None:
    titles = {"en": "Film", "ru": "Film"}
    video = replace(PLAIN, model="film", kind="video", titles=titles)
    both = replace(SHOP, offers={"z-image": PLAIN, "film": video})
    busy = Account(running={"film": 2, "gone-model": 5})

    assert started(Talk(both, account=busy)) is not None
    talk = Talk(both, account=busy).hear(telegram.press("model||film"))
    talk.says("a fox").presses("Create")
    assert talk.started == []
    assert talk.toast.text == plain("en", "toast_enough_running", n=2, max=2)


@pytest.mark.parametrize(("unfetched", "works"), [(0, True), (2, True), (3, False), (50, False)])
def test_who_leaves_results_unfetched_by_blocking_the_bot_orders_no_more_of_them(
    unfetched: int, works: bool
) -> None:
    talk = Talk(shop(priced(5)), account=Account(balance=50, unfetched=unfetched))

    assert (started(talk) is not None) is works
    if not works:
        assert talk.toast.text == plain("en", "toast_unfetched", n=unfetched)
        assert max(len(plain(each, "toast_unfetched", n=99)) for each in ("en", "ru")) <= 200


def test_every_kind_of_result_has_a_limit_of_running_jobs() -> None:
    assert set(MOST_RUNNING) == set(DEADLINES)
