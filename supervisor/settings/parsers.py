"""Readers of single settings: text in, value out, ``ValueError`` with what is expected.

A message never repeats the text of a secret.
"""

import ipaddress
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg2
import psycopg2.extensions

from supervisor.runtime import telegram_id
from supervisor.runtime.secret import Secret

_ID = re.compile(r"[0-9]{1,16}")  #: as many digits as such a number can have
_TOKEN = re.compile(r"([0-9]{5,16}):[A-Za-z0-9_-]{8,100}")


def token(raw: str) -> Secret:
    found = _TOKEN.fullmatch(raw)
    if found is None or not telegram_id.is_user(int(found[1])):
        raise ValueError("expected <number>:<letters> as BotFather gave it")
    return Secret(raw)


def secret(raw: str) -> Secret:
    if any(character.isspace() or not character.isprintable() for character in raw):
        raise ValueError("holds a blank or an invisible character; copy it again")
    return Secret(raw)


def database(raw: str) -> Secret:
    if urlsplit(raw).scheme not in {"postgres", "postgresql"}:
        raise ValueError("expected postgresql://user:password@host:port/database")
    try:
        psycopg2.extensions.parse_dsn(raw)
    except psycopg2.Error:
        # libpq's message may quote the password.
        raise ValueError(
            "cannot be read as a PostgreSQL address; special characters in the password"
            " must be percent-encoded"
        ) from None
    return Secret(raw)


def url(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"expected a URL such as https://example.org, got {raw!r}")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("expected a URL without user, query or fragment")
    return raw.rstrip("/")


def public_url(raw: str) -> str:
    base = url(raw)
    parts = urlsplit(base)
    if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
        raise ValueError(f"expected https: Telegram delivers to nothing else, got {raw!r}")
    return base


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def port(raw: str) -> int:
    if not raw.isdecimal() or not 1 <= int(raw) <= 65535:
        raise ValueError(f"expected a number from 1 to 65535, got {raw!r}")
    return int(raw)


def one_of(*words: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw.lower() not in words:
            raise ValueError(f"expected {' or '.join(words)}, got {raw!r}")
        return raw.lower()

    return parse


def seconds(least: float) -> Callable[[str], float]:
    def parse(raw: str) -> float:
        try:
            value = float(raw)
        except ValueError:
            raise ValueError(f"expected seconds as a number, got {raw!r}") from None
        if not least <= value <= 86_400:
            raise ValueError(f"expected {least:g} to 86400 seconds, got {raw!r}")
        return value

    return parse


def ids(raw: str) -> tuple[int, ...]:
    parts = [part.strip() for part in raw.split(",") if part.strip()]
    numbers = tuple(int(part) for part in parts if _ID.fullmatch(part))
    if len(numbers) < len(parts) or not all(telegram_id.is_user(each) for each in numbers):
        raise ValueError(f"expected Telegram user ids such as 123456789,987654321, got {raw!r}")
    return tuple(dict.fromkeys(numbers))


def level(raw: str) -> str:
    levels = ("TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL")
    if raw.upper() not in levels:
        raise ValueError(f"expected one of {', '.join(levels)}, got {raw!r}")
    return raw.upper()
