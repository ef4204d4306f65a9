"""The arguments of ``/topup``, ``/grant`` and ``/refund``, or what is wrong with them."""

import re
from dataclasses import dataclass

from handlers.dialogue.incoming import Command
from handlers.features.people.effects import Book
from supervisor.values import telegram_id

NOTE_LENGTH = 200  #: characters of a note that are kept
#: Credits of one booking; more is probably a typo.
MOST_CREDITS = 1_000_000

_NUMBER, _AMOUNT = re.compile(r"[0-9]{1,18}"), re.compile(r"[+-]?[0-9]{1,18}")
_NAME = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}")
_EXAMPLE, _USUAL = "42", "100"


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why it is no booking: the end of the key ``wrong_…``, and a line that would be one."""

    why: str
    given: str
    line: str


@dataclass(frozen=True, slots=True)
class Named:
    """A booking for whom a name says."""

    name: str
    booking: Book  #: its target is not known yet


def read(command: Command) -> Book | Named | Wrong:
    """What the command asks for."""
    words = command.arguments.split(maxsplit=1)
    if not words:
        if command.name == "refund":
            return _wrong(command, "no_request", "", _EXAMPLE)
        return _wrong(command, "nothing", "", f"{_EXAMPLE} {_USUAL}")
    return _refund(command, words) if command.name == "refund" else _booking(command, words)


def _refund(command: Command, words: list[str]) -> Book | Wrong:
    if not _NUMBER.fullmatch(words[0]):
        return _wrong(command, "request", words[0], _EXAMPLE)
    return Book("refund", int(words[0]), note=_note(words[1:]))


def _booking(command: Command, words: list[str]) -> Book | Named | Wrong:
    who, rest = words[0], words[1].split(maxsplit=1) if len(words) > 1 else []
    user = int(who) if _NUMBER.fullmatch(who) else None
    name = who if _NAME.fullmatch(who) else ""
    known = name or (who if user is not None and telegram_id.is_user(user) else "")
    amount = rest[0].replace("−", "-") if rest else ""  # as our own texts write it
    number = int(amount) if _AMOUNT.fullmatch(amount) else None
    possible = number is not None and number != 0 and abs(number) <= MOST_CREDITS
    good = amount if possible and (command.name == "grant" or (number or 0) > 0) else ""
    line = f"{known or _EXAMPLE} {good or _USUAL}"
    if not known:
        return _wrong(command, "user" if user is None else "no_user", who, line)
    if not amount:
        return _wrong(command, "no_amount", "", line)
    if number is None:
        return _wrong(command, "amount", amount, line)
    if number == 0:
        return _wrong(command, "zero", amount, line)
    if number < 0 and command.name == "topup":
        return Wrong("negative", amount, f"/grant {known} {amount}")
    if not possible:
        return _wrong(
            command, "much", amount, f"{known} {MOST_CREDITS * (1 if number > 0 else -1)}"
        )
    booking = Book(command.name, user or 0, number, _note(rest[1:]))
    return Named(name[1:], booking) if name else booking


def _wrong(command: Command, why: str, given: str, line: str) -> Wrong:
    return Wrong(why, given[:40], f"/{command.name} {line}")


def _note(rest: list[str]) -> str | None:
    return rest[0].strip()[:NOTE_LENGTH] if rest else None
