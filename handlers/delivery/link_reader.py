"""Files behind links, asked for without holding up anybody: threads and a circuit per host.

The hosts of results are strangers: one may accept a connection and never answer. So

1. Each question runs in a thread of its own, never in those of the event loop, and at most
   ``PER_HOST`` of one host and ``AT_ONCE`` of all hosts are under way.
2. A host that fails ``FAILURES`` times in a row is left alone for a while, longer each time
   (``CLOSED``). Then one question at a time tries it again.
3. When a host does not give a file now, ``SourceUnavailable`` is raised: the delivery is tried
   again later.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from kie.http.transport import FileInfo, NotFound
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, Unavailable
from supervisor.runtime.threads import BackgroundThread

AT_ONCE, PER_HOST = 16, 4
FAILURES = 3
CLOSED = (5.0, 15.0, 60.0)  #: seconds; the last one repeats
URL_PHOTO_LIMIT = 5 * 1024 * 1024  #: bytes; Telegram's for a photo that it fetches
URL_LIMIT = 20 * 1024 * 1024  #: bytes; Telegram's for any other file that it fetches
#: Telegram fetches these by URL, of that type; of other documents it takes only uploads.
FETCHED = {"photo": "image/", "video": "video/", "audio": "audio/"}
SLOW = 3.0  #: seconds after which a host that says nothing of a file counts as failed

Found = TypeVar("Found")


class SourceUnavailable(Unavailable):
    """The host of the file does not give it at the moment."""


class Files(Protocol):
    """The files behind links, blocking; ``ResultStore`` in production."""

    def fetch(self, url: str, limit: int) -> None: ...

    def read(self, url: str, limit: int) -> bytes: ...

    def file_info(self, url: str) -> FileInfo | None: ...


def telegram_fetches(kind: str, info: FileInfo | None) -> bool:
    """Whether Telegram takes the link of such a file, to be shown as that kind."""
    limit = URL_PHOTO_LIMIT if kind == "photo" else URL_LIMIT
    return info is not None and info.size <= limit and info.mime.startswith(FETCHED[kind])


@dataclass(slots=True)
class _Host:
    """How a host has answered of late, and who waits for it."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PER_HOST))
    failures: int = 0
    closings: int = 0
    closed_until: float = float("-inf")

    def worked(self) -> None:
        self.failures = self.closings = 0

    def failed(self, now: float) -> None:
        self.failures += 1
        if self.failures >= FAILURES:
            self.closed_until = now + CLOSED[min(self.closings, len(CLOSED) - 1)]
            self.closings += 1
            # One more failure closes it again.
            self.failures = FAILURES - 1


class LinkReader:
    """For one event loop."""

    def __init__(self, files: Files, clock: Clock) -> None:
        self._files = files
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def file_info(self, url: str) -> FileInfo | None:
        """What the link says of its file; None also when its host is left alone."""

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

    async def fetch(self, url: str, limit: int) -> None:
        """Fetch the file to this machine's disk, if there is one, where ``read`` finds it.

        Raises what a download raises, and ``SourceUnavailable`` for what is tried again."""
        await self._ask(url, lambda: self._files.fetch(url, limit))

    async def read(self, url: str, limit: int) -> bytes:
        """The bytes. Raises as ``fetch``."""
        return await self._ask(url, lambda: self._files.read(url, limit))

    async def _ask(self, url: str, question: Callable[[], Found]) -> Found:
        host = self._host(url)
        async with host.turns, self._turns:
            closed = host.closed_until - self._clock.now()
            if closed > 0.0:
                raise SourceUnavailable("the host of the file is left alone", retry_after=closed)
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

    def _host(self, url: str) -> _Host:
        try:
            name = urlsplit(url).hostname or ""
        except ValueError:
            name = ""
        if name not in self._hosts and len(self._hosts) >= MOST_HOSTS:
            self._hosts = {
                known: host
                for known, host in self._hosts.items()
                if host.failures or host.turns.locked()
            }
        return self._hosts.setdefault(name, _Host())


MOST_HOSTS = 1000  #: that are remembered; those that work are forgotten first


async def _in_thread(question: Callable[[], Found]) -> Found:
    """Ask in a daemon thread: one that hangs at the end of the process is not waited for."""
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
