"""The outbox: messages to be sent, written in the transaction of the change that they tell of.

An insert with a key that exists changes nothing, so a writer may run twice.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import partial

import sql
from handlers.delivery.claimed import Claimed, EarlyClaims, Line
from handlers.delivery.payloads import Payload, saying
from handlers.dialogue.effects import Keyboard, Screen
from handlers.dialogue.places import PANEL, Remedies, Remedy, helping, no_remedies
from handlers.words.texts import DEFAULT, language_of, plain, say, shorten
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.wakeups import OUTBOX
from supervisor.telemetry import trace
from supervisor.telemetry.logs import Redactor
from supervisor.values.record import record

#: Makes the text of a notice in the language of an operator.
Told = Callable[[str], str]
#: Notices that an operator gets within an hour; the last one says that there are more.
MOST_NOTICES = 20
#: UTF-16 units of a notice, which may quote an error; Telegram takes 4096.
NOTICE_LIMIT = 3000

#: The lines of a chat without a job: answers, files sent as answers, notices, and progress and
#: results that have no job, refunds of Stars, messages of a broadcast.
ANSWERS, FILES, NOTICES, NO_JOB, REFUNDS, NEWS = 0, -1, -2, -3, -4, -5

_SQL = sql.load("delivery")
_REDACTOR = Redactor()
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False)


@record
class Delivery:
    """One new row. A repeated insert with the same ``key`` changes nothing."""

    chat_id: int
    kind: str
    payload: Payload
    key: str
    job_id: int | None = None
    trace: str | None = field(default_factory=trace.current)
    thread: int | None = None  #: the topic of the chat where it belongs
    delay: float = 0.0  #: seconds before it may be sent
    #: What follows in the chat waits for it, as for a text: its files ship with the code.
    in_order: bool = False

    @property
    def line(self) -> int:
        """Deliveries of one line of a chat keep their order; lines do not wait for each other."""
        match self.kind:
            case "answer":
                files = self.payload["do"] in {"media", "album", "text_file"}
                return FILES if files and not self.in_order else ANSWERS
            case "notice":
                return NOTICES
            case "refund":
                return REFUNDS
            case "news":
                return NEWS
            case _:
                return NO_JOB if self.job_id is None else self.job_id


class Outbox:
    """Writes deliveries of one bot, in the transaction ``tx`` of the caller."""

    def __init__(
        self,
        bot_id: int,
        admins: Sequence[int],
        clean: Callable[[str], str] = _REDACTOR.clean,
        remedies: Remedies = no_remedies,
        early: EarlyClaims | None = None,
    ) -> None:
        """``clean`` removes secrets from notices, as from the log; ``remedies``: their buttons;
        ``early``: what may be sent at once is claimed for the sender that these name."""
        self._early = early or EarlyClaims()
        self._remedies = remedies
        self._bot_id = bot_id
        self._admins = list(admins)
        self._clean = clean

    @property
    def bot_id(self) -> int:
        return self._bot_id

    def enqueue(self, tx: Tx, deliveries: Sequence[Delivery]) -> None:
        """Write them; in each line of a chat they arrive in this order."""
        if not deliveries:
            return
        payloads = [_json(each.payload) for each in deliveries]
        lines = [each.line for each in deliveries]
        asked = [_early_place(each, line) for each, line in zip(deliveries, lines, strict=True)]
        early = self._early.reserve(tx.term, asked)
        places = [place for (place, _), may in zip(asked, early, strict=True) if may]
        if places:
            tx.otherwise(partial(self._early.fail, places))
        named = {
            "bot_id": self._bot_id,
            "chat_ids": [each.chat_id for each in deliveries],
            "kinds": [each.kind for each in deliveries],
            "payloads": payloads,
            "dedupe_keys": [each.key for each in deliveries],
            "job_ids": [each.job_id for each in deliveries],
            "traces": [each.trace for each in deliveries],
            "threads": [each.thread for each in deliveries],
            "lines": lines,
            "delays": [each.delay for each in deliveries],
            "early": early,
            "token": str(tx.term.token) if tx.term is not None else None,
        }
        if not places:
            tx.send(_SQL["enqueue"], named)
            tx.wake(OUTBOX)
            return
        written = {row["dedupe_key"]: row for row in tx.all(_SQL["enqueue"], named)}
        claimed = [
            _claimed(written[each.key], each, payload)
            for each, payload, may in zip(deliveries, payloads, early, strict=True)
            if may and each.key in written and written[each.key]["claimed"]
        ]
        tx.afterwards(partial(self._early.hand_over, places, claimed))
        if len(claimed) < len(deliveries):
            tx.wake(OUTBOX)

    def supersede_statuses(self, tx: Tx, job_id: int) -> None:
        """Drop progress messages of the job that are not sent yet: a newer one replaces them."""
        tx.run(_SQL["supersede_statuses"], {"job_id": job_id})

    def leave_card(self, tx: Tx, chat_id: int, message_id: int) -> None:
        """The message is no longer the card and stays in the chat."""
        named = {"bot_id": self._bot_id, "chat_id": chat_id, "message_id": message_id}
        tx.run(_SQL["leave_card"], named)

    def resume(self, tx: Tx, chat_id: int) -> None:
        """The user can be reached again: send the results that were held."""
        if tx.run(_SQL["resume_chat"], {"bot_id": self._bot_id, "chat_id": chat_id}):
            tx.wake(OUTBOX)

    def notice(self, tx: Tx, key: str, told: Told, remedy: Remedy = PANEL) -> bool:
        """Tell each operator in their own language: once an hour for each ``key``, and at most
        ``MOST_NOTICES`` an hour. False: no notice was written."""
        if not self._admins:
            return False
        written = 0
        for language, admins in self._operators(tx).items():
            text, held = self._clean(told(language)), plain(language, "held_back")
            shown = _notice(language, text, helping(remedy, language, self._remedies))
            last = _notice(language, held, helping(PANEL, language, self._remedies))
            written += tx.run(
                _SQL["enqueue_notice"],
                {
                    "bot_id": self._bot_id,
                    "key": key,
                    "line": NOTICES,
                    "payload": _json(saying(shown)),
                    "held_back": _json(saying(last)),
                    "most": MOST_NOTICES,
                    "admins": admins,
                },
            )
        if written:
            tx.wake(OUTBOX)
        return written > 0

    def ask_operators(self, tx: Tx, key: str, asking: Callable[[str], Screen | Payload]) -> None:
        """To each operator in their own language, with buttons, once per ``key``."""
        self.enqueue(
            tx,
            [
                Delivery(admin, "notice", _payload(asking(language)), f"{key}:{admin}")
                for language, admins in self._operators(tx).items()
                for admin in admins
            ],
        )

    def _operators(self, tx: Tx) -> Mapping[str, list[int]]:
        """The operators by language: the chosen one, else that of their app."""
        rows = tx.all(_SQL["languages"], {"bot_id": self._bot_id, "user_ids": self._admins})
        spoken = {row["user_id"]: language_of(row["language"], row["code"]) for row in rows}
        found: dict[str, list[int]] = {}
        for admin in self._admins:
            found.setdefault(spoken.get(admin, DEFAULT), []).append(admin)
        return found


def _early_place(each: Delivery, line: int) -> tuple[Line, bool]:
    return (each.chat_id, line), each.kind == "answer" and line == ANSWERS and not each.delay


def _claimed(row: Row, each: Delivery, payload: str) -> Claimed:
    return Claimed(
        id=row["id"],
        chat_id=each.chat_id,
        line=each.line,
        kind=each.kind,
        payload=json.loads(payload),  # as it would be read from the table
        job_id=each.job_id,
        tries=1,
        unknowns=0,
        reachable=True,
        trace=each.trace,
        thread=row["thread"],
    )


def _notice(language: str, text: str, buttons: Keyboard) -> Screen:
    return Screen(say(language, "notice", text=shorten(text, NOTICE_LIMIT)), buttons)


def _payload(asked: Screen | Payload) -> Payload:
    return saying(asked) if isinstance(asked, Screen) else asked


def _json(payload: Payload) -> str:
    return _ENCODER.encode(payload)
