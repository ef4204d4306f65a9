"""The oracle of the chaos tests sees every kind of breach, and none where there is none."""

from dataclasses import replace

import pytest

from tests.chaos.oracle import STALL, Action, Recorded, Row, judge

ACTIONS = [
    Action(1, "a", 10.0, 10.1, 0.2),
    Action(1, "a", 11.0, 11.1, 0.2),
    Action(2, "b", 12.0, 12.1, 0.2),
    Action(3, "a", 13.0, 13.1, 0.2),
]
ROWS = [Row(1, 1, 100.0), Row(1, 2, 101.0), Row(2, 3, 102.0), Row(3, 4, 103.0)]
EPOCHS = [
    Recorded(1, "a", ended=True, signed_off=False, reason="gone without sign-off"),
    Recorded(2, "b", ended=True, signed_off=True, reason="asked to stop"),
    Recorded(3, "a", ended=False, signed_off=False, reason=None),
]


def test_a_history_in_order_is_accepted() -> None:
    assert judge(ACTIONS, ROWS, EPOCHS) == []


def test_an_epoch_that_never_acted_breaks_nothing() -> None:
    quiet = [action for action in ACTIONS if action.epoch != 2]

    assert judge(quiet, [row for row in ROWS if row.epoch != 2], EPOCHS) == []


@pytest.mark.parametrize(
    ("forged", "sentence"),
    [
        (Action(1, "a", 12.0, 12.01, 0.2), "began an action 0.0000 s after the first one of"),
        (Action(1, "a", 13.5, 13.6, 0.2), "epoch 1 (a) began an action 1.5000 s after"),
        (Action(1, "a", 12.5, None, 0.2), "began an action 0.5000 s after"),
        (Action(1, "a", 11.9, 12.05, 0.2), "in flight for 0.0500 s"),
        (Action(2, "a", 12.2, 12.3, 0.2), "a acted as epoch 2, which belongs to b"),
        (Action(4, "b", 14.0, 14.1, 0.2), "b acted as epoch 4, which belongs to None"),
    ],
)
def test_an_action_that_breaks_the_order_is_found(forged: Action, sentence: str) -> None:
    (found,) = judge([*ACTIONS, forged], ROWS, EPOCHS)

    assert sentence in found


def test_only_an_action_that_stood_still_may_end_late_and_none_may_begin_late() -> None:
    still = Action(1, "a", 11.9, 11.9 + 0.2 + STALL + 0.01, 0.2)

    assert judge([*ACTIONS, still], ROWS, EPOCHS) == []
    assert len(judge([*ACTIONS, replace(still, judged=12.1, ended=19.0)], ROWS, EPOCHS)) == 1


@pytest.mark.parametrize(
    ("forged", "sentence"),
    [
        (Row(1, 5, 101.5), "row 5 of epoch 1 came after the first of 2"),
        (Row(1, 0, 102.5), "row 0 of epoch 1 was committed 0.5000 s after"),
        (Row(9, 9, 200.0), "rows of epoch 9, which nobody ever won"),
    ],
)
def test_a_row_out_of_order_is_found(forged: Row, sentence: str) -> None:
    (found,) = judge(ACTIONS, [*ROWS, forged], EPOCHS)

    assert sentence in found


@pytest.mark.parametrize(
    ("number", "change", "sentence"),
    [
        (1, {"epoch": 5, "instance": "b"}, "epoch 5 followed epoch 1"),
        (1, {"ended": False}, "epoch 2 is open although it is not the newest"),
        (0, {"reason": " "}, "epoch 1 ended without a reason"),
        (1, {"reason": None}, "epoch 2 ended without a reason"),
    ],
)
def test_a_broken_record_of_the_terms_is_found(
    number: int, change: dict[str, object], sentence: str
) -> None:
    epochs = [*EPOCHS]
    epochs[number] = replace(epochs[number], **change)  # type: ignore[arg-type]  # by name

    assert any(sentence in found for found in judge(ACTIONS, ROWS, epochs))
