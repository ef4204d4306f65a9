"""Instances that are stopped, frozen, killed and cut off, judged by what they really did.

Two and three instances of the real supervisor, each in its own network namespace where root
allows; an oracle (``oracle.py``) reads what all of them did. The schedule is seeded and printed
(``CHAOS_SEED`` repeats one). The short form runs with shorter time spans; LONG=1 takes those
of production and more than a hundred events. ``-s`` shows the figures.
"""

import os
import random
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from supervisor.lock.timing import Timing
from tests.chaos import faults
from tests.chaos.cluster import Cluster, cluster, now, until
from tests.chaos.faults import Fault
from tests.chaos.network import why_not
from tests.chaos.oracle import judge

LONG = bool(os.environ.get("LONG"))
SEED = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))
EVENTS = 56 if LONG else 12
TIMING = (
    Timing()
    if LONG
    else Timing(
        heartbeat=0.4,
        statement=0.6,
        lock_wait=0.5,
        tcp_user_timeout=0.9,
        trust=1.8,
        idle=2.8,
        margin=0.4,
        poll=0.4,
        drain=5.0,
        loss=5.0,
    )
)
#: Seconds; a bound that catches a standstill, far above what is measured.
SOMEBODY_ACTS = 60.0


def schedule(isolated: bool) -> list[Fault]:
    """Twice ``EVENTS`` faults: every kind as often as any other, in a random order."""
    kinds = [*faults.ANYWHERE, *(faults.WITH_NAMESPACES if isolated else ())]
    moments = random.Random(SEED)
    order: list[Fault] = []
    while len(order) < 2 * EVENTS:
        order += moments.sample(kinds, len(kinds))
    return order


@pytest.mark.parametrize("size", [2, 3])
def test_no_term_acts_after_its_successor(tmp_path: Path, size: int) -> None:
    reason = why_not()
    if reason is not None:
        say(f"signals and terminated sessions only: {reason}")
    order = schedule(isolated=reason is None)
    mine = order[:EVENTS] if size == 2 else order[EVENTS : 2 * EVENTS]
    say(f"{size} instances, seed {SEED}: {', '.join(fault.__name__ for fault in mine)}")
    moments = random.Random(SEED + size)

    with cluster(size, TIMING, tmp_path) as made:
        taken = [strike(made, fault, moments) for fault in mine]
        until(made.waiting, SOMEBODY_ACTS, "all instances are there", made)
        ends = [each for place in made.places if (each := place.end()) != 0]
        figures = (made.actions(), made.rows(), made.epochs())
        violations = judge(*figures)
        tell(mine, taken, made)

    assert violations == []
    assert ends == []
    # What proves nothing must not look like a proof.
    actions, rows, epochs = figures
    acted = {action.epoch for action in actions}
    assert len(epochs) > sum(fault not in faults.BRIEF for fault in mine)
    assert len(acted) >= len(epochs) - len(mine) // 2
    assert len(actions) > 20 * EVENTS
    assert len(rows) > 10 * EVENTS


def strike(made: Cluster, fault: Fault, moments: random.Random) -> float | None:
    """One event; returns the seconds until another term acted, None if the same goes on."""
    until(made.waiting, SOMEBODY_ACTS, "all instances are there", made)
    begun = now()
    before = until(lambda: made.acting_since(begun), SOMEBODY_ACTS, "somebody acts", made)
    holder = made.place_of(before.instance)
    struck = now()
    steps = fault(made, holder, moments)
    next(steps)
    told = now()

    def successor() -> float | None:
        acting = made.acting_since(told)
        if acting is None or (fault not in faults.BRIEF and acting.epoch == before.epoch):
            return None
        return float(acting.judged)

    first = until(successor, SOMEBODY_ACTS, f"somebody acts after {fault.__name__}", made)
    for _ in steps:
        raise AssertionError("a fault yields once")
    for place in made.places:
        assert place.popen.poll() is None, f"{place.instance} ended:\n{place.log[-3000:]}"
    return first - struck if first > struck else None


def tell(order: Sequence[Fault], taken: Sequence[float | None], made: Cluster) -> None:
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for fault, each in zip(order, taken, strict=True):
        seconds[fault.__name__] += [] if each is None else [each]
    actions, rows, epochs = made.actions(), made.rows(), made.epochs()
    say(
        f"{len(order)} events, {len(epochs)} epochs, {len(actions)} actions"
        f" ({sum(action.stalled for action in actions)} stood still), {len(rows)} fenced rows"
    )
    say("seconds until the successor acts:      n    p50    max")
    for name, found in sorted(seconds.items()):
        say(f"  {name:32} {len(found):5} {_figures(found)}")


def _figures(found: Sequence[float]) -> str:
    return f"{statistics.median(found):6.2f} {max(found):6.2f}" if found else "      the same term"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def test_the_schedule_holds_every_kind_of_fault() -> None:
    def names(found: Iterable[Fault]) -> set[str]:
        return {fault.__name__ for fault in found}

    assert names(schedule(isolated=True)) == names(faults.ANYWHERE + faults.WITH_NAMESPACES)
