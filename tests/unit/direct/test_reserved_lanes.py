"""Lanes of which some updates are handled directly, against a model of the table."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.dispatch.lanes import InboxRow, Lanes

LANES = (1, 2, 3)
DEPTH = 2


class Model:
    """The table, and a dispatcher and direct handling whose threads take turns as they like."""

    def __init__(self) -> None:
        self.lanes = Lanes(DEPTH)
        self.table: defaultdict[int, list[InboxRow]] = defaultdict(list)
        self.direct: dict[int, tuple[InboxRow, int]] = {}  #: in work, with its reservation
        self.working: dict[int, InboxRow] = {}
        self.looked: dict[int, list[InboxRow]] | None = None  #: by a load that is under way
        self.handled: defaultdict[int, list[int]] = defaultdict(list)
        self.count = 0

    def comes(self, lane: int) -> None:
        self.count += 1
        row = InboxRow(self.count, lane, self.count, "", 0)
        reserved = self.lanes.reserve(lane)
        if reserved is None:
            self.table[lane].append(row)
        else:
            assert lane not in self.direct and lane not in self.working
            self.direct[lane] = (row, reserved)

    def succeeds(self, lane: int) -> None:
        """Unless an older one waits in the table, as the statement finds."""
        if lane not in self.direct:
            return
        row, reserved = self.direct[lane]
        if any(each.update_id < row.update_id for each in self.table[lane]):
            self.fails(lane)
        else:
            del self.direct[lane]
            self.handled[lane].append(row.update_id)
            self.lanes.end_reservation(lane, reserved, stored=False)

    def fails(self, lane: int) -> None:
        if lane not in self.direct:
            return
        row, reserved = self.direct.pop(lane)
        self.table[lane] = sorted([*self.table[lane], row], key=lambda each: each.update_id)
        self.lanes.end_reservation(lane, reserved, stored=True)

    def looks(self, lane: int) -> None:
        if self.looked is None:
            self.lanes.begin_load()
            self.looked = {lane: rows[:DEPTH] for lane, rows in self.table.items() if rows}

    def loads(self, lane: int) -> None:
        if self.looked is not None:
            self.lanes.load(self.looked)
            self.looked = None

    def takes(self, lane: int) -> None:
        for row in self.lanes.take_some(1):
            assert row.lane not in self.direct and row.lane not in self.working
            self.working[row.lane] = row

    def ends(self, lane: int) -> None:
        row = self.working.pop(lane, None)
        if row is not None:
            self.table[lane].remove(row)
            self.handled[lane].append(row.update_id)
            self.lanes.done(row)

    def stays(self, lane: int) -> None:
        row = self.working.pop(lane, None)
        if row is not None:
            self.lanes.stays(row)

    def clears(self, lane: int) -> None:
        self.lanes.clear()

    def rests(self) -> None:
        """All that is left is done."""
        for lane in LANES:
            self.fails(lane)
        self.loads(0)
        for _ in range(3 * self.count + 1):
            self.looks(0)
            self.loads(0)
            self.takes(0)
            for lane in LANES:
                self.ends(lane)


ACTS = (
    *("comes", "comes", "succeeds", "fails", "looks", "loads", "takes", "ends", "stays"),
    "clears",
)


@settings(max_examples=400)
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(LANES)), max_size=60))
def test_whoever_handles_them_the_updates_of_a_lane_are_handled_once_and_in_order(
    acts: list[tuple[str, int]],
) -> None:
    model = Model()
    for act, lane in acts:
        getattr(model, act)(lane)
    model.rests()

    handled = [number for numbers in model.handled.values() for number in numbers]
    assert sorted(handled) == list(range(1, model.count + 1))
    for numbers in model.handled.values():
        assert numbers == sorted(numbers)


def test_a_lane_that_gets_an_older_update_during_a_look_is_read_again() -> None:
    model = Model()
    model.comes(1)
    model.comes(1)
    model.looks(0)  # it sees only the second one
    model.fails(1)
    model.loads(0)

    model.takes(0)

    assert model.working == {}


def test_a_chat_that_goes_on_writing_is_handled_all_the_same() -> None:
    model = Model()
    model.comes(1)
    model.fails(1)
    for _ in range(9):
        model.comes(1)  # as soon as the one before is acknowledged, before the table is read
        model.looks(0)
        model.loads(0)
        model.succeeds(1)
        model.takes(0)

    assert model.working[1].update_id == 1


@pytest.mark.parametrize("ends_first", [True, False])
def test_a_lane_of_which_rows_were_dropped_is_read_before_it_is_reserved(ends_first: bool) -> None:
    lanes = Lanes(DEPTH)
    reserved = {lane: lanes.reserve(lane) or 0 for lane in LANES}
    looked = {lane: [InboxRow(lane, lane, lane, "", 0)] for lane in LANES}
    lanes.begin_load()
    if not ends_first:
        lanes.load(looked)
    for lane, number in reserved.items():
        lanes.end_reservation(lane, number, stored=True)
    if ends_first:
        lanes.load(looked)
    assert [lanes.reserve(lane) for lane in LANES] == [None, None, None]

    lanes.begin_load()
    lanes.load({}, after=1, last=2)

    assert [lanes.reserve(lane) is not None for lane in LANES] == [False, True, False]


def test_a_reservation_of_an_earlier_term_ends_no_later_one() -> None:
    before, now = Lanes(DEPTH), Lanes(DEPTH)
    old = before.reserve(7)
    new = now.reserve(7)
    assert old is not None and new is not None

    now.end_reservation(7, old, stored=True)

    assert now.reserve(7) is None
    now.end_reservation(7, new, stored=True)
    assert now.reserve(7) is not None


def test_nothing_is_reserved_of_a_lane_with_work() -> None:
    lanes = Lanes(DEPTH)
    rows = {lane: [InboxRow(lane, lane, lane, "", 0)] for lane in LANES}
    lanes.load(rows)
    taken = lanes.take_some(2)
    lanes.hold(taken[0].lane)

    assert [lanes.reserve(lane) for lane in LANES] == [None, None, None]
