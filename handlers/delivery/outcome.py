"""The next state of a delivery after a call, as one pure function: ``judge``.

Telegram has no idempotency key. Guaranteed: an answer or a result whose call had no effect is sent
again until it succeeds or is refused. Not guaranteed: that it arrives once. A call without an
answer (``OutcomeUnknown``, raised in ``bot_api/transport.py`` and ``bot_api/answer.py``) may have
been delivered, and a result is then repeated once after ``RESULT_PAUSE``, anything else once after
a second. Statuses and toasts are dropped instead: a second one would confuse more than a missing
one. A delivery that was interrupted by the end of its process, mostly before the call, is begun up
to ``MOST_INTERRUPTED`` times more.

A result for a chat that cannot be reached waits for the user to come back: it was made on their
order, and its price stays reserved. After ``HOLD`` it is given up and not paid for.

Where the chat is a group, the result goes to the private chat of its user (``chat_state.py``); so
does one for a group in which only administrators may write where it belongs.
What was written for a group that has become a supergroup goes there: Telegram names its number.

A refund of Stars is asked for until Telegram answers: it does not refund a payment twice.
"""

from dataclasses import dataclass

from handlers.bot_api.errors import (
    ChatMigrated,
    ChatUnreachable,
    NothingToDo,
    TooManyRequests,
    TopicGone,
)
from kie.http.transport import NotFound
from supervisor.runtime.errors import BotError, Disposition, Rejected, Unavailable

#: Seconds for which a link that answers 404 may be too new.
LINK_PATIENCE = 900.0
#: Seconds within which a user who has blocked the bot may come back: kie.ai's links to a
#: result live for a day.
HOLD = 20 * 3600.0
RESULT_PAUSE = 30.0  #: seconds before an unanswered result is sent once more
#: How often a delivery is begun again whose process ended in the middle. Most of these calls did
#: not leave; a process that keeps crashing must not lose answers.
MOST_INTERRUPTED = 5
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  #: seconds after calls that had no effect
#: Tries after which a delivery that never reaches Telegram is given up.
MOST_TRIES = {"toast": 5, "status": 3, "answer": 120, "notice": 120, "result": 1500, "news": 120}
#: Seconds within which an outcome is recorded, together with others, when no delivery waits for a
#: slot or behind it. Further answers may wait a little longer (``RECORD_APART`` in
#: ``in_flight.py``). What is not recorded when the process ends counts as unanswered.
RECORD_SOON = 0.01
#: The same for the removal of a message: removing it once more changes nothing.
RECORD_REMOVAL = 0.5
#: Seconds before a refund without an answer is asked for again: a second one is refused as such.
REFUND_PAUSE = 10.0


class NotBegun(Unavailable):
    """The gate did not let the call begin: nothing was sent."""


class KnownUnreachable(Rejected):
    """The chat is known to be unreachable: no call was made."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Telegram's answer to the call that delivered it."""

    message_id: int | None = None
    file_id: str | None = None


@dataclass(frozen=True, slots=True)
class NextState:
    """The next state of the row, and what follows for its chat."""

    state: str
    pause: float = 0.0
    error: str | None = None
    sent: Sent = Sent()
    unknown: bool = False  #: a call went unanswered
    untried: bool = False  #: this try does not count
    chat_pause: float = 0.0  #: seconds for which nothing is sent to the chat
    chat_unreachable: bool = False  #: Telegram has refused the chat itself
    moved_to: int | None = None  #: the group is a supergroup now, with this number


def record_within(do: str, state: str) -> float:
    """Seconds within which the outcome of a payload that says ``do`` is recorded."""
    return RECORD_REMOVAL if do == "remove" and state == "sent" else RECORD_SOON


def judge(
    kind: str, tries: int, unknowns: int, outcome: Sent | BotError, age: float = 0.0
) -> NextState:
    """What to do with a delivery of ``kind``, ``age`` seconds old, in its ``tries``-th try.

    ``STEP_DOWN`` has no next state: after the end of the term nothing is recorded.
    """
    if isinstance(outcome, Sent):
        return NextState("sent", sent=outcome)
    text = str(outcome)
    if isinstance(outcome, NotBegun):
        return NextState("pending", pause=outcome.retry_after or 0.5, untried=True)
    if isinstance(outcome, TooManyRequests):
        wait = outcome.retry_after or 1.0
        # A refused result, status or message of a broadcast pauses no answers: if Telegram wants
        # the whole chat to wait, it refuses the next answer as well.
        whole_chat = 0.0 if kind in {"result", "status", "news"} else wait
        return NextState("pending", pause=wait, error=text, untried=True, chat_pause=whole_chat)
    if isinstance(outcome, NothingToDo):
        return NextState("sent")
    closed = isinstance(outcome, TopicGone) and kind == "result"
    if closed or isinstance(outcome, ChatUnreachable | KnownUnreachable):
        held = kind == "result" and age < HOLD
        state, pause = ("held", HOLD - age) if held else ("failed", 0.0)
        return NextState(state, pause, text, chat_unreachable=isinstance(outcome, ChatUnreachable))
    if isinstance(outcome, ChatMigrated) and kind not in {"status", "toast"}:
        open_ = tries < MOST_TRIES.get(kind, 1)
        to = outcome.chat_id if open_ else None
        return NextState("pending" if open_ else "failed", error=text, moved_to=to)
    if isinstance(outcome, NotFound) and age > LINK_PATIENCE:
        return NextState("failed", error=text)
    if kind == "refund" and outcome.disposition in {Disposition.ASK, Disposition.RETRY}:
        unknown = outcome.disposition is Disposition.ASK
        return NextState("pending", pause=REFUND_PAUSE, error=text, unknown=unknown)
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
