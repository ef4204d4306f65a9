"""A state that needs an operator: what is told of it, what helps, and what is told at its end."""

from dataclasses import dataclass

from handlers.delivery.outbox import Told


@dataclass(frozen=True, slots=True)
class Alert:
    """The same ``key`` is told once an hour while it lasts."""

    key: str
    told: Told
    #: The key of a shared sentence that names the state, such as ``over_backlog``. When the state
    #: has ended, operators are told so, with its duration. "": it is an event and has no end.
    over: str = ""
    place: str = "alarm"  #: the place whose buttons help
