"""The one reader of the environment: frozen, complete, all problems at once.

Each field carries the name of its variable, what is expected and how to read it. A
``.env`` file and systemd's credentials only fill what the environment leaves empty.
"""

import dataclasses
import difflib
import socket
import uuid
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from pathlib import Path
from typing import Any, Self

import psycopg2.extensions

from supervisor.runtime.errors import Misconfigured
from supervisor.runtime.secret import Secret
from supervisor.settings import parsers
from supervisor.settings.identity import Identity
from supervisor.telemetry.logs import Redactor

#: Beginnings of names that are ours: a near miss with one of them is worth a warning.
_PREFIXES = ("TELEGRAM_", "KIE_", "LOCK_", "BOT_", "WEBHOOK_", "SUPPORT_", "PAYMENT_", "LOG_")
_SECRET = ("TELEGRAM_BOT_TOKEN", "KIE_API_KEY", "DATABASE_URL", "KIE_WEBHOOK_HMAC_KEY")
#: Names of the platforms that say where we run; read here and nowhere else.
_RENDER = ("RENDER", "RENDER_EXTERNAL_URL", "RENDER_INSTANCE_ID", "RENDER_GIT_COMMIT")


def _setting(
    env: str, parse: Callable[[str], Any], why: str, *, default: Any = MISSING, shown: str = ""
) -> Any:
    """One variable. ``shown`` is the default as the documentation writes it."""
    metadata = {"env": env, "parse": parse, "why": why, "shown": shown}
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting there is. Made by ``from_env`` only."""

    token: Secret = _setting(
        "TELEGRAM_BOT_TOKEN", parsers.token, "the bot's token from BotFather", shown="required"
    )
    kie_api_key: Secret = _setting(
        "KIE_API_KEY", parsers.secret, "the key of kie.ai", shown="required"
    )
    database_url: Secret | None = _setting(
        "DATABASE_URL",
        parsers.database,
        "PostgreSQL, a direct or session-pooled connection",
        default=None,
        shown="required in webhook mode; in polling mode an embedded PostgreSQL under DATA_DIR",
    )
    base_url: str | None = _setting(
        "WEBHOOK_BASE_URL",
        parsers.public_url,
        "public https base of this service",
        default=None,
        shown="RENDER_EXTERNAL_URL; required in webhook mode",
    )
    port: int = _setting(
        "PORT", parsers.port, "HTTP port, bound on 0.0.0.0", default=10000, shown="10000"
    )
    mode: str = _setting(
        "BOT_MODE",
        parsers.one_of("webhook", "polling"),
        "webhook or polling",
        default="",
        shown="webhook when a public base URL is known, else polling",
    )
    admin_ids: tuple[int, ...] = _setting(
        "ADMIN_ID",
        parsers.ids,
        "Telegram ids of the operators, comma-separated",
        default=(),
        shown="none: admin commands are off",
    )
    support_telegram: str = _setting(
        "SUPPORT_TELEGRAM", str, "contact on the support screen", default="", shown="hidden"
    )
    support_text: str = _setting(
        "SUPPORT_TEXT", str, "text of the support screen", default="", shown="hidden"
    )
    payment_bank: str = _setting(
        "PAYMENT_BANK", str, "bank of manual top-up", default="", shown="hidden"
    )
    payment_card: str = _setting(
        "PAYMENT_CARD", str, "card number of manual top-up", default="", shown="hidden"
    )
    payment_card_holder: str = _setting(
        "PAYMENT_CARD_HOLDER", str, "holder of that card", default="", shown="hidden"
    )
    payment_phone: str = _setting(
        "PAYMENT_PHONE", str, "phone number of manual top-up", default="", shown="hidden"
    )
    lock_mode: str = _setting(
        "LOCK_MODE",
        parsers.one_of("wait_then_passive", "wait_then_force"),
        "what to do while another instance holds the lock",
        default="wait_then_passive",
        shown="wait_then_passive",
    )
    lock_wait_seconds: float = _setting(
        "LOCK_WAIT_SECONDS",
        parsers.seconds(1),
        "wait_then_force: how long to wait before evicting the holder",
        default=60.0,
        shown="60",
    )
    lock_stale_idle_seconds: float = _setting(
        "LOCK_STALE_IDLE_SECONDS",
        parsers.seconds(30),
        "idle time after which the holder's session is terminated",
        default=300.0,
        shown="300",
    )
    data_dir: Path = _setting(
        "DATA_DIR",
        Path,
        "writable directory for the embedded database",
        default=Path(".data"),
        shown=".data, on Render /tmp/data",
    )
    log_level: str = _setting(
        "LOG_LEVEL", parsers.level, "loguru level", default="INFO", shown="INFO"
    )
    log_format: str = _setting(
        "LOG_FORMAT", parsers.one_of("text", "json"), "text or json", default="text", shown="text"
    )
    telegram_api_url: str = _setting(
        "TELEGRAM_API_URL",
        parsers.url,
        "base of the Bot API (self-hosted server, sandbox)",
        default="https://api.telegram.org",
        shown="https://api.telegram.org",
    )
    kie_api_url: str = _setting(
        "KIE_API_URL",
        parsers.url,
        "base of kie.ai's API",
        default="https://api.kie.ai",
        shown="https://api.kie.ai",
    )
    kie_upload_url: str = _setting(
        "KIE_UPLOAD_URL",
        parsers.url,
        "base of kie.ai's file uploads",
        default="https://kieai.redpandaai.co",
        shown="https://kieai.redpandaai.co",
    )
    kie_hmac_key: Secret | None = _setting(
        "KIE_WEBHOOK_HMAC_KEY",
        parsers.secret,
        "kie.ai's callback key, if signing is switched on there",
        default=None,
        shown="unset: callbacks are authenticated by their own URL",
    )
    instance_id: str = ""
    version: str = ""
    notify_socket: str | None = None  #: where systemd listens (Type=notify)
    watchdog_seconds: float | None = None  #: systemd's WatchdogSec
    warnings: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity:
        return Identity(self.token)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every value that must never be shown."""
        identity = self.identity
        found = [self.token, self.kie_api_key, identity.webhook_secret, Secret(identity.webhook_id)]
        if self.kie_hmac_key is not None:
            found.append(self.kie_hmac_key)
        if self.database_url is not None:
            password = psycopg2.extensions.parse_dsn(self.database_url.reveal()).get("password")
            found += [self.database_url, *([Secret(str(password))] if password else [])]
        return tuple(found)

    @classmethod
    def from_env(cls, env: Mapping[str, str], *, version: str) -> Self:
        """Read everything. Raises ``Misconfigured`` with every problem there is."""
        problems: list[str] = []
        values: dict[str, Any] = {}
        env = {**env, **_credentials(env, problems)}
        for spec in variables():
            name = spec.metadata["env"]
            raw = env.get(name, "").strip()
            if raw:
                try:
                    values[spec.name] = spec.metadata["parse"](raw)
                except ValueError as error:
                    problems.append(f"{name}: {error}")
            elif spec.default is MISSING:
                problems.append(f"{name}: is required ({spec.metadata['why']})")
        _fill_from_platform(values, env, problems)
        problems += _contradictions(values, env)
        if problems:
            # A secret that was put into the wrong variable is quoted like any wrong value.
            redactor = Redactor()
            redactor.learn(Secret(env.get(name, "").strip()) for name in _SECRET)
            raise Misconfigured([redactor.clean(problem) for problem in problems])
        commit = env.get("RENDER_GIT_COMMIT", "")[:7]
        return cls(
            **values,
            instance_id=_instance_id(env),
            version=f"{version}+{commit}" if commit else version,
            notify_socket=env.get("NOTIFY_SOCKET") or None,
            watchdog_seconds=_watchdog_seconds(env),
            warnings=_near_misses(env),
        )


def variables() -> tuple[dataclasses.Field[Any], ...]:
    """The settings in the order of the documentation."""
    return tuple(spec for spec in dataclasses.fields(Settings) if "env" in spec.metadata)


def _credentials(env: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    """What systemd's LoadCredential put beside us, where the environment says nothing."""
    folder = env.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        return {}
    found = {}
    for spec in variables():
        name = spec.metadata["env"]
        if env.get(name, "").strip():
            continue
        try:
            found[name] = (Path(folder) / name).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            problems.append(f"{name}: its credential of systemd cannot be read: {reason}")
    return found


def _fill_from_platform(
    values: dict[str, Any], env: Mapping[str, str], problems: list[str]
) -> None:
    """Defaults that depend on where we run or on other settings."""
    external = env.get("RENDER_EXTERNAL_URL", "").strip()
    if external and not env.get("WEBHOOK_BASE_URL", "").strip():
        try:
            values["base_url"] = parsers.public_url(external)
        except ValueError as error:
            problems.append(f"RENDER_EXTERNAL_URL: {error}")
    if not env.get("BOT_MODE", "").strip():
        known = any(env.get(name, "").strip() for name in ("WEBHOOK_BASE_URL", *_RENDER[1:2]))
        values["mode"] = "webhook" if known else "polling"
    if env.get("RENDER") and not env.get("DATA_DIR", "").strip():
        values["data_dir"] = Path("/tmp/data")  # noqa: S108 Render's only writable place  # nosec B108


def _contradictions(values: Mapping[str, Any], env: Mapping[str, str]) -> list[str]:
    """What single values cannot tell. A value that could not be read is not judged again."""
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
    return problems


def _instance_id(env: Mapping[str, str]) -> str:
    # Host names repeat across containers: a random part makes each process its own.
    host = env.get("RENDER_INSTANCE_ID") or env.get("HOSTNAME") or socket.gethostname()
    return f"{host[:39]}-{uuid.uuid4().hex[:8]}"


def _watchdog_seconds(env: Mapping[str, str]) -> float | None:
    """WATCHDOG_USEC, as systemd sets it (sd_watchdog_enabled(3)); None: no watchdog."""
    raw = env.get("WATCHDOG_USEC", "")
    return int(raw) / 1e6 if raw.isdecimal() and int(raw) > 0 else None


def _near_misses(env: Mapping[str, str]) -> tuple[str, ...]:
    known = {spec.metadata["env"] for spec in variables()}
    warnings = []
    for name in sorted(env):
        if name in known or not name.startswith(_PREFIXES):
            continue
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        if close:
            warnings.append(f"{name} is not a setting; did you mean {close[0]}?")
    return tuple(warnings)
