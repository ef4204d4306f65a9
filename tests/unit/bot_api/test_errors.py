"""Telegram's errors, and what becomes of a delivery after each."""

import itertools
import warnings

import pytest
from telegram import error as tg

from handlers.bot_api.errors import (
    REFUSALS,
    TRANSLATIONS,
    BadMarkup,
    BadPhoto,
    BadUrl,
    Conflicted,
    Flooded,
    Gone,
    Moved,
    Unchanged,
    Unreachable,
    refusal,
    translate,
)
from handlers.delivery.outcome import HOLD, MOST_TRIES, Closed, NotYet, Sent, Verdict, judge
from supervisor.runtime.errors import BotError, Misconfigured, OutcomeUnknown, Rejected, Unavailable


class ConnectError(Exception):
    """Named like httpx's."""


class ReadError(Exception):
    """Named like httpx's."""


def caused(error: tg.TelegramError, cause: Exception) -> tg.TelegramError:
    error.__cause__ = cause
    return error


def flooded(seconds: int) -> tg.RetryAfter:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tg.RetryAfter(seconds)


def subclasses(kind: type) -> set[type]:
    children: list[type] = kind.__subclasses__()
    return {kind}.union(*(subclasses(child) for child in children))


def test_no_line_of_the_table_is_hidden_by_an_earlier_one() -> None:
    for (earlier, _), (later, _) in itertools.combinations(TRANSLATIONS, 2):
        assert not issubclass(later, earlier), f"{later.__name__} is hidden by {earlier.__name__}"


def test_every_error_class_of_the_library_has_its_own_line() -> None:
    named = {theirs for theirs, _ in TRANSLATIONS}

    assert {
        each for each in subclasses(tg.TelegramError) if each.__module__ == tg.__name__
    } <= named


def test_no_refusal_is_hidden_by_an_earlier_one() -> None:
    for (earlier, _), (later, _) in itertools.combinations(REFUSALS, 2):
        assert earlier not in later


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (tg.BadRequest("Bad Request: something else"), Rejected),
        (tg.BadRequest("Message is not modified: specified new message"), Unchanged),
        (tg.BadRequest("Query is too old and response timeout expired"), Unchanged),
        (tg.BadRequest("Message to edit not found"), Gone),
        (tg.BadRequest("Message can't be edited"), Gone),
        (tg.BadRequest("Can't parse entities: unsupported start tag"), BadMarkup),
        (tg.BadRequest("Chat not found"), Unreachable),
        (tg.BadRequest("Wrong file identifier/HTTP URL specified"), BadUrl),
        (tg.BadRequest("Failed to get HTTP URL content"), BadUrl),
        (tg.BadRequest("Wrong type of the web page content"), BadUrl),
        (tg.BadRequest("PHOTO_INVALID_DIMENSIONS"), BadPhoto),
        (tg.Forbidden("Forbidden: bot was blocked by the user"), Unreachable),
        (tg.InvalidToken("The token `123:ABC` was rejected"), Misconfigured),
        (tg.ChatMigrated(-1005), Moved),
        (tg.Conflict("terminated by other getUpdates request"), Conflicted),
        (tg.TimedOut(), OutcomeUnknown),
        (tg.NetworkError("Bad Gateway"), Unavailable),
        (caused(tg.NetworkError("httpx.ConnectError: x"), ConnectError()), Unavailable),
        (caused(tg.NetworkError("httpx.ReadError: x"), ReadError()), OutcomeUnknown),
        (caused(tg.TimedOut("Pool timeout"), type("PoolTimeout", (Exception,), {})()), Unavailable),
        (tg.TelegramError("Invalid server response"), OutcomeUnknown),
    ],
)
def test_an_error_is_translated_into_what_a_sender_needs_to_know(
    error: tg.TelegramError, meaning: type[BotError]
) -> None:
    assert type(translate(error)) is meaning


def test_flood_control_names_its_seconds() -> None:
    error = translate(flooded(7))

    assert isinstance(error, Flooded)
    assert error.retry_after == 7


def test_a_refused_token_is_not_repeated_in_the_complaint() -> None:
    assert "123:ABC" not in str(translate(tg.InvalidToken("The token `123:ABC` was rejected")))


# ------------------------------------------------------------------- verdicts --

KINDS = sorted(MOST_TRIES)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_sent_is_sent(kind: str) -> None:
    assert judge(kind, 1, 0, Sent(5, "f")) == Verdict("sent", sent=Sent(5, "f"))


@pytest.mark.parametrize(
    ("kind", "unknowns", "state"),
    [
        ("toast", 0, "dropped"),
        ("status", 0, "dropped"),
        ("answer", 0, "pending"),
        ("answer", 1, "failed"),
        ("notice", 0, "pending"),
        ("result", 0, "unknown"),
        ("result", 1, "failed"),
    ],
)
def test_an_unanswered_call_is_repeated_once_where_it_matters(
    kind: str, unknowns: int, state: str
) -> None:
    verdict = judge(kind, 1, unknowns, OutcomeUnknown("no answer"))

    assert verdict.state == state
    assert verdict.unknown


def test_an_unanswered_result_waits_half_a_minute() -> None:
    assert judge("result", 1, 0, OutcomeUnknown("no answer")).pause == 30.0


@pytest.mark.parametrize("kind", KINDS)
def test_flood_control_parks_the_chat_and_costs_no_try(kind: str) -> None:
    verdict = judge(kind, 1, 0, Flooded("429", retry_after=9))

    assert (verdict.state, verdict.parks, verdict.untried) == ("pending", 9, True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_gate_costs_no_try(kind: str) -> None:
    verdict = judge(kind, 1, 0, NotYet("trust", retry_after=0.5))

    assert (verdict.state, verdict.untried, verdict.error) == ("pending", True, None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_chat_ends_the_delivery_and_marks_the_chat(kind: str) -> None:
    verdict = judge(kind, 1, 0, Unreachable("blocked"), age=HOLD + 1)

    assert (verdict.state, verdict.closes) == ("failed", True)


@pytest.mark.parametrize("outcome", [Unreachable("blocked"), Closed("known to be")])
def test_a_result_waits_for_a_user_who_has_blocked_the_bot(outcome: BotError) -> None:
    assert judge("answer", 1, 0, outcome, age=60).state == "failed"
    verdict = judge("result", 9, 0, outcome, age=60)

    assert (verdict.state, verdict.pause) == ("pending", HOLD - 60)


@pytest.mark.parametrize("kind", KINDS)
def test_tries_without_effect_are_bounded_and_their_pauses_grow(kind: str) -> None:
    verdicts = [judge(kind, tries, 0, Unavailable("x")) for tries in range(1, MOST_TRIES[kind] + 1)]
    pauses = [each.pause for each in verdicts[:-1]]

    assert all(each.state == "pending" for each in verdicts[:-1])
    assert verdicts[-1].state in {"dropped", "failed"}
    assert pauses == sorted(pauses)


def test_what_looks_right_already_counts_as_sent() -> None:
    assert judge("status", 1, 0, refusal("Message is not modified")).state == "sent"


@pytest.mark.parametrize(("kind", "state"), [("status", "dropped"), ("answer", "failed")])
def test_a_refusal_is_final(kind: str, state: str) -> None:
    assert judge(kind, 1, 0, Rejected("no")).state == state
