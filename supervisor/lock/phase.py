"""The phases of an instance: a table and one pure function.

A test compares the diagram in this room's docstring with ``TRANSITIONS``.
"""

import enum
from collections.abc import Mapping


class Phase(enum.StrEnum):
    STARTING = "STARTING"
    PASSIVE = "PASSIVE"
    ACTIVE = "ACTIVE"
    DRAINING = "DRAINING"
    STOPPED = "STOPPED"


class Event(enum.StrEnum):
    LOCK_BUSY = "another instance holds the lock"
    LOCK_WON = "lock won"
    LOCK_LOST = "lock lost"
    STOP_REQUESTED = "stop requested"
    DRAINED = "drained"


class IllegalTransition(RuntimeError):
    """An event that cannot happen in this phase. It is a bug."""


TRANSITIONS: Mapping[Phase, Mapping[Event, Phase]] = {
    Phase.STARTING: {
        Event.LOCK_BUSY: Phase.PASSIVE,
        Event.LOCK_WON: Phase.ACTIVE,
        Event.STOP_REQUESTED: Phase.DRAINING,
    },
    Phase.PASSIVE: {
        Event.LOCK_WON: Phase.ACTIVE,
        Event.STOP_REQUESTED: Phase.DRAINING,
    },
    Phase.ACTIVE: {
        Event.LOCK_LOST: Phase.PASSIVE,
        Event.STOP_REQUESTED: Phase.DRAINING,
    },
    Phase.DRAINING: {
        Event.LOCK_LOST: Phase.DRAINING,
        Event.DRAINED: Phase.STOPPED,
    },
    Phase.STOPPED: {},
}


def advance(phase: Phase, event: Event) -> Phase:
    """The next phase. Raises ``IllegalTransition`` for a pair that is not in the table."""
    try:
        return TRANSITIONS[phase][event]
    except KeyError:
        raise IllegalTransition(f"{event.value!r} in phase {phase.value}") from None
