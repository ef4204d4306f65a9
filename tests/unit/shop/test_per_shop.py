"""What follows from the shop alone is found once for each snapshot of it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from handlers.shop import tasks
from handlers.shop.offers import Offer
from handlers.shop.shop import Shop, per_shop
from tests.support.chats.talk import SHOP


def test_it_is_found_once_for_each_snapshot_and_each_argument() -> None:
    looks: list[tuple[str, str]] = []

    @per_shop
    def named(shop: Shop, word: str) -> str:
        looks.append((shop.bot_name, word))
        return f"{shop.bot_name} {word}"

    first, second = replace(SHOP, bot_name="Ann"), replace(SHOP, bot_name="Bob")
    found = [named(shop, word) for shop in (first, second) for word in ("a", "b", "a")]

    assert found == ["Ann a", "Ann b", "Ann a", "Bob a", "Bob b", "Bob a"]
    assert looks == [("Ann", "a"), ("Ann", "b"), ("Bob", "a"), ("Bob", "b")]


@pytest.mark.parametrize("task", [tasks.DRAW, tasks.FILM, tasks.VOICE])
def test_a_model_that_is_withdrawn_leaves_its_task_with_the_next_snapshot(task: str) -> None:
    def ids(offers: Sequence[Offer]) -> list[str]:
        return [each.model for each in offers]

    first, *rest = ids(tasks.models(SHOP, task))

    fewer = {name: offer for name, offer in SHOP.offers.items() if name != first}

    assert ids(tasks.models(replace(SHOP, offers=fewer), task)) == rest
    assert ids(tasks.models(SHOP, task)) == [first, *rest]
