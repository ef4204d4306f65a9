"""Exports as CSV, in parts of bounded size.

A cell of text that a spreadsheet would take for a formula begins with an apostrophe. Where a comma
stands before a fraction, spreadsheets expect semicolons between the cells. The byte-order mark says
that it is UTF-8.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from threading import Event
from typing import Any, LiteralString

import sql
from handlers.words.languages import KNOWN
from supervisor.database.transactions import Database, Row

KINDS = ("ledger", "jobs", "payments")
PAGE = 2000  #: rows that are read at once
PART_BYTES = 8 * 1024 * 1024  #: after which a part ends; Telegram takes six times as much
#: What makes a formula, also in the width of East Asian scripts.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")

_SQL = sql.load("report")
_STATEMENTS: Mapping[str, LiteralString] = {
    "ledger": _SQL["ledger_rows"],
    "jobs": _SQL["jobs_rows"],
    "payments": _SQL["payments_rows"],
}
_CURSOR = {"cursor_at", "cursor_id"}


@dataclass(frozen=True, slots=True)
class Part:
    """One document, and the last row in it."""

    content: bytes
    rows: int
    after_at: Any
    after_id: int
    last: bool


def part(database: Database, bot_id: int, request: Row, stop: Event) -> Part:
    """The next part of the export. Raises what the database does. After ``stop`` it ends early."""
    text = io.StringIO()
    semicolon = KNOWN[request["language"]].point == ","
    writer = csv.writer(text, delimiter=";" if semicolon else ",", lineterminator="\r\n")
    since, until = _bounds(request["month"])
    after_at, after_id, count = request["after_at"] or since, request["after_id"], 0
    while True:
        named = {
            **{"bot_id": bot_id, "since": since, "until": until, "limit": PAGE},
            **{"after_at": after_at, "after_id": after_id},
        }
        with database.transaction() as tx:
            rows = tx.all(_STATEMENTS[request["kind"]], named)
        if rows and not count:
            writer.writerow(name for name in rows[0] if name not in _CURSOR)
        for row in rows:
            writer.writerow(_cells(row, comma=semicolon))
        if rows:
            after_at, after_id = rows[-1]["cursor_at"], rows[-1]["cursor_id"]
        count += len(rows)
        last = len(rows) < PAGE
        if last or stop.is_set() or text.tell() >= PART_BYTES:
            content = text.getvalue().encode("utf-8-sig")
            return Part(content, count, after_at, after_id, last)


def cell(value: Any, *, comma: bool) -> str:
    """One value as text that is no formula."""
    match value:
        case None:
            return ""
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        case float() | Decimal():
            return f"{value:f}".replace(".", "," if comma else ".")
        case int():
            return str(value)
        case _:
            text = str(value)
    risky = text.lstrip().startswith(FORMULA) or text[:1] in {"\t", "\r", "\n"}
    return f"'{text}" if risky else text


def months(today: date, count: int) -> Sequence[date]:
    """The first days of the last months, the current one first."""
    found = [today.replace(day=1)]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def _cells(row: Row, *, comma: bool) -> Iterator[str]:
    return (cell(value, comma=comma) for name, value in row.items() if name not in _CURSOR)


def _bounds(month: date) -> tuple[datetime, datetime]:
    following = (month + timedelta(days=31)).replace(day=1)
    return datetime.combine(month, time(), UTC), datetime.combine(following, time(), UTC)
