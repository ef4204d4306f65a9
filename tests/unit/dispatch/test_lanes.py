"""Whose turn it is, and how fast: lanes and pacing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.delivery.pacing import Pacing
from handlers.dispatch.lanes import InboxRow, Lanes

# ---------------------------------------------------------------------- lanes --


def row(lane: int, number: int) -> InboxRow:
    return InboxRow(number, lane, number, "", 0)


def loaded(lanes: Lanes, *rows: InboxRow) -> Lanes:
    heads: dict[int, list[InboxRow]] = {}
    for each in rows:
        heads.setdefault(each.lane, []).append(each)
    lanes.load(heads)
    return lanes


def take(lanes: Lanes) -> InboxRow | None:
    return next(iter(lanes.take_some(1)), None)


def suspect(lane: int, number: int, ended: int = 1) -> InboxRow:
    return replace(row(lane, number), ended=ended)


def test_what_a_process_ended_with_is_taken_by_itself() -> None:
    lanes = loaded(Lanes(8), row(1, 1), suspect(2, 2), row(3, 3))

    assert lanes.take_some(8) == [row(1, 1), row(3, 3)]
    assert lanes.take_some(8) == [suspect(2, 2)]


def test_of_those_that_a_process_ended_with_one_is_in_work_at_a_time() -> None:
    lanes = loaded(Lanes(8), suspect(1, 1), suspect(2, 2), row(3, 3))

    assert lanes.take_some(8) == [suspect(1, 1)]
    assert lanes.take_some(8) == [row(3, 3)]
    assert lanes.take_some(8) == []
    lanes.done(suspect(1, 1))
    assert lanes.take_some(8) == [suspect(2, 2)]


def test_of_those_that_processes_ended_with_the_one_with_the_fewest_ends_comes_first() -> None:
    lanes = loaded(Lanes(8), suspect(1, 1, ended=2), suspect(2, 2), row(3, 3), suspect(4, 4))

    taken = []
    while some := lanes.take_some(8):
        taken.append([each.seq for each in some])
        for each in some:
            lanes.done(each)

    assert taken == [[2], [4], [1], [3]]


def test_one_update_of_a_lane_is_in_work_at_a_time() -> None:
    lanes = loaded(Lanes(8), row(1, 1), row(1, 2))

    first = take(lanes)
    assert first == row(1, 1)
    assert take(lanes) is None
    lanes.done(row(1, 1))

    assert take(lanes) == row(1, 2)


def test_lanes_are_served_in_turn_however_much_one_has() -> None:
    lanes = loaded(Lanes(8), *(row(1, number) for number in range(1, 6)), row(2, 90), row(3, 91))
    served = []
    while (taken := take(lanes)) is not None:
        served.append(taken.lane)
        lanes.done(taken)

    assert served == [1, 2, 3, 1, 1, 1, 1]


def test_a_row_in_work_is_not_loaded_again() -> None:
    lanes = loaded(Lanes(8), row(1, 1))
    taken = take(lanes)
    assert taken is not None

    loaded(lanes, row(1, 1), row(1, 2))
    lanes.done(taken)

    assert take(lanes) == row(1, 2)
    lanes.done(row(1, 2))
    assert take(lanes) is None


def test_a_lane_that_was_emptied_elsewhere_loses_its_turn() -> None:
    lanes = loaded(Lanes(8), row(1, 1), row(2, 2))

    lanes.load({1: []})

    assert take(lanes) == row(2, 2)
    assert take(lanes) is None


def test_a_lane_that_ran_out_of_loaded_rows_asks_for_more() -> None:
    lanes = loaded(Lanes(2), row(1, 1), row(1, 2))
    for number in (1, 2):
        assert take(lanes) == row(1, number)
        lanes.done(row(1, number))

    assert lanes.hungry


def test_a_lane_that_is_held_has_no_turn_until_it_is_released() -> None:
    lanes = loaded(Lanes(8), row(1, 1), row(1, 2), row(2, 3))
    first = take(lanes)
    assert first == row(1, 1)

    lanes.hold(1)
    lanes.stays(first)
    lanes.begin_load()
    loaded(lanes, row(1, 1), row(1, 2), row(2, 3))

    assert take(lanes) == row(2, 3)
    assert take(lanes) is None
    lanes.release(1)
    lanes.begin_load()
    loaded(lanes, row(1, 1), row(1, 2))
    assert take(lanes) == row(1, 1)


def test_what_was_not_handled_comes_before_what_was_loaded_behind_it() -> None:
    lanes = loaded(Lanes(8), row(1, 1), row(1, 2))
    first = take(lanes)
    assert first == row(1, 1)

    lanes.stays(first)

    assert take(lanes) is None
    loaded(lanes, row(1, 1), row(1, 2))
    assert take(lanes) == row(1, 1)


def test_a_look_that_goes_on_while_an_update_fails_takes_nothing_behind_it() -> None:
    lanes = loaded(Lanes(8), row(1, 1), row(1, 2))
    first = take(lanes)
    assert first == row(1, 1)
    lanes.begin_load()
    lanes.clear()

    lanes.stays(first)
    loaded(lanes, row(1, 1), row(1, 2))

    assert take(lanes) == row(1, 1)


STEPS = ("read", "load", "take", "done", "fail", "away", "hold", "release")


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(STEPS))))
def test_whatever_happens_a_lane_keeps_its_order_and_its_single_worker(
    steps: list[tuple[int, str]],
) -> None:
    table = {lane: [row(lane, lane * 100 + n) for n in range(5)] for lane in range(1, 5)}
    lanes, in_work = Lanes(2), dict[int, InboxRow]()
    held: set[int] = set()
    seen: dict[int, list[InboxRow]] = {}
    for lane, step in steps:
        if step == "read":
            lanes.begin_load()
            seen = {each: rows[:2] for each, rows in table.items()}
        elif step == "load":
            lanes.load(seen)
            seen = {}
        elif step == "take" and (taken := take(lanes)) is not None:
            assert taken.lane not in in_work | dict.fromkeys(held)
            assert taken == table[taken.lane][0]
            in_work[taken.lane] = taken
        elif step == "done" and lane in in_work:
            taken = in_work.pop(lane)
            table[lane].remove(taken)
            lanes.done(taken)
        elif step in {"fail", "away", "hold"} and lane in in_work:
            if step == "away":
                lanes.clear()
            elif step == "hold":
                held.add(lane)
                lanes.hold(lane)
            lanes.stays(in_work.pop(lane))
        elif step == "release" and lane in held:
            held.discard(lane)
            lanes.release(lane)


# --------------------------------------------------------------------- pacing --


def test_a_chat_gets_a_small_burst_and_then_about_one_a_second() -> None:
    pacing = Pacing()
    for _ in range(3):
        assert pacing.wait(5, 0.0) == 0.0
        pacing.took(5, 0.0)

    assert pacing.wait(5, 0.0) == pytest.approx(1.0)
    assert pacing.held(0.5) == [5]
    assert pacing.wait(5, 1.0) == 0.0
    assert pacing.wait(6, 0.0) == 0.0


def test_a_group_is_written_to_twenty_times_a_minute() -> None:
    pacing = Pacing()
    for _ in range(3):
        pacing.took(-5, 0.0)

    assert pacing.wait(-5, 0.0) == pytest.approx(3.0)
