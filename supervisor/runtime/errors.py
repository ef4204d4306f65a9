"""What is known about a call that failed, and so what may be done next.

Every error of this program that crosses a module is a child of ``BotError`` and
carries one of four dispositions. Workers look at the disposition, never at the
class: ``match error.disposition``.
"""

import enum
from collections.abc import Sequence
from typing import ClassVar


class Disposition(enum.Enum):
    """What is known about the call that failed."""

    RETRY = "retry"  #: it had no effect; the same call may work later
    GIVE_UP = "give up"  #: it had no effect; the same call can never work
    ASK = "ask"  #: it may have taken effect; find out before repeating it
    STEP_DOWN = "step down"  #: we are not the ACTIVE instance any more; touch nothing


class Exit(enum.IntEnum):
    """Exit codes of every command; the systemd unit repeats the numbers."""

    OK = 0  #: asked to stop and stopped cleanly, or all checks passed
    FAILED = 1  #: a check failed or a service crashed
    USAGE = 64  #: wrong arguments or settings; a restart cannot help
    STUCK = 70  #: gave up after a bounded time on a stuck dependency


class BotError(Exception):
    """Base class. Do not raise it: raise one of its children."""

    disposition: ClassVar[Disposition]


class Unavailable(BotError):
    """The other side could not be reached, or said: later.

    ``retry_after`` is in seconds, None when the other side named no time.
    """

    disposition = Disposition.RETRY

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Contended(Unavailable):
    """Another transaction was in the way and this one was undone; at once is soon enough."""


class Rejected(BotError):
    """The other side read the request and will never accept it."""

    disposition = Disposition.GIVE_UP


class OutcomeUnknown(BotError):
    """The request left us and no answer came; it may have taken effect."""

    disposition = Disposition.ASK


class Fenced(BotError):
    """Our term is over, or too little of its trust is left for this call."""

    disposition = Disposition.STEP_DOWN


class Misconfigured(BotError):
    """A setting or a dependency is wrong in a way that no restart can mend.

    ``problems`` are complete sentences: what is wrong, where, and what to do.
    """

    disposition = Disposition.GIVE_UP

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class Stuck(BotError):
    """A dependency did not answer within a bounded time; a restart may help."""

    disposition = Disposition.RETRY
