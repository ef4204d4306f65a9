"""Files behind links, in place of downloads from kie.ai."""

import threading
from collections import Counter
from threading import Event

from kie.http.transport import FileInfo, TooLarge, Write

_MIMES = {"png": "image/png", "mp4": "video/mp4", "mp3": "audio/mpeg"}


class Files:
    """The files by link. Each is small; its type follows from the extension."""

    def __init__(self) -> None:
        self.content: dict[str, bytes | Exception] = {}
        #: Other types and sizes, by link.
        self.file_infos: dict[str, FileInfo | None] = {}

    def download(self, url: str, limit: int) -> bytes:
        assert url in self.content, f"nobody asked for {url} up to {limit}"
        found = self.content[url]
        if isinstance(found, Exception):
            raise found
        if len(found) > limit:
            raise TooLarge(f"more than {limit} bytes")
        return found

    read = download

    def fetch(self, url: str, limit: int) -> bool:
        self.download(url, limit)
        return True

    def download_to(self, url: str, write: Write, limit: int) -> None:
        write(self.download(url, limit))

    def file_info(self, url: str) -> FileInfo | None:
        ending = url.partition("?")[0].rpartition(".")[2]
        return self.file_infos.get(url, FileInfo(1000, _MIMES.get(ending, "image/png")))


class HeldFiles(Files):
    """Counts downloads to the disk, and holds them until ``flow`` is set."""

    def __init__(self, content: dict[str, bytes | Exception]) -> None:
        super().__init__()
        self.content.update(content)
        self.fetched: Counter[str] = Counter()
        self.at_once = self.most_at_once = 0
        self.flow = Event()
        self.flow.set()
        self.begun = Event()
        self._lock = threading.Lock()

    def download_to(self, url: str, write: Write, limit: int) -> None:
        content = self.download(url, limit)
        with self._lock:
            self.fetched[url] += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            write(content[:1])
            self.begun.set()
            self.flow.wait(10)
            write(content[1:])
        finally:
            with self._lock:
                self.at_once -= 1
