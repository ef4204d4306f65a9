"""Parsers of single settings: from text to value. ``ValueError`` says what is expected.

Each value is checked for its use: a key goes into an HTTP header, a text into a Telegram message,
a path to the kernel. An error message never repeats a value that may be a secret, even one that
was meant for another variable.
"""

import re
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from supervisor.runtime.secret import Secret
from supervisor.settings.outgoing import is_loopback
from supervisor.values import telegram_id
from supervisor.values.foreign import printable

_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_ID = re.compile(r"[0-9]{1,16}")
_TOKEN = re.compile(r"([0-9]{5,16}):[A-Za-z0-9_-]{8,100}")
#: What was meant for TELEGRAM_BOT_TOKEN or DATABASE_URL: elsewhere it would go to kie.ai or users.
_MISPLACED = re.compile(r"[0-9]{5,16}:[A-Za-z0-9_-]{30,}|(?i:postgres(?:ql)?://)")
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
#: A variable of a shell that stands in a file or form where no shell reads it.
_VARIABLE = re.compile(r"\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|%[A-Za-z_]+%")
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/%-]*")
SHOWN = 16  #: characters; a longer value is not repeated in errors: it may be a misplaced secret


def token(raw: str) -> Secret:
    found = _TOKEN.fullmatch(raw)
    if found is None or not telegram_id.is_user(int(found[1])):
        raise ValueError("expected <number>:<letters> as BotFather gave it")
    return Secret(raw)


def secret(raw: str) -> Secret:
    """A key that is sent in an HTTP header: visible ASCII only."""
    _refuse_misplaced(raw)
    for character in raw:
        if not "!" <= character <= "~":
            name = unicodedata.name(character, "a control character")
            raise ValueError(
                f"contains U+{ord(character):04X} ({name}), which no key has; copy the whole key"
                " again, not the shortened form that a page shows"
            )
    return Secret(raw)


def url(raw: str) -> str:
    """Scheme and host in lower case, as servers show them; no slash at the end."""
    if any(character <= " " or character == "\x7f" for character in raw):
        # urlsplit would remove some of them, but only from its own result.
        raise ValueError("contains a blank, a line break or an invisible character")
    try:
        parts = urlsplit(raw)
        parts.port  # noqa: B018 reading it raises ValueError for an invalid port
    except ValueError:
        raise ValueError("expected a URL such as https://example.org") from None
    if "@" in raw or parts.query or parts.fragment:
        raise ValueError("expected a URL without user, query or fragment")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"expected a URL such as https://example.org, got {_shown(raw)}")
    if not _is_host(parts.hostname):
        raise ValueError("the host's name must be letters, digits, - and . (other scripts: xn--…)")
    if not _PATH.fullmatch(parts.path):
        raise ValueError("the path contains a character that must be percent-encoded")
    if re.match(r"/bot[0-9]+:", parts.path):
        raise ValueError("expected the base of the API, without /bot<token>")
    host = parts.netloc.lower().removesuffix(":")
    return f"{parts.scheme}://{host}{parts.path}".rstrip("/")


def base_url(appended: str) -> Callable[[str], str]:
    """The base of an API, to which we append ``appended`` ourselves."""

    def parse(raw: str) -> str:
        base = url(raw)
        if urlsplit(base).path == appended:
            raise ValueError(f"expected the base of the API, without {appended}")
        return base

    return parse


def public_url(raw: str) -> str:
    base = url(raw)
    parts = urlsplit(base)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise ValueError(
            f"expected https: Telegram delivers to nothing else, got {_shown(parts.scheme)}"
        )
    return base


def port(raw: str) -> int:
    if not _ID.fullmatch(raw) or not 1 <= int(raw) <= 65535:
        raise ValueError(f"expected a number from 1 to 65535, got {_shown(raw)}")
    return int(raw)


def one_of(*words: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw.lower() not in words:
            raise ValueError(f"expected {' or '.join(words)}, got {_shown(raw)}")
        return raw.lower()

    return parse


def seconds(least: float) -> Callable[[str], float]:
    def parse(raw: str) -> float:
        if not _SECONDS.fullmatch(raw):
            raise ValueError(f"expected seconds as a number, got {_shown(raw)}")
        value = float(raw)
        if not least <= value <= 86_400:
            raise ValueError(f"expected {least:g} to 86400 seconds, got {_shown(raw)}")
        return value

    return parse


def ids(raw: str) -> tuple[int, ...]:
    """The ids without repetitions, in the given order."""
    parts = [part.strip() for part in raw.split(",") if part.strip()]
    for part in parts:
        if not (_ID.fullmatch(part) and telegram_id.is_user(int(part))):
            raise ValueError(
                f"expected Telegram user ids such as 123456789,987654321, got {_shown(raw)}"
            )
    return tuple(dict.fromkeys(int(part) for part in parts))


def level(raw: str) -> str:
    levels = ("TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL")
    if raw.upper() not in levels:
        raise ValueError(f"expected one of {', '.join(levels)}, got {_shown(raw)}")
    return raw.upper()


def line(most: int) -> Callable[[str], str]:
    """One line that users see."""

    def parse(raw: str) -> str:
        if printable(raw, len(raw) + 1) != raw:
            raise ValueError("contains an invisible character or a line break; write one line")
        return _within(most, raw)

    return parse


def text(most: int) -> Callable[[str], str]:
    """A text that users see. It is a part of a Telegram message."""

    def parse(raw: str) -> str:
        one_line = raw.translate({ord(each): " " for each in "\n\r\t"})
        if printable(one_line, len(raw) + 1) != one_line:
            raise ValueError("contains an invisible character; type the text again")
        return _within(most, raw)

    return parse


def _refuse_misplaced(raw: str) -> None:
    if _MISPLACED.search(raw):
        raise ValueError(
            "contains a bot's token or a database address; it is in the wrong variable"
        )


def _within(most: int, raw: str) -> str:
    _refuse_misplaced(raw)
    # Telegram counts UTF-16 units.
    length = len(raw.encode("utf-16-le")) // 2
    if length > most:
        raise ValueError(f"has {length} characters; at most {most} fit into the message")
    return raw


def directory(raw: str) -> Path:
    """``~`` stands for the home directory, as in a shell. Nothing else is expanded."""
    if any(character < " " for character in raw):
        raise ValueError("contains an invisible character; type the path again")
    if "://" in raw:
        raise ValueError("is a URL; name a directory")
    if (named := _VARIABLE.match(raw)) is not None:
        raise ValueError(
            f"begins with {named[0]}, which nobody expands here; write the path itself"
        )
    try:
        raw.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())
    except UnicodeEncodeError:
        raise ValueError("contains a character that no path has; type the path again") from None
    try:
        return Path(raw).expanduser()
    except RuntimeError:
        raise ValueError("begins with ~, but that home directory is unknown here") from None


def _shown(raw: str) -> str:
    return repr(raw) if len(raw) <= SHOWN else f"{len(raw)} characters"


def _is_host(host: str) -> bool:
    if ":" in host:  # an IPv6 address, which urlsplit has checked
        return True
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
