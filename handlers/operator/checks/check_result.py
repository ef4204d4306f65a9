"""What a check found, and running one within its time."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from loguru import logger

from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError
from supervisor.runtime.threads import BackgroundThread

PASSED, FAILED, NOT_CHECKED = "passed", "failed", "not checked"
_MARKS = {PASSED: "✅", FAILED: "❌", NOT_CHECKED: "⚠️ not checked:"}


class CheckFailed(Exception):
    """A check has failed: what is wrong, and what to do about it."""

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__(reason)
        self.cure = cure


class NotChecked(Exception):
    """It could not be checked, and why."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of the report."""

    name: str
    outcome: str
    text: str
    cure: str = ""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return self.outcome == PASSED

    @property
    def mark(self) -> str:
        return _MARKS[self.outcome]

    def as_data(self) -> dict[str, object]:
        return {
            "name": self.name,
            "verdict": self.outcome,
            "text": self.text,
            "cure": self.cure,
            "seconds": round(self.seconds, 2),
        }


class Deadline:
    """The time that is left for everything together."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._ends = clock.now() + seconds
        self.seconds = seconds

    @property
    def left(self) -> float:
        return max(0.0, self._ends - self._clock.now())


def examine(name: str, check: Callable[[], str], deadline: Deadline, clock: Clock) -> CheckResult:
    """Run ``check``, which returns what it saw or raises, until the deadline at most."""
    found: list[CheckResult] = []
    thread = BackgroundThread(f"check {name}", lambda _: found.append(_result_of(name, check)))
    begun = clock.now()
    if deadline.left > 0:
        thread.start()
        thread.join(deadline.left)
    seconds = clock.now() - begun
    if not found:
        reason = f"the time limit of {deadline.seconds:.0f} s is over"
        return CheckResult(name, NOT_CHECKED, reason, seconds=seconds)
    return CheckResult(name, found[0].outcome, found[0].text, found[0].cure, seconds)


def _result_of(name: str, check: Callable[[], str]) -> CheckResult:
    try:
        return CheckResult(name, PASSED, check())
    except CheckFailed as error:
        return CheckResult(name, FAILED, str(error), error.cure)
    except NotChecked as error:
        return CheckResult(name, NOT_CHECKED, str(error))
    except BotError as error:
        return CheckResult(name, NOT_CHECKED, str(error), "remove the cause and check again")
    except Exception as error:  # noqa: BLE001 the guard of one check: the others must go on
        logger.opt(exception=error).bind(check=name).error("check_broken")
        return CheckResult(name, NOT_CHECKED, f"{type(error).__name__}: {error}", "report this")


def pause(clock: Clock, seconds: float) -> None:
    """Between two looks at something that another process does."""
    clock.wait(Event(), seconds)
