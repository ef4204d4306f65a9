"""An ended job as its user sees it: what was asked for, and the files that came of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import sql
from handlers.dispatch.feature import Reading
from kie.catalogue.user_file import UserFile
from supervisor.database.transactions import Row
from supervisor.values.foreign import whole, whole_text

_SQL = sql.load("results")

#: What a file is that Telegram keeps as one of these.
_KEPT_AS = {
    "photo": ("image", "image/jpeg"),
    "video": ("video", "video/mp4"),
    "audio": ("audio", "audio/mpeg"),
}
#: What a document is, by the ending of the link that it came from.
_ENDINGS = {
    "png": ("image", "image/png"),
    "jpg": ("image", "image/jpeg"),
    "jpeg": ("image", "image/jpeg"),
    "webp": ("image", "image/webp"),
    "mp4": ("video", "video/mp4"),
    "mp3": ("audio", "audio/mpeg"),
    "wav": ("audio", "audio/wav"),
    "ogg": ("audio", "audio/ogg"),
}


@dataclass(frozen=True, slots=True)
class Made:
    """One ended job of the user who asks."""

    job_id: int
    model: str
    inputs: Mapping[str, Any]
    age: float  #: seconds since its end
    source: int | None = None  #: the user's message that it answers
    urls: tuple[str, ...] = ()  #: kie.ai's links, dead after a while
    files: tuple[UserFile, ...] = ()  #: as Telegram keeps them, in the order of the links
    #: The same with those that no model takes: how Telegram shows it, and its name.
    kept: tuple[tuple[str, str], ...] = ()
    starred: bool = False
    repeated: bool = False  #: a repetition of it has no end yet


def pressed(reading: Reading) -> Made | None:
    """The job that the button names, if it is an ended one of this user."""
    number = job_number(reading.press.argument) if reading.press is not None else None
    if number is None:
        return None
    named = {**reading.named, "job_id": number}
    row = reading.tx.one(_SQL["made_job"], named)
    return None if row is None else of(row, reading.tx.all(_SQL["sent_parts"], named))


def of(row: Row, parts: Sequence[Row]) -> Made:
    """From a row of ``generation_jobs`` and the rows of its result in ``deliveries``."""
    sent = [each for part in parts for each in _sent(part["payload"], part["file_id"])]
    plays = seconds_of(row["inputs"] or {})
    return Made(
        job_id=row["id"],
        model=row["model"],
        inputs=row["inputs"] or {},
        age=row["age"],
        source=row["source"],
        urls=tuple(row["urls"] or ()),
        files=tuple(file for each in sent if (file := _file(*each, plays)) is not None),
        kept=tuple((kind, name) for kind, _, name in sent),
        starred=row["starred"],
        repeated=row["repeated"],
    )


def seconds_of(inputs: Mapping[str, Any]) -> float | None:
    """How long the clip plays that was ordered; None: its user had no choice there."""
    ordered = inputs.get("duration")
    found = whole_text(ordered, 1) if isinstance(ordered, str) else whole(ordered, 1)
    return None if found is None else float(found)


def job_number(argument: str) -> int | None:
    """The job in ``12`` or ``12:rest``; None: there is none."""
    return whole_text(argument.partition(":")[0], 1)


def sent_files(payload: Mapping[str, Any], file_id: str | None) -> Sequence[UserFile]:
    """What models may take of a delivery that has reached its user."""
    found = (_file(*each, None) for each in _sent(payload, file_id))
    return [file for file in found if file is not None]


def _sent(payload: Mapping[str, Any], file_id: str | None) -> Sequence[tuple[str, str, str]]:
    """The files of a delivery: how Telegram shows it, the link that it came from, its name."""
    if file_id is None:
        return ()
    match payload.get("do"):
        case "media":
            return [(payload["kind"], payload["urls"][0], file_id)]
        case "album":
            files = zip(payload["files"], json.loads(file_id), strict=False)
            return [(kind, url, name) for (kind, url), name in files]
        case _:
            return ()


def _file(kept_as: str, url: str, file_id: str, plays: float | None) -> UserFile | None:
    ending = urlsplit(url).path.rpartition(".")[2].lower()
    kind, mime = _KEPT_AS.get(kept_as) or _ENDINGS.get(ending, ("", ""))
    if not kind:
        return None
    seconds = plays if kind == "video" else None
    return UserFile(file_id, kind, 0, f"{kind}.{mime.rpartition('/')[2]}", mime, seconds)
