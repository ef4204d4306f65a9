"""Downloads from the hosts of results, with threads and a circuit breaker per host.

These hosts are foreign: one may accept a connection and never answer. So

1. Each request runs in a thread of its own, never in those of the event loop. At most ``PER_HOST``
   requests to one host and ``AT_ONCE`` to all hosts are under way.
2. After ``FAILURES`` failures in a row the circuit of a host is open for a while, longer each time
   (``OPEN``). Then one request at a time tries the host again.
3. When a host does not give a file now, ``SourceUnavailable`` is raised: the delivery is tried
   again later.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from kie.catalogue.presets import sample
from kie.http.foreign_hosts import ForeignHost, ForeignHosts
from kie.http.link_policy import host_of
from kie.http.transport import FileInfo, NotFound
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, Rejected, Unavailable
from supervisor.runtime.threads import BackgroundThread

AT_ONCE, PER_HOST = 16, 4
FAILURES = 3
OPEN = (5.0, 15.0, 60.0)  #: seconds for which a circuit is open; the last one repeats
URL_PHOTO_LIMIT = 5 * 1024 * 1024  #: bytes; Telegram's for a photo that it fetches
URL_LIMIT = 20 * 1024 * 1024  #: bytes; Telegram's for any other file that it fetches
#: Bytes of a video up to which Telegram finds its shape and length. A larger one is a square of no
#: length, unless its numbers come with it.
LOOKED_INTO = 10 * 1024 * 1024
#: Telegram fetches these kinds by URL, with that type; any other document must be uploaded.
FETCHED = {"photo": "image/", "video": "video/", "audio": "audio/"}
SLOW = 3.0  #: seconds; a host that took longer and told no type and size counts as failed

#: The prefix of the name of a picture that ships with the code, used in place of a link.
OWN = "sample:"

Found = TypeVar("Found")


class SourceUnavailable(Unavailable):
    """The host of the file does not answer now, or its circuit is open."""


class Files(Protocol):
    """The files behind links, blocking; ``ResultStore`` in production."""

    def fetch(self, url: str, limit: int) -> bool: ...

    def read(self, url: str, limit: int) -> bytes: ...

    def file_info(self, url: str) -> FileInfo | None: ...


def telegram_fetches(files: Sequence[tuple[str, FileInfo | None]], upload_limit: int) -> bool:
    """Whether Telegram takes the links of such files, to be shown as those kinds. A large video is
    better uploaded, if all of them fit into one upload: beside a link Telegram takes no numbers."""
    if not all(_fetches(kind, info) for kind, info in files):
        return False
    shapeless = any(kind == "video" and info.size > LOOKED_INTO for kind, info in files if info)
    return not shapeless or sum(info.size for _, info in files if info) > upload_limit


def _fetches(kind: str, info: FileInfo | None) -> bool:
    limit = URL_PHOTO_LIMIT if kind == "photo" else URL_LIMIT
    return info is not None and info.size <= limit and info.mime.startswith(FETCHED[kind])


def file_name(url: str) -> str:
    """The last part of the URL's path: Telegram judges a file by its extension."""
    name = urlsplit(url).path.rpartition("/")[2]
    return name[-60:] or "result"


def rest(failures: int) -> float:
    """Seconds for which the circuit of a host is open after so many failures in a row."""
    openings = failures - FAILURES
    return OPEN[min(openings, len(OPEN) - 1)] if openings >= 0 else 0.0


class LinkReader:
    """For one event loop."""

    def __init__(self, files: Files, clock: Clock) -> None:
        self._files = files
        self._clock = clock
        self._hosts = ForeignHosts(rest)
        self._turns = asyncio.Semaphore(AT_ONCE)
        #: Of each host that is asked now.
        self._turns_of: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def file_info(self, url: str) -> FileInfo | None:
        """Type and size of the file; None if unknown, or if the circuit of its host is open."""
        if url.startswith(OWN):
            return None

        def ask() -> FileInfo | None:
            begun = self._clock.now()
            found = self._files.file_info(url)
            if found is None and self._clock.now() - begun >= SLOW:
                raise SourceUnavailable("the host of the file does not answer")
            return found

        try:
            return await self._ask(url, ask)
        except SourceUnavailable:
            return None

    async def fetch(self, url: str, limit: int) -> bool:
        """Fetch the file to this machine's disk, where ``read`` finds it. False: the disk refuses
        it, and ``read`` is a download.

        Raises what a download raises, and ``SourceUnavailable`` for what is tried again."""
        if url.startswith(OWN):
            return True
        return await self._ask(url, lambda: self._files.fetch(url, limit))

    async def read(self, url: str, limit: int) -> bytes:
        """The bytes. Raises as ``fetch``."""
        if url.startswith(OWN):
            return _own(url)
        return await self._ask(url, lambda: self._files.read(url, limit))

    async def _ask(self, url: str, question: Callable[[], Found]) -> Found:
        name = host_of(url)
        turns = self._turns_of.setdefault(name, asyncio.Semaphore(PER_HOST))
        host = self._hosts.of(name)
        host.under_way += 1
        try:
            async with turns, self._turns:
                return await self._asked(host, question)
        finally:
            host.under_way -= 1

    async def _asked(self, host: ForeignHost, question: Callable[[], Found]) -> Found:
        pause = host.rests_until - self._clock.now()
        if pause > 0.0:
            raise SourceUnavailable("the host of the file fails", retry_after=pause)
        try:
            found = await _in_thread(question)
        except NotFound:
            host.worked()
            raise
        except BotError as error:
            if error.disposition is not Disposition.RETRY:
                host.worked()
                raise
            host.failed(self._clock.now())
            raise SourceUnavailable(str(error), retry_after=_named(error)) from None
        host.worked()
        return found


def _own(url: str) -> bytes:
    try:
        return sample(url.removeprefix(OWN))
    except OSError as error:
        raise Rejected(f"there is no picture {url!r}") from error


async def _in_thread(question: Callable[[], Found]) -> Found:
    """Run it in a daemon thread: the end of the process does not wait for one that hangs."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Found] = loop.create_future()

    def settle(found: Found | None, error: BaseException | None) -> None:
        if answer.done():
            return  # nobody waits any more
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(found)  # type: ignore[arg-type]  # no error: it is the answer

    def body(_: object) -> None:
        found, failure = None, None
        try:
            found = question()
        except Exception as error:  # noqa: BLE001 handed to whoever asked
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, found, failure)

    BackgroundThread("link", body).start()
    return await answer


def _named(error: BotError) -> float | None:
    return error.retry_after if isinstance(error, Unavailable) else None
