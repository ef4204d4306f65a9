"""A user's own finished works, as what an inline query may answer with."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sql
from handlers.dialogue.incoming import InlineQuery
from handlers.dispatch.feature import Reading

_SQL = sql.load("sharing")

#: Deliveries on a page, and files of one that are listed: Telegram takes 50 results in all.
PAGE, MOST_OF_ONE = 12, 4
LONGEST_WORDS = 100  #: characters of a query that are searched for


@dataclass(frozen=True, slots=True)
class Work:
    """One file that can be shared."""

    job_id: int
    number: int  #: among the files of its job
    kind: str  #: photo, video, audio, document
    file_id: str
    words: str  #: what its user asked for


@dataclass(frozen=True, slots=True)
class Page:
    """Some works, and where the next ones begin; empty: there are none."""

    works: Sequence[Work]
    next_offset: str


def page_of_user(reading: Reading) -> Page:
    """The page that the query asks for."""
    query = reading.facts.incoming
    if not isinstance(query, InlineQuery):
        return Page((), "")
    words = query.text.strip()[:LONGEST_WORDS]
    digits = words.isascii() and words.isdecimal() and len(words) < 19
    skip = int(query.offset) if query.offset.isdecimal() and len(query.offset) < 6 else 0
    rows = reading.tx.all(
        _SQL["works_of_user"],
        {
            **reading.named,
            "job_id": int(words) if digits else None,
            "words": "" if digits else words,
            "skip": skip,
            "count": PAGE + 1,
        },
    )
    works = tuple(work for row in rows[:PAGE] for work in _works(row))
    return Page(works, str(skip + PAGE) if len(rows) > PAGE else "")


def _works(row: Mapping[str, Any]) -> Iterator[Work]:
    payload, inputs = row["payload"], row["inputs"]
    words = str(inputs.get("prompt") or inputs.get("text") or "")
    if payload["do"] == "album":
        kinds = [str(kind) for kind, _ in payload["files"]]
        ids = json.loads(row["file_id"])
    else:
        kinds, ids = [str(payload["kind"])], [row["file_id"]]
    for number, (kind, file_id) in enumerate(zip(kinds, ids, strict=False)):
        if number < MOST_OF_ONE:
            yield Work(row["id"], number, kind, str(file_id), words)
