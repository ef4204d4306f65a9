"""Early claims: who may reserve a line, and how a reservation ends."""

import uuid
from dataclasses import dataclass, field

from handlers.delivery.claimed import Claimed, EarlyClaims, Line, Receiver
from supervisor.runtime.term import Term

TERM, OTHER = Term(1, uuid.uuid4()), Term(2, uuid.uuid4())
HERE, THERE = (7, 0), (8, 0)


@dataclass
class Sender:
    """Notes what it is told."""

    full: bool = False
    taken: list[int] = field(default_factory=list)
    looks: list[bool] = field(default_factory=list)
    reserved: list[int] = field(default_factory=list)

    def admits(self, _: Line, reserved: int) -> bool:
        self.reserved.append(reserved)
        return not self.full

    def receiver(self, term: Term = TERM) -> Receiver:
        return Receiver(
            term, self.admits, lambda each: self.taken.append(each.id), self.looks.append
        )


def opened(sender: Sender) -> EarlyClaims:
    early = EarlyClaims()
    early.open(sender.receiver())
    return early


def claimed(place: Line, number: int = 1) -> Claimed:
    return Claimed(number, *place, "answer", {}, None, 1, 0, True)


def test_without_a_sender_nothing_is_claimed_early() -> None:
    assert EarlyClaims().reserve(TERM, [(HERE, True)]) == [False]


def test_a_transaction_of_another_term_or_of_none_claims_nothing() -> None:
    early = opened(Sender())

    assert early.reserve(OTHER, [(HERE, True)]) == [False]
    assert early.reserve(None, [(HERE, True)]) == [False]


def test_a_line_is_reserved_once_until_its_delivery_has_begun() -> None:
    sender = Sender()
    early = opened(sender)

    assert early.reserve(TERM, [(HERE, True), (HERE, True), (THERE, True)]) == [True, False, True]
    early.hand_over([HERE, THERE], [claimed(HERE, 1), claimed(THERE, 2)])
    assert early.reserve(TERM, [(HERE, True)]) == [False]

    early.begun(HERE)
    assert sender.taken == [1, 2]
    assert list(early.lines) == [THERE]
    assert early.reserve(TERM, [(HERE, True)]) == [True]
    assert sender.reserved == [0, 1, 1]  # how many others there were


def test_what_stands_behind_another_one_of_its_line_is_not_claimed_early() -> None:
    early = opened(Sender())

    assert early.reserve(TERM, [(HERE, False), (HERE, True), (THERE, True)]) == [False, False, True]


def test_a_sender_without_room_claims_nothing_early() -> None:
    assert opened(Sender(full=True)).reserve(TERM, [(HERE, True)]) == [False]


def test_what_was_not_claimed_after_all_is_free_again() -> None:
    sender = Sender()
    early = opened(sender)
    early.reserve(TERM, [(HERE, True), (THERE, True)])

    early.hand_over([HERE, THERE], [claimed(THERE)])

    assert list(early.lines) == [THERE]
    assert sender.looks == [False]


def test_after_a_failed_transaction_the_sender_knows_that_a_row_may_be_claimed() -> None:
    sender = Sender()
    early = opened(sender)
    early.reserve(TERM, [(HERE, True)])

    early.fail([HERE])

    assert list(early.lines) == []
    assert sender.looks == [True]


def test_while_it_is_paused_nothing_is_reserved_and_what_is_under_way_is_told() -> None:
    early = opened(Sender())
    early.reserve(TERM, [(HERE, True)])

    assert not early.pause()
    assert early.reserve(TERM, [(THERE, True)]) == [False]
    early.begun(HERE)
    assert early.pause()

    early.resume()
    assert early.reserve(TERM, [(THERE, True)]) == [True]


def test_a_claim_goes_to_the_sender_for_which_it_was_reserved() -> None:
    first, second = Sender(), Sender()
    early = opened(first)
    early.reserve(TERM, [(HERE, True)])
    early.open(second.receiver(OTHER))

    early.hand_over([HERE], [claimed(HERE)])

    assert (first.taken, second.taken) == ([1], [])


def test_the_end_of_an_earlier_sender_does_not_close_the_next_one() -> None:
    first, second = Sender().receiver(), Sender().receiver(OTHER)
    early = EarlyClaims()
    early.open(first)
    early.open(second)

    early.close(first)
    assert early.is_open
    early.close(second)
    assert not early.is_open
