"""Which results are fetched to this machine's disk, and when: all of them, at once.

kie.ai's links die within a day, some within minutes. So as soon as a result is known its files
are fetched (``want``), beside the delivery, which goes its own way at the same time: mostly
Telegram fetches the link itself and has the picture first. Neither waits for the other, and
a fetch that fails costs a delivery nothing; only a delivery that needs the bytes, too, waits
for those that are just coming. What is delivered is dropped at the next look at the table, and
what still waits in line here is not fetched at all. That costs incoming traffic once per result;
in exchange an outage of Telegram, or a user who has blocked the bot and comes back hours later,
does not cost the result.

The table says what is not delivered; what is held here can be thrown away at any moment. A
look at the start of a term finds what a predecessor left: a file that this disk has is used, for
the others the links are tried for as long as their deliveries wait.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Lock

from loguru import logger

import sql
from handlers.delivery.result_store import Full, ResultStore
from supervisor.database.transactions import Database, Row
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.progress import ROUND
from supervisor.runtime.stop_request import wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import BackgroundThread

_SQL = sql.load("delivery")

EVERY = 30.0  #: seconds between two looks
FETCHES = 3  #: at the same time
#: Seconds before a fetch that failed is tried again: doubled each time, as long as it waits.
LEAST_PAUSE, MOST_PAUSE = 1.0, 900.0
DISK_PAUSE = 30.0  #: seconds, when the disk does not take it
MOST_WANTED = 10_000  #: links held in memory; a look finds the others
PAGE = 1000  #: deliveries read in one statement


@dataclass(slots=True)
class _Wanted:
    """A link that is not on the disk."""

    due: float
    tries: int = 0
    hopeless: bool = False  #: the link is dead, or the file too large for Telegram


class ResultFetcher:
    """The body of a ``ServiceThread``: keeps what is not delivered."""

    def __init__(
        self, *, store: ResultStore, database: Database, clock: Clock, bot_id: int
    ) -> None:
        self._store = store
        self._database = database
        self._clock = clock
        self._bot_id = bot_id
        self._lock = Lock()
        self._wanted: dict[str, _Wanted] = {}
        self._fetching: set[str] = set()
        self._wake = Event()
        self._disk_works = True

    def want(self, urls: Iterable[str]) -> None:
        """These results exist, and nobody has them yet. From any thread; returns at once."""
        now = self._clock.now()
        with self._lock:
            for url in urls:
                if len(self._wanted) < MOST_WANTED:
                    self._wanted.setdefault(url, _Wanted(now))
        self._wake.set()

    def run(self, term: Term, gate: Gate, stop: Event) -> None:
        """Until ``stop``. A fetch under way ends with its next bytes and is not waited for."""
        del term, gate  # reading a public link acts for nobody
        wake_on_stop(stop, self._wake)
        line: SimpleQueue[str | None] = SimpleQueue()
        with self._lock:
            self._fetching.clear()
        for number in range(FETCHES):
            BackgroundThread(f"fetch-{number + 1}", lambda _: self._work(line, stop)).start()
        next_look = self._clock.now()
        try:
            while not stop.is_set():
                self._wake.clear()
                if self._clock.now() >= next_look:
                    try:
                        self.look()
                    except (BotError, OSError) as error:
                        logger.bind(reason=str(error)).warning("spool_not_looked_at")
                    next_look = self._clock.now() + EVERY
                for url in self.take():
                    line.put(url)
                self._clock.wait(self._wake, min(ROUND, self._until(next_look)))
        finally:
            for _ in range(FETCHES):
                line.put(None)

    def look(self) -> None:
        """Bring what is wanted, and what is on the disk, in line with the table."""
        # Before the table is read: what comes meanwhile is not judged by it.
        with self._lock:
            known = set(self._wanted)
        files = self._store.files()
        waiting = self._undelivered()
        with self._lock:
            for url in known - waiting:
                self._wanted.pop(url, None)
        self.want(url for url in waiting if not self._store.has(url))
        self._store.drop(files, but=waiting)

    def take(self) -> list[str]:
        """Links whose files are to be fetched now; each must come back to ``fetch``."""
        now = self._clock.now()
        with self._lock:
            free = FETCHES - len(self._fetching)
            ready = (
                url
                for url, wanted in self._wanted.items()
                if wanted.due <= now and not wanted.hopeless and url not in self._fetching
            )
            taken = [url for url, _ in zip(ready, range(free), strict=False)]
            self._fetching.update(taken)
        return taken

    def fetch(self, url: str, stop: Event) -> None:
        """Fetch one file; what goes wrong decides when it is tried again."""
        pause: float | None = None
        hopeless = False
        try:
            self._store.keep(url, stop=stop)
            self._disk(None)
        except (Full, OSError) as error:
            self._disk(error)
            pause = DISK_PAUSE
        except BotError as error:
            hopeless = error.disposition is not Disposition.RETRY
            pause = LEAST_PAUSE
            logger.bind(reason=str(error)).debug("result_not_kept")
        except Exception as error:  # noqa: BLE001 the guard of one file: others must go on
            logger.opt(exception=error).error("spool_broken")
            pause = MOST_PAUSE
        else:
            logger.debug("result_kept")
        with self._lock:
            self._fetching.discard(url)
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
                    wanted.due
                    for url, wanted in self._wanted.items()
                    if not wanted.hopeless and url not in self._fetching
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
        """Trouble with the disk is told once, until it works again."""
        if error is not None and self._disk_works:
            logger.bind(reason=str(error)).warning("spool_unusable")
        self._disk_works = error is None


def _urls(row: Row) -> list[str]:
    return [url for _, url in row["files"]] if row["files"] is not None else list(row["urls"])
