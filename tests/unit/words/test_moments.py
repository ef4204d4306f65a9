"""Moments as people read them, in the zone of their language."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from handlers.shop import admission
from handlers.words import moments
from kie.catalogue.availability import Maintenance
from tests.support.chats.talk import SHOP

LATE = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "day", "time"),
    [("en", "31 Dec 2026", "22:30 UTC"), ("ru", "1 янв 2027", "01:30 МСК")],
)
def test_a_day_and_a_time_are_those_of_the_zone(language: str, day: str, time: str) -> None:
    assert moments.date(language, LATE) == day
    assert moments.clock_time(language, LATE) == time
    shop = replace(SHOP, maintenance=Maintenance(LATE))
    assert time in admission.refusal(shop, language, banned=False)


@pytest.mark.parametrize(("language", "shown"), [("en", "29 Nov 22:30"), ("ru", "29 ноя 22:30")])
def test_lists_that_name_their_zone_show_times_of_utc_whatever_zone_they_come_in(
    language: str, shown: str
) -> None:
    elsewhere = datetime(2026, 11, 30, 1, 30, tzinfo=timezone(timedelta(hours=3)))

    assert moments.moment(language, elsewhere) == shown
