"""Variables of the platform: those of Render, systemd and libpq, and misspelt settings."""

import re
import socket
import uuid
from collections.abc import Collection, Mapping, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from supervisor.settings import parsers
from supervisor.settings.outgoing import is_loopback

#: Prefixes of our settings. An unknown name with such a prefix may be misspelt.
_PREFIXES = ("TELEGRAM_", "KIE_", "LOCK_", "BOT_", "WEBHOOK_", "SUPPORT_", "PAYMENT_", "LOG_")
#: libpq's variables about the address of the database and the settings of a session. They have no
#: effect: ``DATABASE_URL`` and ``supervisor/database`` decide these. libpq's variables about
#: encryption and passwords do have an effect.
#: https://www.postgresql.org/docs/current/libpq-envars.html
OVERRULED = (
    *("PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE", "PGSERVICEFILE"),
    *("PGOPTIONS", "PGAPPNAME", "PGCONNECT_TIMEOUT", "PGCLIENTENCODING", "PGTARGETSESSIONATTRS"),
    *("PGLOADBALANCEHOSTS", "PGTZ", "PGGEQO", "PGDATA"),
)
#: As a variable it is part of the first packet. Otherwise psycopg2 sets it by a statement while it
#: connects, and that would hang behind a pooler without a free session.
_SET = {"PGDATESTYLE": "ISO, YMD"}
_TELEGRAM = "https://api.telegram.org"
#: The ports to which Telegram's servers deliver (Bot API, setWebhook).
_WEBHOOK_PORTS = (443, 80, 88, 8443)


def overrule_libpq(environment: MutableMapping[str, str]) -> dict[str, str]:
    """Remove ``OVERRULED`` from the environment of this process. Returns what was removed."""
    found = {name: environment.pop(name) for name in OVERRULED if name in environment}
    environment.update(_SET)
    return found


def credentials(
    env: Mapping[str, str], names: Collection[str], problems: list[str]
) -> dict[str, str]:
    """The values of systemd's LoadCredential for variables that the environment leaves empty."""
    folder = env.get("CREDENTIALS_DIRECTORY", "")
    found = {}
    for name in sorted(names) if folder else ():
        if env.get(name, "").strip():
            continue
        try:
            found[name] = (Path(folder) / name).read_text(encoding="utf-8-sig").strip()
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            problems.append(f"{name}: its systemd credential cannot be read: {reason}")
    return found


def fill(values: dict[str, Any], env: Mapping[str, str], problems: list[str]) -> None:
    """Set the defaults that depend on the platform or on other settings."""
    external = env.get("RENDER_EXTERNAL_URL", "").strip()
    if external and not env.get("WEBHOOK_BASE_URL", "").strip():
        try:
            values["base_url"] = parsers.public_url(external)
        except ValueError as error:
            problems.append(f"RENDER_EXTERNAL_URL: {error}")
    if not env.get("BOT_MODE", "").strip():
        public = external or env.get("WEBHOOK_BASE_URL", "").strip()
        values["mode"] = "webhook" if public else "polling"
    if env.get("RENDER") and not env.get("DATA_DIR", "").strip():
        values["data_dir"] = Path("/tmp/data")  # noqa: S108 Render's only writable place  # nosec B108


def contradictions(values: Mapping[str, Any], env: Mapping[str, str]) -> list[str]:
    """Problems between settings. A value that could not be parsed is not reported again."""
    problems = []
    if values.get("mode") == "webhook":
        if not env.get("WEBHOOK_BASE_URL", "").strip() and "base_url" not in values:
            problems.append(
                "WEBHOOK_BASE_URL: is required in webhook mode (the public https address of this"
                " service), or set BOT_MODE=polling"
            )
        if not env.get("DATABASE_URL", "").strip():
            problems.append(
                "DATABASE_URL: is required in webhook mode (postgresql://…); only polling mode"
                " brings its own embedded PostgreSQL"
            )
        problems += _unreachable(values)
    return problems


def _unreachable(values: Mapping[str, Any]) -> list[str]:
    """The problem of a webhook port that Telegram refuses. A self-hosted Bot API server accepts any
    port."""
    base = values.get("base_url")
    if base is None or values.get("telegram_api_url", _TELEGRAM) != _TELEGRAM:
        return []
    parts = urlsplit(base)
    if is_loopback(parts.hostname or ""):
        return []
    if parts.port is not None and parts.port not in _WEBHOOK_PORTS:
        return [
            f"WEBHOOK_BASE_URL: Telegram delivers to the ports 443, 80, 88 and 8443 only, not"
            f" to {parts.port}; give the public address of the proxy, not the one of PORT"
        ]
    return []


def instance_id(env: Mapping[str, str]) -> str:
    """The host name and a random part, because containers may share a host name."""
    host = env.get("RENDER_INSTANCE_ID") or env.get("HOSTNAME") or socket.gethostname()
    # It becomes an application_name in PostgreSQL, which must be ASCII.
    return f"{re.sub(r'[^A-Za-z0-9._-]', '-', host)[:39]}-{uuid.uuid4().hex[:8]}"


def watchdog_seconds(env: Mapping[str, str]) -> float | None:
    """WATCHDOG_USEC in seconds (sd_watchdog_enabled(3)); None: no watchdog."""
    raw = env.get("WATCHDOG_USEC", "")
    usable = raw.isascii() and raw.isdecimal() and int(raw) > 0
    return int(raw) / 1e6 if usable else None


def warnings(env: Mapping[str, str], known: Collection[str]) -> tuple[str, ...]:
    """Sentences about variables that have no effect."""
    found = []
    for name in sorted(env):
        if name in OVERRULED:
            found.append(f"{name} has no effect: DATABASE_URL alone says where the database is")
        if name in known or not name.startswith(_PREFIXES):
            continue
        import difflib  # only for a name that may be misspelt

        close = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        if close:
            found.append(f"{name} is not a setting; did you mean {close[0]}?")
    return tuple(found)
