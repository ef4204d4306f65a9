"""Judges a history: did ever two terms act at once, or a later one before an earlier one?

An outside action is an interval on the machine's CLOCK_BOOTTIME: from the very moment at which
the gate judged it to its end. A row is known by its number and the time of its commit. Both
carry the epoch under which they were made, so the history of all instances can be put in one
order that does not depend on what the instances believed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: An action that took this much longer than its limit stood still, with its process or with
#: the machine: the gate has judged it in time and can do no more. Seconds.
STALL = 0.25


@dataclass(frozen=True, slots=True)
class Action:
    """Something done outside, where nothing is fenced. Seconds of CLOCK_BOOTTIME."""

    epoch: int
    instance: str
    judged: float
    ended: float | None  #: None: the process was killed in the middle of it
    limit: float  #: what the gate was told that it takes at most

    @property
    def stalled(self) -> bool:
        return self.ended is not None and self.ended - self.judged > self.limit + STALL


@dataclass(frozen=True, slots=True)
class Row:
    """A fenced write."""

    epoch: int
    number: int  #: from a sequence, taken behind the fence
    committed: float  #: PostgreSQL's time of the commit


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row of ``lock_epochs``."""

    epoch: int
    instance: str
    ended: bool
    signed_off: bool
    reason: str | None


def judge(actions: Sequence[Action], rows: Sequence[Row], epochs: Sequence[Recorded]) -> list[str]:
    """Every breach of a promise, as a sentence; [] when all were kept."""
    return [
        *_late_actions(actions),
        *_late_rows(rows),
        *_unrecorded(actions, rows, epochs),
        *_history(epochs),
    ]


def _late_actions(actions: Sequence[Action]) -> Iterable[str]:
    first = _firsts((action.epoch, action.judged) for action in actions)
    for action in actions:
        successor, begun = _after(first, action.epoch)
        if action.judged >= begun:
            yield (
                f"epoch {action.epoch} ({action.instance}) began an action"
                f" {action.judged - begun:.4f} s after the first one of epoch {successor}"
            )
        elif action.ended is not None and action.ended > begun and not action.stalled:
            yield (
                f"epoch {action.epoch} ({action.instance}) had an action in flight for"
                f" {action.ended - begun:.4f} s after the first one of epoch {successor} began"
            )


def _late_rows(rows: Sequence[Row]) -> Iterable[str]:
    numbers = _firsts((row.epoch, float(row.number)) for row in rows)
    commits = _firsts((row.epoch, row.committed) for row in rows)
    for row in rows:
        successor, number = _after(numbers, row.epoch)
        if row.number >= number:
            yield f"row {row.number} of epoch {row.epoch} came after the first of {successor}"
        successor, commit = _after(commits, row.epoch)
        if row.committed >= commit:
            yield (
                f"row {row.number} of epoch {row.epoch} was committed"
                f" {row.committed - commit:.4f} s after the first of epoch {successor}"
            )


def _unrecorded(
    actions: Sequence[Action], rows: Sequence[Row], epochs: Sequence[Recorded]
) -> Iterable[str]:
    owners = {each.epoch: each.instance for each in epochs}
    for epoch, instance in sorted({(action.epoch, action.instance) for action in actions}):
        if owners.get(epoch) != instance:
            yield f"{instance} acted as epoch {epoch}, which belongs to {owners.get(epoch)}"
    for epoch in sorted({row.epoch for row in rows} - set(owners)):
        yield f"rows of epoch {epoch}, which nobody ever won"


def _history(epochs: Sequence[Recorded]) -> Iterable[str]:
    """``epochs`` in the order in which they were acquired."""
    for before, after in zip(epochs, epochs[1:], strict=False):
        if after.epoch != before.epoch + 1:
            yield f"epoch {after.epoch} followed epoch {before.epoch}"
    for each in epochs[:-1]:
        if not each.ended:
            yield f"epoch {each.epoch} is open although it is not the newest"
    for each in epochs:
        if each.ended and not (each.reason or "").strip():
            yield f"epoch {each.epoch} ended without a reason"


def _firsts(moments: Iterable[tuple[int, float]]) -> dict[int, float]:
    found: dict[int, float] = {}
    for epoch, moment in moments:
        found[epoch] = min(moment, found.get(epoch, moment))
    return found


def _after(first: dict[int, float], epoch: int) -> tuple[int | None, float]:
    """The earliest beginning of any later epoch."""
    later = [(moment, number) for number, moment in first.items() if number > epoch]
    if not later:
        return None, float("inf")
    moment, number = min(later)
    return number, moment
