"""The files that Telegram stores, the paths that getFile gave out, the URLs that were fetched."""

import secrets
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from sandbox.files.facts import facts_of
from sandbox.files.picture import paint, picture_of

PATH_SECONDS = 3600.0  #: a path from getFile works at least so long
#: What getFile gives out: a path below the file URL, or, as a server started with --local does, an
#: absolute path on its own disk, which this machine has or has not.
LOCAL = ("no", "readable", "unreadable")
_ELSEWHERE = "/var/lib/telegram-bot-api-elsewhere"


@dataclass(slots=True)
class StoredFile:
    file_id: str
    unique_id: str
    name: str
    mime: str
    content: bytes
    #: width, height, duration, title, performer: as the sender named them or the server found them.
    facts: dict[str, Any] = field(default_factory=dict)


def _found(content: bytes) -> dict[str, Any]:
    facts = facts_of(content)
    return {"width": facts.width, "height": facts.height, "duration": facts.seconds}


@dataclass
class Files:
    """``stored`` is by file_id."""

    stored: dict[str, StoredFile] = field(default_factory=dict)
    #: What Telegram keeps of a URL for days, failures included.
    failed_urls: dict[str, str] = field(default_factory=dict)
    fetched_urls: dict[str, StoredFile] = field(default_factory=dict)
    #: Paths that getFile gave out: the file, and until when they work.
    paths: dict[str, tuple[StoredFile, float]] = field(default_factory=dict)
    local: str = "no"  #: one of ``LOCAL``
    _thumbnail: StoredFile | None = None
    _folder: Path | None = None

    def store(
        self, content: bytes, name: str, mime: str, facts: Mapping[str, Any] | None = None
    ) -> StoredFile:
        """Keep a file. Without ``facts`` the server looks into it."""
        stored = StoredFile(
            f"AgAC{secrets.token_urlsafe(24)}",
            f"AQAD{secrets.token_urlsafe(8)}",
            name,
            mime,
            content,
            dict(_found(content) if facts is None else facts),
        )
        self.stored[stored.file_id] = stored
        return stored

    def thumbnail(self) -> StoredFile:
        """The small size of a photo: a file of its own, which nobody should take."""
        if self._thumbnail is None:
            picture = picture_of(paint("", 90, 90), 90, 90)
            self._thumbnail = self.store(picture, "thumbnail.png", "image/png")
        return self._thumbnail

    def new_path(self, stored: StoredFile, token: str) -> str:
        """A path to download from, good for an hour. A local server's path holds the token."""
        folder = f"{stored.mime.partition('/')[0]}s"
        path = f"{folder}/file_{len(self.paths)}{PurePosixPath(stored.name).suffix}"
        self.paths[path] = stored, time.monotonic() + PATH_SECONDS
        if self.local == "no":
            return path
        if self.local == "unreadable":
            return f"{_ELSEWHERE}/{token}/{path}"
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="telegram-bot-api-"))
        file = self._folder / token / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(stored.content)
        return str(file)

    def close(self) -> None:
        """Remove what a local server has written."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
