"""Early claims: an answer that may be sent at once is claimed by the transaction that writes it.

It need not wait for a look at the table then: one commit less, and four round trips. The intent is
still committed before the call, since the row is written as ``sending`` with the token of its term.

Rules

1. Only answers are claimed early, while the sender of the same term works: at most one per line of
   a chat, only where the line has no open delivery and the chat may be written to now.
2. The line and a slot are reserved before the statement. The sender claims nothing of a reserved
   line, and half of its slots are never reserved, so what waits in the table is not overtaken for
   long.
3. The reservation ends when the sender begins the delivery, or when the transaction fails. After a
   commit without an answer the row may be claimed without anybody knowing: the sender undoes that
   (``Claims.unclaim``) while nothing is reserved.
4. A claim whose sender has ended meanwhile is left to the next term, as any interrupted delivery.

``reserve``, ``give_back`` and ``hand_over`` may be called from any thread. The other methods and
the functions of ``Receiver`` are called in the sender's thread, but for ``admits``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from handlers.delivery.claims import Claimed, Line
from supervisor.runtime.term import Term

#: Lines that are reserved or in work at most, of ``SLOTS``: the others are for the table.
EARLY_SLOTS = 12


class New(Protocol):
    """What is asked of a delivery that is to be written."""

    @property
    def chat_id(self) -> int: ...
    @property
    def line(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def delay(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Receiver:
    """The sender of one term."""

    term: Term
    #: Whether a message may go to this chat now: its line and number of slots in use are given.
    admits: Callable[[Line], int | None]
    #: Runs a function in the sender's thread, soon; does nothing when that has ended.
    soon: Callable[[Callable[[], None]], None]
    begin: Callable[[Claimed], None]
    #: A commit went unanswered: some rows may be claimed without being known.
    doubt: Callable[[], None]
    #: Called when the last reservation has ended while ``pause`` holds.
    drained: Callable[[], None]
