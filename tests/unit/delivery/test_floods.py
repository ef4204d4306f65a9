"""How long everything is silent when Telegram refuses for flooding."""

import pytest

from handlers.delivery.pacing import FLOOD_CHATS, FLOOD_WITHIN, FloodDetector


def test_three_chats_at_once_mean_silence_for_the_shortest_time_that_was_asked() -> None:
    floods = FloodDetector()

    assert floods.refused(1, 3.0, 0.0) is None
    assert floods.refused(2, 3.0, 0.5) is None
    assert floods.refused(3, 900.0, 1.0) == 3.0


@pytest.mark.parametrize("asked", [(900.0, 5.0, 7.0), (7.0, 900.0, 5.0)])
def test_the_order_of_the_refusals_does_not_matter(asked: tuple[float, ...]) -> None:
    floods = FloodDetector()

    assert [floods.refused(chat, seconds, 0.0) for chat, seconds in enumerate(asked)] == [
        None,
        None,
        5.0,
    ]


def test_one_chat_that_is_refused_again_and_again_is_one_chat() -> None:
    floods = FloodDetector()

    assert [floods.refused(1, 3.0, float(n) / 10) for n in range(10)] == [None] * 10


def test_refusals_of_some_time_ago_do_not_count() -> None:
    floods = FloodDetector()
    for chat in range(FLOOD_CHATS - 1):
        floods.refused(chat, 3.0, 0.0)

    assert floods.refused(99, 3.0, FLOOD_WITHIN + 0.01) is None


def test_refusals_of_several_chats_without_a_delivery_between_them_are_a_silence() -> None:
    told: list[bool] = []
    floods = FloodDetector(told.append)

    for now in range(0, 200, 40):  # far apart: each may be its chat's own
        floods.refused(1, 40.0, float(now))
        floods.refused(2, 40.0, float(now) + 20)
    assert told == []

    floods.refused(3, 40.0, 200.0)
    floods.refused(4, 40.0, 201.0)
    assert told == [True]

    floods.delivered()
    floods.delivered()
    assert told == [True, False]

    floods.refused(1, 40.0, 300.0)
    assert told == [True, False]
