"""Reasons of the log become sentences that an operator reads in their language."""

import re
import string

import pytest

from handlers.words.texts import LANGUAGES, SHARED, plain
from handlers.words.troubles import KINDS, PARTS, QUOTED, all_of, explained, of_part
from kie.api.refusals import OPERATOR

NO_NAME = "kie.ai cannot be reached (its name is not found)"
#: Reasons as the code writes them → what they are about.
REASONS = {
    "the webhook is not set: Telegram: no answer (HTTP 502)": "webhook_unset",
    "the webhook cannot be looked at: Telegram: does not answer": "webhook_unseen",
    "Telegram cannot reach the webhook: Connection timed out; 12 updates wait": "webhook_post",
    "sender has made no progress for 75 s": "silent",
    "reminders has broken 4 times in a row (KeyError)": "begins_again",
    "Telegram refuses the token (401); it is asked again": "token",
    "no updates come: Conflict: terminated by other getUpdates request; make sure": "conflict",
    "the Bot API server runs with --local and its files cannot be read here": "local_files",
    "DATA_DIR: /data is not writable (No space left on device); make room": "disk_full",
    "DATA_DIR: /data is not writable (Read-only file system); make room": "disk",
    "database: server closed the connection unexpectedly": "database",
    "holder: database: terminating connection due to administrator command": "database",
    "kie.ai is away (kie.ai: 455 The server is currently being maintained): x": "maintenance",
    "kie.ai is away (kie.ai: 430 too many): new requests wait in the queue": "busy",
    "no updates come: Too Many Requests: retry after 5": "busy",
    "kie.ai cannot be asked (the certificate of kie.ai is not trusted (expired))": "certificate",
    "kie.ai cannot be reached (no TLS)": "tls",
    f"kie.ai cannot be asked ({NO_NAME})": "name",
    "no updates come: Telegram: not reached (ClientConnectorDNSError)": "name",
    "kie.ai cannot be reached (connection refused)": "refused",
    "kie.ai cannot be reached (connecting timed out)": "slow",
    "kie.ai is away (kie.ai: no readable answer (ReadTimeout)): results come late": "slow",
    "Telegram: no answer (ServerTimeoutError)": "slow",
    "kie.ai is away (kie.ai: 503 busy): new requests wait in the queue": "server",
    "kie.ai is away (createTask answered HTTP 502 bad gateway): x": "server",
    "recordInfo answered 550 full": "server",
    "Wrong response from the webhook: 502 Bad Gateway": "server",
    "Wrong response from the webhook: 404 Not Found": "between",
    "Telegram: not reached (HTTP 403 of something in between)": "between",
    "createTask answered success without a taskId": "unreadable",
    "kie.ai cannot be reached (no connection)": "connection",
    "Telegram: no answer (ServerDisconnectedError)": "connection",
    "Bad Request: chat not found": "other",
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_has_its_sentence(reason: str) -> None:
    sentence = SHARED.all("en")[f"cause_{REASONS[reason]}"]
    beginning = sentence.partition("{")[0]

    told = explained(reason, "en")

    assert told.startswith(beginning)
    assert len(beginning) > 3 or REASONS[reason] in {"silent", "disk"}


def test_every_kind_of_reason_is_among_them() -> None:
    assert {name for name, _ in KINDS} | {"other"} == set(REASONS.values())


@pytest.mark.parametrize("name", [name for name, _ in KINDS])
def test_a_sentence_has_the_fields_of_its_reason_in_every_language(name: str) -> None:
    (pattern,) = (pattern for each, pattern in KINDS if each == name)
    for language in LANGUAGES:
        sentence = SHARED.all(language)[f"cause_{name}"]
        used = {field for _, field, _, _ in string.Formatter().parse(sentence) if field}
        assert used <= set(pattern.groupindex), language


@pytest.mark.parametrize("reason", REASONS)
def test_a_russian_operator_reads_no_english(reason: str) -> None:
    told = explained(reason, "ru").removesuffix("Bad Request: chat not found")

    names = r"kie\.ai|Telegram|@BotFather|TELEGRAM_BOT_TOKEN|Bot API|--local|DNS|TLS|/data|sender"
    names += r"|KeyError|service_begins_again"
    assert not re.search("[A-Za-z]{2}", re.sub(names, "", told)), told


def test_a_reason_within_a_reason_is_explained_too() -> None:
    told = explained("Telegram cannot reach the webhook: Connection refused; 12 updates wait", "en")

    assert "12 updates wait" in told
    assert told.endswith(plain("en", "cause_refused"))


def test_an_unknown_reason_is_quoted_and_no_reason_is_said_to_be_none() -> None:
    told = explained("x" * 999, "ru")

    assert "x" * 100 in told
    assert len(told) < QUOTED + 20
    assert explained(None, "en") == plain("en", "cause_none")
    assert explained("", "en") == plain("en", "cause_none")


@pytest.mark.parametrize("part", [*sorted(PARTS), "sender", "service-reminders"])
def test_a_part_without_work_is_named_with_the_cause(part: str) -> None:
    for language in LANGUAGES:
        assert plain(language, "cause_name") in of_part(part, NO_NAME, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_service_that_breaks_again_and_again_is_named_without_its_class(language: str) -> None:
    reason = "reminders has broken 4 times in a row (KeyError)"

    told = of_part("service-reminders", reason, language)

    assert told.startswith(
        plain(language, "alert_part_service", part="reminders", reason="").strip()
    )
    assert "service-" not in told
    assert ": 4" in told
    assert "KeyError" in told


def test_a_refusal_of_kie_is_told_as_its_notice_is() -> None:
    (told,) = all_of({"kie": OPERATOR[402]}, "ru")

    assert "кончились кредиты" in told
