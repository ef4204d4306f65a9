"""Reads the settings from the environment and reports all problems at once.

Each field of ``Settings`` names its variable, its parser and its meaning. A ``.env`` file and
systemd's credentials set only what the environment leaves empty.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from pathlib import Path
from typing import Any, Self

from supervisor.runtime.errors import Misconfigured
from supervisor.runtime.secret import Secret
from supervisor.settings import database_tls, database_url, outgoing, parsers, platform
from supervisor.settings.identity import Identity
from supervisor.settings.outgoing import Outgoing
from supervisor.telemetry.logs import Redactor

_SECRET = ("TELEGRAM_BOT_TOKEN", "KIE_API_KEY", "KIE_WEBHOOK_HMAC_KEY")
#: Characters of a setting that is one line of a screen.
LINE = 200
#: Characters. A message of Telegram has at most 4096, and the screen has more than this text.
SUPPORT_TEXT = 3000


def _setting(
    env: str, parse: Callable[[str], Any], why: str, *, default: Any = MISSING, shown: str = ""
) -> Any:
    """One variable. ``shown`` is its default as documentation."""
    metadata = {"env": env, "parse": parse, "why": why, "shown": shown}
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


def _line(env: str, why: str) -> Any:
    """One line that users see; by default it is hidden."""
    return _setting(env, parsers.line(LINE), why, default="", shown="hidden")


def _document(env: str, why: str) -> Any:
    """A text of the operator in place of ours."""
    return _setting(env, parsers.text(SUPPORT_TEXT), why, default="", shown="the bot's own text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. Only ``from_env`` creates it."""

    token: Secret = _setting(
        "TELEGRAM_BOT_TOKEN", parsers.token, "the bot's token from BotFather", shown="required"
    )
    kie_api_key: Secret = _setting(
        "KIE_API_KEY", parsers.secret, "the key of kie.ai", shown="required"
    )
    database_url: Secret | None = _setting(
        "DATABASE_URL",
        database_url.parse,
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
    support_telegram: str = _line("SUPPORT_TELEGRAM", "contact on the support screen")
    support_text: str = _setting(
        "SUPPORT_TEXT",
        parsers.text(SUPPORT_TEXT),
        "text of the support screen",
        default="",
        shown="hidden",
    )
    privacy_text: str = _document("PRIVACY_TEXT", "text of /privacy")
    terms_text: str = _document("TERMS_TEXT", "text of /terms")
    payment_bank: str = _line("PAYMENT_BANK", "bank of manual top-up")
    payment_card: str = _line("PAYMENT_CARD", "card number of manual top-up")
    payment_card_holder: str = _line("PAYMENT_CARD_HOLDER", "holder of that card")
    payment_phone: str = _line("PAYMENT_PHONE", "phone number of manual top-up")
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
        parsers.directory,
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
        parsers.base_url("/bot"),
        "base of the Bot API (self-hosted server, sandbox)",
        default="https://api.telegram.org",
        shown="https://api.telegram.org",
    )
    kie_api_url: str = _setting(
        "KIE_API_URL",
        parsers.base_url("/api/v1"),
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
    outgoing: Outgoing = field(default_factory=Outgoing)  #: proxies and certificates of calls

    @property
    def identity(self) -> Identity:
        return Identity(self.token)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every value that must never be shown."""
        identity = self.identity
        found = [self.token, self.kie_api_key, identity.webhook_secret, Secret(identity.webhook_id)]
        found.append(identity.metrics_token)
        if self.kie_hmac_key is not None:
            found.append(self.kie_hmac_key)
        if self.database_url is not None:
            found += database_url.secret_parts(self.database_url.reveal())
        return (*found, *self.outgoing.secrets)

    @classmethod
    def from_env(cls, env: Mapping[str, str], *, version: str) -> Self:
        """Read all settings. Raises ``Misconfigured`` with all problems."""
        problems: list[str] = []
        names = {spec.metadata["env"] for spec in variables()}
        env = {**env, **{name: _unquoted(env[name].strip()) for name in names & env.keys()}}
        env = {**env, **platform.credentials(env, names, problems)}
        values = _parsed(env, problems)
        values["outgoing"] = outgoing.read(env, problems)
        if "database_url" in values:
            _check_certificates(values, env, problems)
        platform.fill(values, env, problems)
        problems += platform.contradictions(values, env)
        if problems:
            raise Misconfigured(_without_secrets(problems, env))
        commit = env.get("RENDER_GIT_COMMIT", "")[:7]
        return cls(
            **values,
            instance_id=platform.instance_id(env),
            version=f"{version}+{commit}" if commit else version,
            notify_socket=env.get("NOTIFY_SOCKET") or None,
            watchdog_seconds=platform.watchdog_seconds(env),
            warnings=platform.warnings(env, names),
        )


def variables() -> tuple[dataclasses.Field[Any], ...]:
    """The settings in the order of the documentation."""
    return tuple(spec for spec in dataclasses.fields(Settings) if "env" in spec.metadata)


def _parsed(env: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for spec in variables():
        name = spec.metadata["env"]
        raw = env.get(name, "").strip()
        try:
            if raw:
                values[spec.name] = spec.metadata["parse"](_decoded(raw))
            elif spec.default is MISSING:
                problems.append(f"{name}: is required ({spec.metadata['why']})")
        except ValueError as error:
            problems.append(f"{name}: {error}")
    return values


def _check_certificates(
    values: dict[str, Any], env: Mapping[str, str], problems: list[str]
) -> None:
    url = values["database_url"]
    try:
        values["database_url"] = database_tls.checked(
            url, database_url.parts_of(url), env, values["outgoing"]
        )
    except ValueError as error:
        problems.append(f"DATABASE_URL: {error}")


def _unquoted(raw: str) -> str:
    """The value without quotes around it. Shells, compose files, systemd and ``.env`` remove them;
    docker's ``--env-file`` and the forms of hosting services do not."""
    inside = raw[1:-1]
    quoted = len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "\"'" and raw[0] not in inside
    return inside.strip() if quoted else raw


def _decoded(raw: str) -> str:
    """Refuse bytes that are not UTF-8, which Python decodes to lone surrogates."""
    if any("\ud800" <= character <= "\udfff" for character in raw):
        raise ValueError("is not UTF-8; set it again in a terminal or editor that uses UTF-8")
    return raw


def _without_secrets(problems: list[str], env: Mapping[str, str]) -> list[str]:
    """Redact the problems: a message may quote a secret that is in the wrong variable."""
    redactor = Redactor()
    redactor.learn(Secret(env.get(name, "").strip()) for name in _SECRET)
    redactor.learn(database_url.secret_parts(env.get("DATABASE_URL", "").strip()))
    return [redactor.clean(problem) for problem in problems]
