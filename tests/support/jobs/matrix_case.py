"""A case of the matrix of jobs, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.jobs.mortal_services import BEFORE_THE_CALL


@dataclass(frozen=True)
class Case:
    """A kind of kie.ai: its faults, what comes of it without a crash, and how time goes."""

    name: str
    ends: str  #: photo or message
    faults: tuple[Mapping[str, Any], ...] = ()
    asks: bool = True  #: polls are due at once; else only a callback makes them due
    late: bool = False  #: the deadline passes
    expires: bool = False  #: the link never becomes readable
    slow_store: float = 0.0
    key: bool = False  #: KIE_WEBHOOK_HMAC_KEY is set
    model: str = "z-image"
    follows: str = ""  #: the model of an earlier task that it goes on from
    tasks: int = 1  #: that kie.ai makes
    answers: bool = True  #: createTask is answered with a number
    calls_back: bool = True  #: a callback can name the task
    reports: bool = True  #: recordInfo tells of an end

    def end(self, step: str) -> str:
        """Photo or message, when the process is killed at ``step``; empty: at none."""
        if step in BEFORE_THE_CALL:
            # Nobody knows that nothing was sent: no second try, an apology and a refund.
            return "message"
        if step == "after createTask" and not self.calls_back:
            # The number died with the process, and nobody else ever says it.
            return "message"
        return self.ends

    def reaches(self, step: str) -> bool:
        """Whether a process comes to ``step`` at all."""
        if step in {"after createTask", "task id stored"}:
            return self.answers
        return bool(step) and (step != "report arrived" or self.reports)


@dataclass
class Seen:
    """What came of it."""

    photos: int  #: or clips, or albums of songs
    messages: int  #: without those that carry the buttons of an album
    tasks: int  #: that kie.ai accepted, and that cost something
    unanswered: int  #: calls to Telegram whose outcome nobody knows: possible duplicates
    strays: int  #: callbacks that were not believed, and kept; no job has their task
    ledger: list[tuple[str, int]] = field(default_factory=list)
    balance: int = 0
    status: str = ""
    killed: bool = False
