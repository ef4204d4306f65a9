"""The files that Telegram stores, the paths that getFile gave out, the URLs that were fetched."""

import secrets
import time
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from sandbox.files.picture import paint, picture_of

PATH_SECONDS = 3600.0  #: a path from getFile works at least so long


@dataclass(slots=True)
class StoredFile:
    file_id: str
    unique_id: str
    name: str
    mime: str
    content: bytes


@dataclass
class Files:
    """``stored`` is by file_id."""

    stored: dict[str, StoredFile] = field(default_factory=dict)
    #: What Telegram keeps of a URL for days, failures included.
    failed_urls: dict[str, str] = field(default_factory=dict)
    fetched_urls: dict[str, StoredFile] = field(default_factory=dict)
    #: Paths that getFile gave out: the file, and until when they work.
    paths: dict[str, tuple[StoredFile, float]] = field(default_factory=dict)
    _thumbnail: StoredFile | None = None

    def store(self, content: bytes, name: str, mime: str) -> StoredFile:
        stored = StoredFile(
            f"AgAC{secrets.token_urlsafe(24)}",
            f"AQAD{secrets.token_urlsafe(8)}",
            name,
            mime,
            content,
        )
        self.stored[stored.file_id] = stored
        return stored

    def thumbnail(self) -> StoredFile:
        """The small size of a photo: a file of its own, which nobody should take."""
        if self._thumbnail is None:
            picture = picture_of(paint("", 90, 90), 90, 90)
            self._thumbnail = self.store(picture, "thumbnail.png", "image/png")
        return self._thumbnail

    def new_path(self, stored: StoredFile) -> str:
        """A path to download from, good for an hour."""
        folder = f"{stored.mime.partition('/')[0]}s"
        path = f"{folder}/file_{len(self.paths)}{PurePosixPath(stored.name).suffix}"
        self.paths[path] = stored, time.monotonic() + PATH_SECONDS
        return path
