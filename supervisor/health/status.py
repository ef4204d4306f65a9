"""From facts to a status: does this process work, and what needs a look. No clock, no I/O.

A trouble has a class, which anybody may see, and details, which only the log, systemd's status
and operators get: they may name hosts, users and keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from supervisor.lock.phase import Phase
from supervisor.lock.timing import Timing

VERIFIED_SECONDS = Timing().trust
#: Seconds that what is due may wait before somebody should look, by what waits.
LATE = {"updates": 60.0, "answers": 120.0, "results": 600.0}
#: Seconds for which a refused update is a trouble of the moment.
REFUSED_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Trouble:
    kind: str  #: such as ``database``, ``lock``, ``telegram``, ``kie``
    detail: str


@dataclass(frozen=True, slots=True)
class HealthStatus:
    """``failing``: can do nothing for its users; ``degraded``: works, but needs a look."""

    level: str
    troubles: tuple[Trouble, ...] = ()

    @property
    def kinds(self) -> str:
        """For everybody: the classes, such as "database, kie"."""
        return ", ".join(dict.fromkeys(each.kind for each in self.troubles))

    @property
    def details(self) -> str:
        """For whoever sees the log."""
        return "; ".join(each.detail for each in self.troubles)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at one moment; spans are in seconds."""

    phase: Phase
    overdue: str | None = None  #: who makes no progress
    lock_trouble: str | None = None
    database_trouble: str | None = None
    verified: float | None = None  #: since the lock was verified
    refused: str | None = None  #: why the intake refused an update, …
    refused_ago: float = 0.0  #: … and how long ago
    late: Mapping[str, float] = field(default_factory=dict)  #: how late what is due is
    #: Troubles of other packages by their names, such as "kie".
    reported: Mapping[str, str] = field(default_factory=dict)

    @property
    def acts(self) -> bool:
        """ACTIVE, or finishing what it began as such."""
        return self.phase in {Phase.ACTIVE, Phase.DRAINING}


def assess(facts: Facts) -> HealthStatus:
    """What fails comes alone; what needs a look comes together."""
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
    """The class of a trouble that ``part`` reported: "kie-create" is one of kie.ai."""
    return {"webhook": "telegram", "polling": "telegram"}.get(part, part.partition("-")[0])


def _troubles(facts: Facts) -> list[Trouble]:
    database = facts.lock_trouble or facts.database_trouble
    found = [Trouble("database", database)] if database is not None else []
    if facts.refused is not None and facts.refused_ago <= REFUSED_WITHIN:
        found.append(Trouble("intake", f"updates are refused: {facts.refused}"))
    for what, seconds in facts.late.items():
        if seconds > LATE[what]:
            found.append(Trouble(what, f"the oldest of the {what} is {seconds:.0f} s late"))
    if facts.acts:
        found += [Trouble(kind_of(part), why) for part, why in facts.reported.items()]
    return found
