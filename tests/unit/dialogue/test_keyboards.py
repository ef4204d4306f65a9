"""Rows of buttons and their titles on a phone."""

import pytest

from handlers.dialogue.effects import Button
from handlers.dialogue.keyboards import for_half_a_row, rows


@pytest.mark.parametrize(
    ("count", "width", "sizes"),
    [(0, 3, []), (5, 4, [3, 2]), (4, 3, [2, 2]), (8, 3, [3, 3, 2]), (7, 2, [2, 2, 2, 1])],
)
def test_rows_are_as_even_as_they_go(count: int, width: int, sizes: list[int]) -> None:
    made = rows([Button(str(number), "x||") for number in range(count)], width)

    assert [len(row) for row in made] == sizes


def test_a_price_keeps_its_sign_where_it_fits_into_half_a_row() -> None:
    assert for_half_a_row("🪄 Edit · 8 💎") == "🪄 Edit · 8 💎"
    assert for_half_a_row("➕ Продолжить 1 · 24 💎") == "➕ Продолжить 1 · 24"
