"""Derives the health status from facts: a pure function.

A trouble has a class, which anybody may see, and details, which may name hosts and users. Only
the log, systemd's status line and operators get the details.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from supervisor.lock.phase import Phase
from supervisor.lock.timing import Timing

VERIFIED_SECONDS = Timing().trust
#: Seconds after which a due row is late, by kind.
LATE = {"updates": 60.0, "answers": 120.0, "results": 600.0, "jobs": 900.0}
#: Seconds for which a refused update counts as a trouble.
REFUSED_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Trouble:
    kind: str  #: such as ``database``, ``lock``, ``telegram``, ``kie``
    detail: str


@dataclass(frozen=True, slots=True)
class HealthStatus:
    """``level`` is ``ok``, ``degraded`` (works, but needs attention) or ``failing``."""

    level: str
    troubles: tuple[Trouble, ...] = ()

    @property
    def kinds(self) -> str:
        """The classes, such as "database, kie". Strangers may see them."""
        return ", ".join(dict.fromkeys(each.kind for each in self.troubles))

    @property
    def details(self) -> str:
        """The details, for the log and operators."""
        return "; ".join(each.detail for each in self.troubles)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at one moment. Times are in seconds."""

    phase: Phase
    overdue: str | None = None  #: which loop makes no progress
    lock_trouble: Trouble | None = None
    database_trouble: str | None = None
    verified: float | None = None  #: since the lock was last verified
    refused: str | None = None  #: why the intake refused an update
    refused_ago: float = 0.0  #: since that refusal
    late: Mapping[str, float] = field(default_factory=dict)  #: age of the oldest due row, by kind
    silent: float = 0.0  #: since Telegram began to make every chat wait
    #: Troubles that other parts have reported, by part, such as "kie".
    reported: Mapping[str, str] = field(default_factory=dict)

    @property
    def acts(self) -> bool:
        """ACTIVE or draining."""
        return self.phase in {Phase.ACTIVE, Phase.DRAINING}


def assess(facts: Facts) -> HealthStatus:
    """``failing`` comes with its one cause; ``degraded`` comes with all troubles."""
    if facts.overdue is not None:
        return HealthStatus("failing", (Trouble("progress", facts.overdue),))
    unverified = facts.verified is not None and facts.verified > VERIFIED_SECONDS
    if facts.phase is Phase.ACTIVE and unverified:
        detail = f"the lock was last verified {facts.verified:.1f} s ago"
        return HealthStatus("failing", (Trouble("lock", detail),))
    found = tuple(_troubles(facts))
    if facts.phase is Phase.STARTING and (facts.lock_trouble or facts.database_trouble):
        return HealthStatus("failing", found[:1])
    return HealthStatus("degraded", found) if found else HealthStatus("ok")


def kind_of(part: str) -> str:
    """The class of a trouble that ``part`` reported: that of "kie-create" is "kie"."""
    return {"webhook": "telegram", "polling": "telegram"}.get(part, part.partition("-")[0])


def _troubles(facts: Facts) -> list[Trouble]:
    found = []
    if facts.lock_trouble is not None:
        found.append(facts.lock_trouble)
    elif facts.database_trouble is not None:
        found.append(Trouble("database", facts.database_trouble))
    if facts.refused is not None and facts.refused_ago <= REFUSED_WITHIN:
        found.append(Trouble("intake", f"updates are refused: {facts.refused}"))
    for what, seconds in facts.late.items():
        if seconds > LATE[what]:
            found.append(Trouble(what, f"the oldest of the {what} is {seconds:.0f} s late"))
    if facts.acts and facts.silent > LATE["answers"]:
        detail = f"Telegram makes every chat wait (429), for {facts.silent:.0f} s now"
        found.append(Trouble("telegram", detail))
    if facts.acts:
        found += [Trouble(kind_of(part), why) for part, why in facts.reported.items()]
    return found
