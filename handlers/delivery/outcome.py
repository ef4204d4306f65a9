"""What becomes of a delivery after a call, as one pure function.

Telegram has no idempotency key. What is guaranteed: a result or answer whose call surely
had no effect is sent again until it succeeds or is refused. What is not: a call without
an answer may have been delivered, so the repetition of an answer (once, at once) or of a
result (once, after a pause) can reach the user twice. Statuses and toasts are then
dropped instead: they are worth less than the confusion. What was cut off by the end of
its process, mostly before the call, is begun again more often: ``MOST_CUT_OFF``.

A result for a chat that is closed to us waits for the user to come back: it was made on
their order, and its price stays reserved. After ``HOLD`` it is given up and not paid for.
"""

from dataclasses import dataclass

from handlers.bot_api.errors import ChatUnreachable, NothingToDo, TooManyRequests
from kie.http.transport import NotFound
from supervisor.runtime.errors import BotError, Disposition, Rejected, Unavailable

#: Seconds within which a link that answers 404 may be just too fresh.
LINK_PATIENCE = 900.0
#: Seconds within which a user who has blocked the bot may come back: kie.ai's links to a
#: result live for a day.
HOLD = 20 * 3600.0
RESULT_PAUSE = 30.0  #: seconds before an unanswered result is sent once more
#: Times that a delivery is begun again whose sender ended in the middle. Most of these never
#: left: a process that is killed again and again must not cost anybody an answer.
MOST_CUT_OFF = 5
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  #: seconds after calls that had no effect
#: Tries after which a delivery that never reaches Telegram is given up.
MOST_TRIES = {"toast": 5, "status": 3, "answer": 120, "notice": 120, "result": 1500}


class NotBegun(Unavailable):
    """The gate did not let the call begin; nothing was tried."""


class KnownUnreachable(Rejected):
    """The chat is known to be closed; nothing was tried."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What Telegram answered."""

    message_id: int | None = None
    file_id: str | None = None


@dataclass(frozen=True, slots=True)
class NextState:
    """The row's next state, and what its chat has to suffer."""

    state: str
    pause: float = 0.0
    error: str | None = None
    sent: Sent = Sent()
    unknown: bool = False  #: a call went unanswered
    untried: bool = False  #: this try does not count
    chat_pause: float = 0.0  #: seconds for which Telegram wants silence in the chat
    chat_unreachable: bool = False  #: the chat is closed to us


def judge(
    kind: str, tries: int, unknowns: int, outcome: Sent | BotError, age: float = 0.0
) -> NextState:
    """What to do with a delivery of ``kind``, ``age`` seconds old, in its ``tries``-th try.

    ``STEP_DOWN`` has no next state: who is not ACTIVE any more records nothing.
    """
    if isinstance(outcome, Sent):
        return NextState("sent", sent=outcome)
    text = str(outcome)
    if isinstance(outcome, NotBegun):
        return NextState("pending", pause=outcome.retry_after or 0.5, untried=True)
    if isinstance(outcome, TooManyRequests):
        wait = outcome.retry_after or 1.0
        # A refused result or status pauses no answers: if Telegram wants the whole chat to wait,
        # it refuses the next answer as well.
        whole_chat = 0.0 if kind in {"result", "status"} else wait
        return NextState("pending", pause=wait, error=text, untried=True, chat_pause=whole_chat)
    if isinstance(outcome, NothingToDo):
        return NextState("sent")
    if isinstance(outcome, ChatUnreachable | KnownUnreachable):
        held = kind == "result" and age < HOLD
        state, pause = ("held", HOLD - age) if held else ("failed", 0.0)
        return NextState(state, pause, text, chat_unreachable=isinstance(outcome, ChatUnreachable))
    if isinstance(outcome, NotFound) and age > LINK_PATIENCE:
        return NextState("failed", error=text)
    match outcome.disposition:
        case Disposition.ASK:
            return _unanswered(kind, unknowns, text)
        case Disposition.RETRY:
            return _without_effect(kind, tries, text)
        case Disposition.GIVE_UP | Disposition.STEP_DOWN:
            return NextState("dropped" if kind in {"status", "toast"} else "failed", error=text)


def _unanswered(kind: str, unknowns: int, text: str) -> NextState:
    if kind in {"status", "toast"}:
        return NextState("dropped", error=text, unknown=True)
    if unknowns:
        return NextState("failed", error=f"{text} (twice; it may have arrived)", unknown=True)
    if kind == "result":
        return NextState("unknown", pause=RESULT_PAUSE, error=text, unknown=True)
    return NextState("pending", pause=PAUSES[0], error=text, unknown=True)


def _without_effect(kind: str, tries: int, text: str) -> NextState:
    if tries >= MOST_TRIES[kind]:
        return NextState("dropped" if kind in {"status", "toast"} else "failed", error=text)
    pause = PAUSES[min(max(tries, 1), len(PAUSES)) - 1]
    return NextState("pending", pause=pause, error=text)
