"""Results that could not be sent at once, kept on this machine's disk.

A result is sent the moment it is known, from a link that kie.ai keeps for about a day. What
is still not delivered after half a minute is downloaded to ``DATA_DIR/spool``, so that an
outage of Telegram, or a user who has blocked the bot and comes back hours later, does not
cost the result. Not guaranteed: the disk may go (Render's goes with each deploy). Then the
link is all there is; when it is dead the user is told and nothing is charged.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from threading import Event
from typing import Protocol

from loguru import logger

import sql
from handlers.media import FILE_LIMIT
from kie.transport import Label
from supervisor.clock import Clock
from supervisor.db import Database, Row
from supervisor.errors import BotError, Disposition
from supervisor.term import Gate, Term

_SQL = sql.load("handlers")

KEEP_AFTER = 30.0  #: seconds that a result may be on its way before it is kept
EVERY = 30.0  #: seconds between two looks
STEP = 0.2  #: seconds within which a stop request is noticed
MOST_BYTES = 2 * 1024**3  #: on the disk
MOST_TRIES = 8  #: to download one file; the pauses between them double


class Source(Protocol):
    """What is used of ``KieClient``."""

    def download(self, url: str, limit: int) -> bytes: ...

    def label(self, url: str) -> Label | None: ...


class Spool:
    """Files by their URLs. Thread-safe: a file appears at once and whole."""

    def __init__(self, folder: Path, source: Source) -> None:
        self._folder = folder
        self._source = source

    def read(self, url: str, limit: int) -> bytes:
        """The kept file, else the one behind the link. Raises what a download raises."""
        try:
            content = self._file(url).read_bytes()
        except OSError:
            return self._source.download(url, limit)
        return content if len(content) <= limit else self._source.download(url, limit)

    def label(self, url: str) -> Label | None:
        """What the link says of its file; None for a kept one, whose link may be dead."""
        return None if self.has(url) else self._source.label(url)

    def keep(self, url: str) -> None:
        """Download the file to the disk. Raises what a download raises, and ``OSError``."""
        content = self._source.download(url, FILE_LIMIT)
        if self.size() + len(content) > MOST_BYTES:
            logger.warning("spool_full")
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._file(url)
        unfinished = file.with_suffix(".part")
        unfinished.write_bytes(content)
        unfinished.replace(file)

    def has(self, url: str) -> bool:
        return self._file(url).exists()

    def size(self) -> int:
        """Bytes on the disk."""
        return sum(file.stat().st_size for file in self._files())

    def drop_all_but(self, urls: Iterable[str]) -> None:
        """What nobody waits for any more goes."""
        wanted = {self._file(url) for url in urls}
        for file in self._files():
            if file not in wanted:
                file.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        return list(self._folder.iterdir()) if self._folder.is_dir() else []

    def _file(self, url: str) -> Path:
        return self._folder / hashlib.sha256(url.encode()).hexdigest()[:40]


class Keeper:
    """The body of a ``ServiceThread``: keeps what is not delivered."""

    def __init__(self, *, spool: Spool, database: Database, clock: Clock, bot_id: int) -> None:
        self._spool = spool
        self._database = database
        self._clock = clock
        self._bot_id = bot_id
        #: How often a file was asked for, and when it may be again.
        self._tries: dict[str, tuple[int, float]] = {}

    def run(self, term: Term, gate: Gate, stop: Event) -> None:
        """Until ``stop``."""
        del term, gate  # reading a public link acts for nobody
        next_look = self._clock.now()
        while not self._clock.wait(stop, STEP):
            if self._clock.now() < next_look:
                continue
            try:
                self.look(stop)
            except (BotError, OSError) as error:
                logger.bind(reason=str(error)).warning("spool_not_kept")
            next_look = self._clock.now() + EVERY

    def look(self, stop: Event) -> None:
        """Once over everything that is not delivered."""
        with self._database.transaction() as tx:
            named = {"bot_id": self._bot_id, "after": KEEP_AFTER}
            rows = tx.all(_SQL["undelivered_files"], named)
        late = [url for row in rows if row["late"] for url in _urls(row)]
        self._tries = {url: tries for url, tries in self._tries.items() if url in late}
        for url in late:
            if stop.is_set():
                return
            self._keep(url)
        self._spool.drop_all_but(url for row in rows for url in _urls(row))

    def _keep(self, url: str) -> None:
        tries, not_before = self._tries.get(url, (0, 0.0))
        if self._spool.has(url) or tries >= MOST_TRIES or self._clock.now() < not_before:
            return
        try:
            self._spool.keep(url)
        except BotError as error:
            more = error.disposition is Disposition.RETRY
            pause = EVERY * 2**tries
            self._tries[url] = (tries + 1 if more else MOST_TRIES, self._clock.now() + pause)
            logger.bind(reason=str(error)).debug("result_not_kept")
        else:
            logger.info("result_kept")


def _urls(row: Row) -> list[str]:
    payload = row["payload"]
    if payload["do"] == "album":
        return [url for _, url in payload["files"]]
    return list(payload["urls"])
