"""TRT: a production supervisor for Telegram bots that sell AI generation through kie.ai.

The entry point. Each command is a function here. ``handlers/process/composition.py`` builds a
running bot; it is imported only after the port is bound.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, TextIO

from loguru import logger

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import BotError, Exit, Misconfigured
from supervisor.runtime.secret import Secret
from supervisor.settings.env_file import read_env_file
from supervisor.settings.platform import overrule_libpq
from supervisor.settings.reader import Settings
from supervisor.telemetry import logs, output
from supervisor.telemetry.version import with_commit

if TYPE_CHECKING:
    from handlers.operator.checks.command import Report

VERSION = "0.2.0"
_SUMMARY = "A production supervisor for Telegram bots that sell AI generation through kie.ai."
ROOT = Path(__file__).resolve().parent
#: Signals that ask a daemon to drain and end. SIGHUP means that the terminal was closed, or that
#: the settings should be read again, which a restart does. Under nohup it stays ignored.
_STOPS = [signal.SIGTERM, signal.SIGINT]
if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
    _STOPS.append(signal.SIGHUP)
#: Variables that were removed from the environment; the settings reader warns about them.
_overruled: dict[str, str] = {}
_EXITS = (
    "exit codes: 0 stopped as asked, or all checks passed; 1 a service crashed or a check failed;"
    " 64 wrong arguments or settings (a restart cannot help); 70 gave up on a stuck dependency"
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> "None":  # type: ignore[override]  # it does not return
        self.print_usage(sys.stderr)
        self.exit(Exit.USAGE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code of the process."""
    output.tolerate_errors()
    _overruled.update(overrule_libpq(os.environ))
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = _parser().parse_args(words if words else ["serve"])
    stream = sys.stderr if given.answers else sys.stdout
    logs.configure(stream=stream, colour=logs.wants_colour(stream, os.environ))
    try:
        return int(given.run(given))
    except Misconfigured as error:
        for problem in error.problems:
            logger.critical(problem)
        return Exit.USAGE
    except BotError as error:
        logger.critical(str(error))
    except KeyboardInterrupt:
        return Exit.OK
    return Exit.STUCK


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="run.py", description=_SUMMARY, epilog=_EXITS)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(
        name: str, run: object, summary: str, *, answers: bool = False
    ) -> argparse.ArgumentParser:
        """``answers``: standard output is for the result, and the log goes to standard error."""
        found = commands.add_parser(name, help=summary, description=summary, epilog=_EXITS)
        found.set_defaults(run=run, answers=answers)
        return found

    serve = command("serve", _serve, "run the bot until SIGTERM or Ctrl-C (the default)")
    serve.add_argument(
        "--take-over",
        action="store_true",
        help="polling mode: remove a webhook that another installation has set",
    )
    demo = command("demo", _demo, "the whole system on this machine, with a chat in the browser")
    demo.add_argument("--port", type=int, default=8080, help="of the chat page (default: 8080)")
    demo.add_argument("--no-browser", action="store_true", help="only print the address")
    command("sandbox", _sandbox, "only the simulated Telegram and kie.ai, on ports 8081 and 8082")
    migrate = "bring the database to the schema of this release"
    command("migrate", _migrate, migrate, answers=True)
    status = command("status", _status, "who is ACTIVE, who waits, what is queued", answers=True)
    status.add_argument("--json", action="store_true", help="the same as data")
    which = status.add_mutually_exclusive_group()
    which.add_argument("--dead", action="store_true", help="the updates that were set aside")
    which.add_argument("--replay", type=int, metavar="ID", help="handle such an update once more")
    which.add_argument("--orphans", action="store_true", help="callbacks that fit no job")
    which.add_argument("--metrics-token", action="store_true", help="the bearer token of /metrics")
    which.add_argument(
        "--match", type=int, nargs=2, metavar=("ORPHAN", "JOB"), help="assign one to a job"
    )
    six = "six steps from the settings to a task at kie.ai"
    happy = command("happy-path", _happy_path, six, answers=True)
    seven = "seven proofs that the deployment works"
    check = command("prod-check", _prod_check, seven, answers=True)
    check.add_argument("--live", action="store_true", help="make one picture, all the way")
    check.add_argument("--apply", action="store_true", help="bring the schema up to date first")
    for each in (happy, check):
        each.add_argument("--json", action="store_true", help="the same as data")
    return parser


def _settings(*, level: str | None = None, stream: TextIO | None = None) -> Settings:
    """Read the settings and configure the log, which goes to ``stream``. ``.env`` sets what the
    environment leaves empty. Commands that print a result log to standard error."""
    environment: Mapping[str, str] = {**_overruled, **os.environ}
    merged = {**read_env_file(Path(".env")), **{k: v for k, v in environment.items() if v.strip()}}
    settings = Settings.from_env(merged, version=with_commit(VERSION, ROOT, environment))
    logs.configure(
        level=level or settings.log_level,
        form=settings.log_format,
        instance=settings.instance_id,
        secrets=settings.secrets,
        stream=stream,
        colour=logs.wants_colour(stream or sys.stdout, environment),
    )
    for warning in settings.warnings:
        logger.warning(warning)
    return settings


# ------------------------------------------------------------------- commands --


def _serve(given: argparse.Namespace) -> int:
    for number in _STOPS:
        # Until the daemon runs, a signal just ends the process. As PID 1 a process ignores
        # signals for which it has no handler.
        signal.signal(number, lambda *_: os._exit(Exit.OK))
    if sys.platform != "win32":
        # Whoever started us may have blocked them; a blocked signal is never delivered.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    settings = _settings()
    # After the settings are read: wrong ones are reported within milliseconds. The daemon binds
    # the port before it imports the rest of the program.
    from handlers.process.memory import be_frugal

    be_frugal()
    with without_certificates():
        from handlers.process.daemon import Daemon

    async def run() -> int:
        daemon = Daemon(settings, take_over=given.take_over, die=_die)
        loop = asyncio.get_running_loop()
        for number in _STOPS:
            try:
                loop.add_signal_handler(number, daemon.request_stop)
            except NotImplementedError:  # Windows; in the loop, as a handler may interrupt itself
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(daemon.request_stop))
        code = await daemon.run()
        # Everything is closed. A call that still hangs in a worker thread must not keep the
        # process longer than 20 s; its intent is in the database.
        logs.flush()
        os._exit(code)

    return asyncio.run(run())


@contextlib.contextmanager
def without_certificates() -> Iterator[None]:
    """For the import of aiohttp, which reads the system's certificates for calls that name none.
    All of ours do (``supervisor/settings/outgoing.py``); another would trust nobody."""
    before = {name: os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")}
    os.environ.update(dict.fromkeys(before, os.devnull))
    yield
    for name, value in before.items():
        del os.environ[name]
        os.environ.update({} if value is None else {name: value})


def _die(reason: str) -> None:
    """End the process at once: a part of it could still act, and must not."""
    logger.critical(f"[SHUTDOWN] ❌ {reason}")
    logs.flush()
    os._exit(Exit.STUCK)


def _migrate(given: argparse.Namespace) -> int:
    del given
    from supervisor.database.migration import migrate

    with _database_url(_settings(stream=sys.stderr)) as dsn:
        done = migrate(dsn, SystemClock(), Event())
    for change in done.changes:
        sys.stdout.write(f"{change}\n")
    sys.stdout.write(
        f"schema version {done.version}: {'migrated' if done.changes else 'current'}\n"
    )
    return Exit.OK


def _status(given: argparse.Namespace) -> int:
    from handlers.operator import status

    settings = _settings(stream=sys.stderr)
    if given.metrics_token:
        sys.stdout.write(f"{settings.identity.metrics_token.reveal()}\n")
        return Exit.OK
    with _database_url(settings) as dsn:
        answer = status.answer(
            dsn,
            settings.identity,
            dead=given.dead,
            replay=given.replay,
            orphans=given.orphans,
            match=given.match,
            as_json=given.json,
        )
    (sys.stdout if answer.found else sys.stderr).write(answer.text + "\n")
    return Exit.OK if answer.found else Exit.FAILED


def _happy_path(given: argparse.Namespace) -> int:
    from handlers.operator.checks.command import Report, happy_path

    report = Report(sys.stdout, as_json=given.json)
    return _checked(report, happy_path(report, _quiet_settings, _database_url, SystemClock()))


def _prod_check(given: argparse.Namespace) -> int:
    from handlers.operator.checks.command import Report, prod_check

    report = Report(sys.stdout, as_json=given.json)
    passed = prod_check(
        report,
        _quiet_settings,
        _database_url,
        SystemClock(),
        live=given.live,
        apply=given.apply,
    )
    if not given.json:
        report.summary()
    return _checked(report, passed)


def _checked(report: "Report", passed: bool) -> int:
    if report.as_json:
        report.as_data()
    sys.stdout.flush()
    logs.flush()
    # A check that ran out of time may still hang in its thread.
    os._exit(Exit.OK if passed else Exit.FAILED)


def _quiet_settings() -> Settings:
    """The settings for checks, whose results say what the log would say."""
    return _settings(level="ERROR", stream=sys.stderr)


@contextlib.contextmanager
def _database_url(settings: Settings) -> Iterator[Secret]:
    """``DATABASE_URL``, or that of the embedded server, which runs until the block ends."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    server = EmbeddedPostgres.start(settings.data_dir)
    try:
        yield server.dsn
    finally:
        server.close()


def _demo(given: argparse.Namespace) -> int:
    from handlers.demo import demo

    return demo(ROOT, os.environ, port=given.port, browser=not given.no_browser)


def _sandbox(given: argparse.Namespace) -> int:
    del given
    words = [sys.executable, "-m", "sandbox"]
    if os.name == "posix":
        # Replaces this process, so that signals reach the simulators.
        os.chdir(ROOT)
        os.execv(sys.executable, words)  # noqa: S606 this program, no shell
    return subprocess.call(words, cwd=ROOT)  # noqa: S603 this program


if __name__ == "__main__":
    sys.exit(main())
