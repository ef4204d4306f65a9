"""Why a part does not work, in the language of an operator and with what helps.

The reasons of /health and of the log are English sentences for engineers: they name exceptions,
codes and addresses. Each known kind of them has a sentence here that says what happened and what an
operator can do; any other reason is quoted. The log keeps the exact words.
"""

import re
from collections.abc import Mapping
from functools import partial

from handlers.words.notice_text import refused
from handlers.words.texts import plain, shorten

#: Parts of /health whose troubles have sentences of their own. "service" stands for all of them,
#: such as "service-alerts".
PARTS = {
    *("kie-reach", "kie-create", "kie-query", "telegram", "webhook", "polling"),
    *("files", "data", "service"),
}
QUOTED = 160  #: UTF-16 units of a reason that is quoted

#: A sentence and how its reasons are recognised; the first match wins. ``why`` is a reason itself,
#: ``n`` a number, every other group is shown as it is.
KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.DOTALL))
    for name, pattern in (
        ("webhook_unset", r"^the webhook is not set: (?P<why>.*)"),
        ("webhook_unseen", r"^the webhook cannot be looked at: (?P<why>.*)"),
        ("webhook_post", r"^Telegram cannot reach the webhook: (?P<why>.*); (?P<n>\d+) updates"),
        ("silent", r"^(?P<name>.+) has made no progress for (?P<n>\d+) s"),
        ("begins_again", r"^\S+ has broken (?P<n>\d+) times in a row \((?P<error>\w+)\)$"),
        ("token", r"Telegram refuses the token"),
        ("conflict", r"other getUpdates request|webhook is active"),
        ("local_files", r"Bot API server runs with --local"),
        ("disk_full", r"DATA_DIR: .*(?:No space left|Disk quota)"),
        ("disk", r"DATA_DIR: (?P<path>.*) is not writable"),
        ("database", r"\bdatabase: "),
        ("maintenance", r"maintain|maintenance"),
        ("busy", r"\b4(?:29|30)\b|Too Many Requests"),
        ("certificate", r"certificate"),
        ("tls", r"\bTLS\b|\bSSL\b|ClientConnectorSSL"),
        ("name", r"name is not found|[Nn]ame or service|ClientConnectorDNS|resol"),
        ("refused", r"[Cc]onnection refused|Connect call failed"),
        ("slow", r"timed out|[Tt]imeout|does not answer|gave no file within"),
        ("server", r"(?:HTTP |kie\.ai: |answered |response from the webhook: )(?P<code>5\d\d)"),
        ("between", r"(?:HTTP |response from the webhook: )(?P<code>[34]\d\d)"),
        ("unreadable", r"not readable|no readable answer|unreadable|without a "),
        ("connection", r"no connection|cannot be reached|not reached|Client\w*Error|Disconnected"),
    )
)


def explained(reason: str | None, language: str) -> str:
    """What happened and what helps. None: the process had no time to say anything."""
    if not reason:
        return plain(language, "cause_none")
    for name, pattern in KINDS:
        if (found := pattern.search(reason)) is not None:
            shown = {each: _shown(each, value, language) for each, value in _groups(found)}
            return plain(language, f"cause_{name}", **shown)
    return plain(language, "cause_other", text=shorten(reason, QUOTED))


def of_part(part: str, reason: str, language: str) -> str:
    """The sentence about a part of /health that does not work."""
    if part == "kie":
        return refused(reason, language)
    why = explained(reason, language)
    name = part.removeprefix("service-")
    return plain(language, f"alert_part_{known(part)}", part=name, reason=why)


def known(part: str) -> str:
    """The name of the sentences about ``part``: itself, its class, or ``other``."""
    return next((name for name in (part, part.partition("-")[0]) if name in PARTS), "other")


def all_of(troubles: Mapping[str, str], language: str) -> list[str]:
    """Those of /health, by part."""
    told = partial(of_part, language=language)
    return [told(part, reason) for part, reason in troubles.items()]


def _groups(found: re.Match[str]) -> list[tuple[str, str]]:
    return [(name, value or "") for name, value in found.groupdict().items()]


def _shown(name: str, value: str, language: str) -> str | int:
    if name == "why":
        return explained(value, language)
    return int(value) if name == "n" else shorten(value, QUOTED)
