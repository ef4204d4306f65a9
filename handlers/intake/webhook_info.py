"""The webhook as Telegram shows it, and its comparison with the wanted one."""

import datetime
from dataclasses import dataclass
from typing import Any, Self

from handlers.intake.envelope import ALLOWED_UPDATES, NEW_KINDS
from supervisor.runtime.errors import Unavailable
from supervisor.values import foreign

_LATEST = 2**33  #: seconds since 1970; a later time is not plausible


@dataclass(frozen=True, slots=True)
class WebhookInfo:
    """The webhook as Telegram shows it; ``url`` is empty when there is none."""

    url: str
    allowed_updates: frozenset[str] = frozenset()
    pending_update_count: int = 0
    last_error_date: datetime.datetime | None = None  #: by Telegram's wall clock
    last_error_message: str = ""

    @classmethod
    def read(cls, result: Any) -> Self:
        """Raises ``Unavailable`` for a result that does not say whether there is a webhook."""
        if not isinstance(result, dict) or not isinstance(result.get("url"), str):
            raise Unavailable("getWebhookInfo: the answer is not readable")
        allowed = result.get("allowed_updates")
        at = foreign.whole(result.get("last_error_date"), 1, _LATEST)
        return cls(
            url=foreign.printable(result["url"], 2048),
            allowed_updates=frozenset(
                each
                for each in (allowed if isinstance(allowed, list) else ())
                if isinstance(each, str)
            ),
            pending_update_count=foreign.whole(result.get("pending_update_count"), 0) or 0,
            last_error_date=None
            if at is None
            else datetime.datetime.fromtimestamp(at, datetime.UTC),
            last_error_message=foreign.printable(result.get("last_error_message")),
        )

    @property
    def left_out(self) -> frozenset[str]:
        """The kinds of updates that are wanted and not sent, if an older server may not know them;
        empty: none, or others as well."""
        missing = frozenset(ALLOWED_UPDATES) - self.allowed_updates
        return missing if missing <= NEW_KINDS else frozenset()


@dataclass(frozen=True, slots=True)
class WantedWebhook:
    """The webhook as it should be."""

    url: str
    fingerprint: str
    #: Kinds of updates that this server has left out when it was asked for them.
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WebhookComparison:
    """The webhook as Telegram shows it, beside what is wanted."""

    info: WebhookInfo
    wanted: WantedWebhook
    secret_known: bool  #: the secret that Telegram was told last is the wanted one

    @property
    def allowed_updates_match(self) -> bool:
        return self.info.allowed_updates == set(ALLOWED_UPDATES) - self.wanted.unknown

    @property
    def matches(self) -> bool:
        return self.info.url == self.wanted.url and self.allowed_updates_match
