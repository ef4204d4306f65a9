"""Files of results on this machine's disk, by their links. ``result_fetcher.py`` fills it.

A file is complete or absent: it is written beside its place and then renamed. A reader waits for a
file that is being fetched, so nothing is fetched twice at the same time. Not guaranteed: the disk
may be full, read-only or lost (Render's is lost with each deploy). Then the link is used.
"""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path
from threading import Event, Lock
from typing import Protocol

from kie.http.transport import FileInfo, TooLarge, Write
from supervisor.runtime.errors import Unavailable

FORM_ROOM = 64 * 1024  #: bytes of the request beside the file: other fields, ten file names
#: Bytes of a file, or of all files of an album. Telegram's limit of 50 MB is for the request.
FILE_LIMIT = 50 * 1024 * 1024 - FORM_ROOM

MOST_BYTES = 2 * 1024**3  #: on the disk, without fetches under way
#: Bytes that stay free: an embedded PostgreSQL may live on the same disk.
LEAST_FREE = 512 * 1024**2
#: The names of our files: the digest of a link, and the same while it is fetched.
OURS = re.compile(r"[0-9a-f]{40}(?:\.[A-Za-z0-9_]+\.part)?")
#: Seconds that a reader waits for a fetch under way before it downloads the file itself.
JOIN = 30.0


class Full(Unavailable):
    """There is no room for the file."""


class Source(Protocol):
    """What is used of ``KieClient``."""

    def download(self, url: str, limit: int) -> bytes: ...

    def download_to(self, url: str, write: Write, limit: int) -> None: ...

    def file_info(self, url: str) -> FileInfo | None: ...


class ResultStore:
    """Thread-safe, and safe beside another process in the same folder."""

    def __init__(self, folder: Path, source: Source) -> None:
        self._folder = folder
        self._source = source
        self._lock = Lock()
        #: Links that are being fetched, with the event that is set at the end.
        self._coming: dict[str, Event] = {}

    def read(self, url: str, limit: int) -> bytes:
        """The kept file, else the one behind the link. Raises what a download raises."""
        with self._lock:
            coming = self._coming.get(url)
        if coming is not None:
            coming.wait(JOIN)
        try:
            content = self._file(url).read_bytes() if self._is_ours else b""
        except OSError:
            return self._source.download(url, limit)
        return content if 0 < len(content) <= limit else self._source.download(url, limit)

    def fetch(self, url: str, limit: int) -> bool:
        """Download the file to the disk, unless it is there. Raises what a download raises.
        False: the disk refuses it, and ``read`` downloads it again."""
        with self._lock:
            coming = self._coming.get(url)
        if coming is not None:
            coming.wait(JOIN)
        try:
            self.keep(url, stop=Event(), limit=limit)
        except (Full, OSError):
            return False
        return self.has(url)

    def file_info(self, url: str) -> FileInfo | None:
        """Type and size of the file, from its host. Also for files on the disk: a file that
        Telegram can fetch by itself need not be uploaded."""
        return self._source.file_info(url)

    def keep(self, url: str, *, stop: Event, limit: int = FILE_LIMIT) -> None:
        """Fetch the file, unless it is here or being fetched. Raises what a download raises,
        ``Full``, and ``OSError``; ``Unavailable`` soon after ``stop``."""
        with self._lock:
            if url in self._coming or self.has(url):
                return
            coming = self._coming[url] = Event()
        try:
            self._fetch(url, stop, limit)
        finally:
            with self._lock:
                del self._coming[url]
            coming.set()

    def has(self, url: str) -> bool:
        return self._is_ours and self._file(url).exists()

    @property
    def _is_ours(self) -> bool:
        """False for a symbolic link: it may point to files of another program."""
        return not self._folder.is_symlink()

    def files(self) -> Collection[Path]:
        """Our files on the disk, complete or not: those with names of our pattern."""
        if not self._is_ours or not self._folder.is_dir():
            return []
        return [file for file in self._folder.iterdir() if OURS.fullmatch(file.name)]

    def drop(self, files: Collection[Path], *, but: Collection[str]) -> None:
        """Remove ``files``, except those of the links ``but`` and those being fetched."""
        wanted = {self._file(url) for url in but}
        with self._lock:
            coming = {self._file(url).name for url in self._coming}
        for file in files:
            if file not in wanted and file.name.partition(".")[0] not in coming:
                file.unlink(missing_ok=True)

    def remove(self, urls: Iterable[str]) -> None:
        """Remove the files of these links."""
        if self._is_ours:
            for url in urls:
                self._file(url).unlink(missing_ok=True)

    def _fetch(self, url: str, stop: Event, limit: int) -> None:
        if not self._is_ours:
            raise OSError(f"{self._folder} is a link; the results of this bot need a folder")
        self._folder.mkdir(parents=True, exist_ok=True)
        room = self._room()
        if room <= 0:
            raise Full("the result store is full")
        place = self._file(url)
        with tempfile.NamedTemporaryFile(
            dir=self._folder, prefix=f"{place.name}.", suffix=".part", delete=False
        ) as file:
            unfinished = Path(file.name)
            try:
                self._source.download_to(url, _until(stop, file.write), min(room, limit))
                file.close()
                unfinished.replace(place)
            except TooLarge:
                unfinished.unlink(missing_ok=True)
                if room < limit:
                    raise Full("the result store has no room for a file of this size") from None
                raise
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise

    def _room(self) -> int:
        """Bytes that may be added."""
        size = 0
        for file in self.files():
            try:
                size += file.stat().st_size
            except FileNotFoundError:
                continue  # delivered meanwhile
        return min(MOST_BYTES - size, shutil.disk_usage(self._folder).free - LEAST_FREE)

    def _file(self, url: str) -> Path:
        return self._folder / hashlib.sha256(url.encode()).hexdigest()[:40]


def _until(stop: Event, write: Write) -> Write:
    """``write``, until ``stop``."""

    def stoppable(chunk: bytes) -> None:
        if stop.is_set():
            raise Unavailable("nobody waits here for this file any more")
        write(chunk)

    return stoppable
