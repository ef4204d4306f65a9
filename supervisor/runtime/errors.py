"""What is known about a failed call, which decides what may be done next.

Every error that crosses a module is a subclass of ``BotError`` and has one of four dispositions.
Services decide by the disposition: ``match error.disposition``.
"""

import enum
from collections.abc import Sequence
from typing import ClassVar


class Disposition(enum.Enum):
    """What is known about the failed call."""

    RETRY = "retry"  #: it had no effect; the same call may work later
    GIVE_UP = "give up"  #: it had no effect; the same call can never work
    ASK = "ask"  #: it may have had its effect; find out before repeating it
    STEP_DOWN = "step down"  #: we are not the ACTIVE instance any more; change nothing


class Exit(enum.IntEnum):
    """Exit codes of every command; the systemd unit repeats the numbers."""

    OK = 0  #: asked to stop and stopped cleanly, or all checks passed
    FAILED = 1  #: a check failed or a service crashed
    USAGE = 64  #: wrong arguments or settings; a restart cannot help
    STUCK = 70  #: gave up after a bounded time on a stuck dependency


class BotError(Exception):
    """Base class. Raise one of its subclasses instead."""

    disposition: ClassVar[Disposition]


class Unavailable(BotError):
    """The other side could not be reached, or asked to be called later.

    ``retry_after`` is in seconds; None: the other side named no time.
    """

    disposition = Disposition.RETRY

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SchemaMismatch(Unavailable):
    """The database lacks a table, column or right that every row needs: its schema is missing, of
    another release, or somebody changes or restores it just now.

    ``of_statement``: it lacks a column or a function that the statement names. Restores and renames
    take away whole tables, so it is the statement that is wrong.
    """

    def __init__(self, message: str, *, of_statement: bool = False) -> None:
        super().__init__(message)
        self.of_statement = of_statement


class Contended(Unavailable):
    """The transaction conflicted with another one and was rolled back. Repeat it at once."""


class Rejected(BotError):
    """The other side has read the request and will never accept it."""

    disposition = Disposition.GIVE_UP


class OutcomeUnknown(BotError):
    """The request was sent and not answered. It may have had its effect."""

    disposition = Disposition.ASK


class Fenced(BotError):
    """Our term is over, or too little of its trust is left for this call."""

    disposition = Disposition.STEP_DOWN


class Misconfigured(BotError):
    """A setting or a dependency is wrong, and a restart cannot help.

    ``problems`` are sentences: what is wrong, where, and what to do.
    """

    disposition = Disposition.GIVE_UP

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class LoginRefused(Misconfigured):
    """The server of the database refuses the login. It may accept the same one in a moment: a
    password is being changed, a pooler still remembers the old one, a database is being restored.
    """


class Stuck(BotError):
    """A dependency did not answer within the time limit; a restart may help."""

    disposition = Disposition.RETRY
