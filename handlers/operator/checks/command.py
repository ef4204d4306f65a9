"""Runs the checks from the command line and prints their results."""

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TextIO

from handlers.operator.checks.check_result import CheckResult, Deadline, NotChecked, examine
from handlers.operator.checks.deployment import Deployment
from handlers.operator.checks.happy_path import HappyPath
from handlers.operator.checks.production import ProductionChecks
from supervisor.database.transactions import Database
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Misconfigured
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.reader import Settings
from supervisor.telemetry.logs import Redactor

LIMIT, LIVE_LIMIT = 30.0, 180.0  #: seconds for everything together
_ALL = "✅ ✅ ✅ ALL CRITICAL TESTS PASSED ✅ ✅ ✅"
_SOME = "❌ ❌ ❌ NOT READY FOR PRODUCTION ❌ ❌ ❌"

Step = tuple[str, Callable[[], str]]
#: Reads the settings; raises ``Misconfigured``.
Reader = Callable[[], Settings]
Address = Callable[[Settings], contextlib.AbstractContextManager[Secret]]


class Report:
    """Writes findings as they come: for people, or all at once as data."""

    def __init__(self, out: TextIO, *, as_json: bool) -> None:
        self._out = out
        self._redactor = Redactor()
        self.as_json = as_json
        self.findings: list[CheckResult] = []

    def keep_secret(self, secrets: Iterable[Secret]) -> None:
        """Remove these secrets from every line, also where a library or a server quotes them."""
        self._redactor.learn(secrets)

    def begin(self, name: str) -> None:
        """On a terminal, show which check is running."""
        if not self.as_json and self._out.isatty():
            self._out.write(f"\r\x1b[K… {name}")
            self._out.flush()

    def add(self, finding: CheckResult, *, line: bool) -> None:
        self.findings.append(finding)
        if self.as_json:
            return
        if self._out.isatty():
            self._out.write("\r\x1b[K")
        if line:
            # The text of a passed check is a whole line; other texts need the name before them.
            subject = "" if finding.passed else f"{finding.name}: "
            self._write(f"{finding.mark} {subject}{finding.text}")
            if finding.cure:
                self._write(f"   → {finding.cure}")

    def summary(self) -> None:
        """The end of ``prod-check``."""
        self._write(_ALL if self.passed else _SOME)
        self._write("Summary:")
        for number, finding in enumerate(self.findings, 1):
            told = "" if finding.passed else f" {finding.text}"
            self._write(f"  {number}. {finding.name}: {finding.mark}{told}")
            if finding.cure:
                self._write(f"     → {finding.cure}")
        if self.passed:
            self._write("Production Ready! 🚀")

    def as_data(self) -> None:
        found = {"passed": self.passed, "checks": [each.as_data() for each in self.findings]}
        self._write(json.dumps(found, ensure_ascii=False))

    @property
    def passed(self) -> bool:
        return bool(self.findings) and all(finding.passed for finding in self.findings)

    def _write(self, text: str) -> None:
        self._out.write(self._redactor.clean(text) + "\n")
        self._out.flush()


def happy_path(report: Report, read: Reader, address: Address, clock: Clock) -> bool:
    """Six lines; True when all of them are right. ``report`` writes them."""
    first = "All required ENV variables present"
    names = ("Lock key", "Required tables", "Webhook", "Task created", "Task status")
    deadline = Deadline(clock, LIMIT)
    with _deployment(report, read, address, clock, deadline, first=(first, first)) as deployment:
        steps = HappyPath(deployment).all() if deployment is not None else _unreachable(names)
        _run(report, steps, deadline, clock, lines=True)
    return report.passed


def prod_check(
    report: Report, read: Reader, address: Address, clock: Clock, *, live: bool, apply: bool
) -> bool:
    """The seven checks; True when all passed."""
    names = ("Port", "Migrations", "Lock key", "Webhook", "Health endpoint", "Z-image flow")
    deadline = Deadline(clock, LIVE_LIMIT if live else LIMIT)
    named = ("ENV variables", "every required setting is there and readable")
    with _deployment(report, read, address, clock, deadline, first=named) as deployment:
        steps = (
            ProductionChecks(deployment, live=live, apply=apply).all()
            if deployment is not None
            else _unreachable(names)
        )
        _run(report, steps, deadline, clock, lines=False)
    return report.passed


def _run(
    report: Report, steps: Sequence[Step], deadline: Deadline, clock: Clock, *, lines: bool
) -> None:
    for name, check in steps:
        report.begin(name)
        report.add(examine(name, check, deadline, clock), line=lines)


@contextlib.contextmanager
def _deployment(
    report: Report,
    read: Reader,
    address: Address,
    clock: Clock,
    deadline: Deadline,
    *,
    first: tuple[str, str],
) -> Iterator[Deployment | None]:
    """Check the settings, and yield what the other checks need; None: there is nothing."""
    name, told = first
    lines = name == told
    try:
        settings = read()
    except Misconfigured as error:
        cure = "correct the environment or .env; docs/deploy.md lists every setting"
        report.add(CheckResult(name, "failed", "; ".join(error.problems), cure), line=lines)
        yield None
        return
    report.keep_secret(settings.secrets)
    report.add(CheckResult(name, "passed", told), line=lines)
    with contextlib.ExitStack() as stack:
        try:
            dsn = stack.enter_context(address(settings))
        except BotError as error:
            report.add(CheckResult("Database", "failed", str(error), "see above"), line=lines)
            yield None
            return
        database = Database(
            dsn,
            size=2,
            bot_id=settings.identity.bot_id,
            fence_key=settings.identity.fence_key,
            name="trt:check",
            wakeups=Wakeups(),
        )
        stack.callback(database.close)
        yield Deployment(settings, dsn, database, clock, deadline)


def _unreachable(names: Sequence[str]) -> tuple[Step, ...]:
    def not_checked() -> str:
        raise NotChecked("the settings are not complete")

    return tuple((name, not_checked) for name in names)
