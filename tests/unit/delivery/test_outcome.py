"""What becomes of a delivery after each outcome of its call."""

import pytest

from handlers.bot_api.errors import ChatMigrated, ChatUnreachable, TooManyRequests
from handlers.delivery.outcome import (
    HOLD,
    MOST_TRIES,
    KnownUnreachable,
    NextState,
    NotBegun,
    Sent,
    judge,
)
from supervisor.runtime.errors import BotError, OutcomeUnknown, Rejected, Unavailable
from tests.support.edges.telegram_answers import refused

KINDS = sorted(MOST_TRIES)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_sent_is_sent(kind: str) -> None:
    assert judge(kind, 1, 0, Sent(5, "f")) == NextState("sent", sent=Sent(5, "f"))


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
    next_state = judge(kind, 1, unknowns, OutcomeUnknown("no answer"))

    assert next_state.state == state
    assert next_state.unknown


def test_an_unanswered_result_waits_half_a_minute() -> None:
    assert judge("result", 1, 0, OutcomeUnknown("no answer")).pause == 30.0


@pytest.mark.parametrize("kind", KINDS)
def test_flood_control_costs_no_try_and_parks_the_chat_but_for_results_and_progress(
    kind: str,
) -> None:
    next_state = judge(kind, 1, 0, TooManyRequests("429", retry_after=9))

    assert (next_state.state, next_state.pause, next_state.untried) == ("pending", 9, True)
    assert next_state.chat_pause == (0 if kind in {"result", "status", "news"} else 9)


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_gate_costs_no_try(kind: str) -> None:
    next_state = judge(kind, 1, 0, NotBegun("trust", retry_after=0.5))

    assert (next_state.state, next_state.untried, next_state.error) == ("pending", True, None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_chat_ends_the_delivery_and_marks_the_chat(kind: str) -> None:
    next_state = judge(kind, 1, 0, ChatUnreachable("blocked"), age=HOLD + 1)

    assert (next_state.state, next_state.chat_unreachable) == ("failed", True)


@pytest.mark.parametrize("outcome", [ChatUnreachable("blocked"), KnownUnreachable("known to be")])
def test_a_result_waits_for_a_user_who_has_blocked_the_bot(outcome: BotError) -> None:
    assert judge("answer", 1, 0, outcome, age=60).state == "failed"
    next_state = judge("result", 9, 0, outcome, age=60)

    assert (next_state.state, next_state.pause) == ("held", HOLD - 60)


@pytest.mark.parametrize("kind", KINDS)
def test_tries_without_effect_are_bounded_and_their_pauses_grow(kind: str) -> None:
    verdicts = [judge(kind, tries, 0, Unavailable("x")) for tries in range(1, MOST_TRIES[kind] + 1)]
    pauses = [each.pause for each in verdicts[:-1]]

    assert all(each.state == "pending" for each in verdicts[:-1])
    assert verdicts[-1].state in {"dropped", "failed"}
    assert pauses == sorted(pauses)


def test_what_looks_right_already_counts_as_sent() -> None:
    assert judge("status", 1, 0, refused(400, "Message is not modified")).state == "sent"


@pytest.mark.parametrize(("kind", "state"), [("status", "dropped"), ("answer", "failed")])
def test_a_refusal_is_final(kind: str, state: str) -> None:
    assert judge(kind, 1, 0, Rejected("no")).state == state


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_for_a_group_that_has_moved_goes_after_it(kind: str) -> None:
    moved = judge(kind, 1, 0, ChatMigrated("group chat was upgraded", -1005))

    passing = kind in {"status", "toast"}
    assert moved.state == ("dropped" if passing else "pending")
    assert moved.moved_to == (None if passing else -1005)
    assert judge(kind, MOST_TRIES[kind], 0, ChatMigrated("again", -1006)).state != "pending"
