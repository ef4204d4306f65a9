"""Fetches the files of results to this machine's disk, as soon as the result is known.

kie.ai's links expire within a day, some within minutes. The fetch (``want``) runs beside the
delivery: often Telegram fetches the link itself and is done first. A fetch that fails does not fail
the delivery. A delivery that needs the bytes waits for a fetch that is under way. Files of
delivered results are removed at the next look at the table, and fetches that have not begun by
then are cancelled. This costs incoming traffic once per result. In exchange a result can still be
delivered after an outage of Telegram, or when a user who has blocked the bot comes back hours
later.

The table says what is not delivered; everything in memory can be thrown away. The look at the start
of a term finds what an earlier term left: files on this disk are used, the other links are tried
for as long as their deliveries wait.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Lock

from loguru import logger

import sql
from kie.files.result_store import Full, ResultStore
from kie.http.foreign_hosts import ForeignHosts
from kie.http.link_policy import host_of
from kie.http.transport import NotFound
from supervisor.database.transactions import Database, Row
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.progress import ROUND
from supervisor.runtime.stop_request import wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import BackgroundThread

_SQL = sql.load("files")

EVERY = 60.0  #: seconds between two looks while something waits or lies on the disk
IDLE = 300.0  #: the same when nothing does
FETCHES, PER_HOST = 8, 2  #: at the same time: in all, and from one host
#: Seconds without requests to a host after a failure; doubled with each failure in a row.
LEAST_REST, MOST_REST = 0.5, 60.0
#: Seconds before a failed fetch is tried again: doubled each time.
LEAST_PAUSE, MOST_PAUSE = 1.0, 900.0
DISK_PAUSE = 30.0  #: seconds after the disk refused a file
MOST_WANTED = 10_000  #: links held in memory; a look finds the others
PAGE = 1000  #: deliveries read in one statement


@dataclass(slots=True)
class _Wanted:
    """A link that is not on the disk."""

    due: float
    host: str
    tries: int = 0
    hopeless: bool = False  #: the link is dead, or the file too large for Telegram


def rest(failures: int) -> float:
    """Seconds without requests to a host after so many failures in a row."""
    return min(MOST_REST, LEAST_REST * 2.0 ** min(failures, 10))


class ResultFetcher:
    """The body of a ``ServiceThread``: keeps the files of results that are not delivered."""

    def __init__(
        self, *, store: ResultStore, database: Database, clock: Clock, bot_id: int
    ) -> None:
        self._store = store
        self._database = database
        self._clock = clock
        self._bot_id = bot_id
        self._lock = Lock()
        self._wanted: dict[str, _Wanted] = {}
        self._fetching: dict[str, str] = {}  #: link → its host
        self._hosts = ForeignHosts(rest)
        self._wake = Event()
        self._disk_works = True
        self._is_idle = False  #: nothing waited at the last look, and nothing was left on the disk

    def want(self, urls: Iterable[str]) -> None:
        """Fetch these files soon. From any thread; returns at once."""
        now = self._clock.now()
        with self._lock:
            for url in urls:
                if url not in self._wanted and len(self._wanted) < MOST_WANTED:
                    self._wanted[url] = _Wanted(now, host_of(url))
        self._wake.set()

    def run(self, term: Term, gate: Gate, stop: Event) -> None:
        """Until ``stop``. A fetch under way ends with its next bytes; nobody waits for it."""
        del term, gate  # a download from a public link needs no lock
        wake_on_stop(stop, self._wake)
        line: SimpleQueue[str | None] = SimpleQueue()
        with self._lock:
            self._fetching.clear()
            self._hosts.forget_all()
        for number in range(FETCHES):
            BackgroundThread(f"fetch-{number + 1}", lambda _: self._work(line, stop)).start()
        self._is_idle, next_look = False, self._clock.now()
        try:
            while not stop.is_set():
                self._wake.clear()
                with self._lock:
                    if self._is_idle and self._wanted:
                        self._is_idle, next_look = False, self._clock.now() + EVERY
                if self._clock.now() >= next_look:
                    try:
                        self.look()
                    except (BotError, OSError) as error:
                        self._is_idle = False
                        logger.bind(reason=str(error)).warning("spool_not_looked_at")
                    next_look = self._clock.now() + (IDLE if self._is_idle else EVERY)
                for url in self.take():
                    line.put(url)
                self._clock.wait(self._wake, min(ROUND, self._until(next_look)))
        finally:
            for _ in range(FETCHES):
                line.put(None)

    def look(self) -> None:
        """Compare the wanted links and the files on the disk with the table."""
        # Before the table is read: links that are added meanwhile are not in it yet.
        with self._lock:
            known = set(self._wanted)
        files = self._store.files()
        waiting = self._undelivered()
        with self._lock:
            for url in known - waiting:
                self._wanted.pop(url, None)
        self.want(url for url in waiting if not self._store.has(url))
        self._store.drop(files, but=waiting)
        self._is_idle = not waiting and not self._store.files()

    def take(self) -> list[str]:
        """Links whose files are to be fetched now; each must come back to ``fetch``."""
        now = self._clock.now()
        with self._lock:
            free = FETCHES - len(self._fetching)
            taken: list[str] = []
            for url, wanted in self._wanted.items():
                if len(taken) >= free:
                    break
                if wanted.due > now or wanted.hopeless or url in self._fetching:
                    continue
                host = self._hosts.look(wanted.host)
                if host.under_way >= PER_HOST or host.rests_until > now:
                    continue
                self._hosts.of(wanted.host).under_way += 1
                self._fetching[url] = wanted.host
                taken.append(url)
        return taken

    def fetch(self, url: str, stop: Event) -> None:
        """Fetch one file; after an error decide when to try again."""
        pause: float | None = None
        hopeless = failed = False
        try:
            self._store.keep(url, stop=stop)
            self._disk(None)
        except (Full, OSError) as error:
            self._disk(error)
            pause = DISK_PAUSE
        except BotError as error:
            hopeless = error.disposition is not Disposition.RETRY
            failed = not hopeless and not isinstance(error, NotFound)
            pause = LEAST_PAUSE
            logger.bind(reason=str(error)).debug("result_not_kept")
        except Exception as error:  # noqa: BLE001 the guard of one file: others must go on
            logger.opt(exception=error).error("spool_broken")
            pause = MOST_PAUSE
        else:
            logger.debug("result_kept")
        with self._lock:
            self._release(url, failed=failed)
            wanted = self._wanted.get(url)
            if pause is None:
                self._wanted.pop(url, None)
            elif wanted is not None:
                growing = self._clock.jitter(min(MOST_PAUSE, pause * 2.0**wanted.tries))
                wanted.due = self._clock.now() + max(pause, growing)
                wanted.tries += 1
                wanted.hopeless = hopeless
        self._wake.set()

    # ------------------------------------------------------------- internal --

    def _release(self, url: str, *, failed: bool) -> None:
        """The fetch of ``url`` is over; ``failed``: its host did not give the file."""
        name = self._fetching.pop(url, None)
        if name is None:
            return  # of an earlier term
        host = self._hosts.of(name)
        host.under_way = max(0, host.under_way - 1)
        if failed:
            host.failed(self._clock.now())
        else:
            host.worked()

    def _work(self, line: "SimpleQueue[str | None]", stop: Event) -> None:
        while (url := line.get()) is not None:
            if not stop.is_set():
                self.fetch(url, stop)

    def _until(self, next_look: float) -> float:
        """Seconds until there is something to do."""
        with self._lock:
            at = [next_look]
            if len(self._fetching) < FETCHES:
                at += [
                    max(wanted.due, host.rests_until)
                    for url, wanted in self._wanted.items()
                    if not wanted.hopeless
                    and url not in self._fetching
                    # One that is busy wakes us when it is free.
                    and (host := self._hosts.look(wanted.host)).under_way < PER_HOST
                ]
        return max(0.01, min(at) - self._clock.now())

    def _undelivered(self) -> set[str]:
        found: set[str] = set()
        after = 0
        while True:
            named = {"bot_id": self._bot_id, "after": after, "limit": PAGE}
            with self._database.transaction() as tx:
                rows = tx.all(_SQL["undelivered_files"], named)
            found.update(url for row in rows for url in _urls(row))
            if len(rows) < PAGE:
                return found
            after = rows[-1]["id"]

    def _disk(self, error: Exception | None) -> None:
        """Log an error of the disk once, until it works again."""
        if error is not None and self._disk_works:
            logger.bind(reason=str(error)).warning("spool_unusable")
        self._disk_works = error is None


def _urls(row: Row) -> list[str]:
    return [url for _, url in row["files"]] if row["files"] is not None else list(row["urls"])
