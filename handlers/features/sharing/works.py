"""A user's own finished works, as what an inline query may answer with."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sql
from handlers.dialogue.incoming import InlineQuery
from handlers.dispatch.feature import Reading
from handlers.shop.offers import Offer, preset_behind
from supervisor.values.foreign import whole_text

_SQL = sql.load("sharing")

#: Deliveries on a page, and files of one that are listed: Telegram takes 50 results in all.
PAGE, MOST_OF_ONE = 12, 4
MOST_SKIPPED = 99_999  #: deliveries before a page
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
    job_id = whole_text(words, 0)
    skip = whole_text(query.offset, 0, MOST_SKIPPED) or 0
    searched = "" if job_id is not None else words
    rows = reading.tx.all(
        _SQL["works_of_user"],
        {
            **reading.named,
            "job_id": job_id,
            "words": searched,
            "skip": 0 if searched else skip,
            # What a preset's template says is no word of the user's: those are left out here.
            "count": None if searched else PAGE + 1,
        },
    )
    offers = reading.facts.shop.offers
    found = [(row, _words(row, offers)) for row in rows]
    if searched:
        found = [each for each in found if searched.lower() in each[1].lower()][skip:]
    works = tuple(work for row, told in found[:PAGE] for work in _works(row, told))
    return Page(works, str(skip + PAGE) if len(found) > PAGE else "")


def _words(row: Mapping[str, Any], offers: Mapping[str, Offer]) -> str:
    """What the user asked for, without the words of a preset."""
    inputs = row["inputs"]
    preset = preset_behind(offers, row["model"], inputs)
    return preset[1] if preset else str(inputs.get("prompt") or inputs.get("text") or "")


def _works(row: Mapping[str, Any], words: str) -> Iterator[Work]:
    payload = row["payload"]
    if payload["do"] == "album":
        kinds = [str(kind) for kind, _ in payload["files"]]
        ids = json.loads(row["file_id"])
    else:
        kinds, ids = [str(payload["kind"])], [row["file_id"]]
    for number, (kind, file_id) in enumerate(zip(kinds, ids, strict=False)):
        if number < MOST_OF_ONE:
            yield Work(row["id"], number, kind, str(file_id), words)
