"""Downloads users' files from Telegram.

Telegram names a file by a relative path. A Bot API server of the operator's that runs with
``--local`` names it by an absolute path: the file is read from the disk that both share.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import wait
from pathlib import Path
from typing import Any, Protocol

from loguru import logger

from handlers.bot_api.calls import result_of
from kie.catalogue.user_file import TELEGRAM_LIMIT, UserFile
from supervisor.runtime.errors import OutcomeUnknown, Rejected, Unavailable
from supervisor.values import foreign

#: Seconds for one file, from getFile to the last byte; 20 MB over a slow line.
PATIENCE = 120.0
LOOK_EVERY = 10.0  #: seconds after which the thread that waits for a file comes round
TOO_LARGE = "the file is larger than what a bot may download"
#: For the operator, when the path of a local server cannot be read.
LOCAL_SERVER = (
    "the Bot API server runs with --local and its files cannot be read here: mount its directory"
    " at the same path, readable for this program, or start the server without --local"
)


class Telegram(Protocol):
    """What is used of PTB's ``Bot``."""

    async def get_file(self, file_id: str) -> object: ...


class Endpoint(Protocol):
    """What is used of ``Endpoint``."""

    @property
    def is_public(self) -> bool: ...

    async def file(self, path: str, limit: int) -> bytes: ...


class TelegramFiles:
    """The ``UserFiles`` of this bot: called from any thread, works in the event loop."""

    def __init__(
        self,
        telegram: Telegram,
        endpoint: Endpoint,
        loop: asyncio.AbstractEventLoop,
        trouble: Callable[[str | None], None] = lambda _: None,
        step: Callable[[], None] = lambda: None,
    ) -> None:
        """``step`` is called by the thread that waits for a file, each time it comes round."""
        self._step = step
        self._telegram = telegram
        self._endpoint = endpoint
        self._loop = loop
        self._trouble = trouble

    def fetch(self, file: UserFile) -> bytes:
        """Raises ``Unavailable``, ``Rejected`` (gone, too large) or ``Misconfigured``."""
        call = self._fetch(file)
        try:
            future = asyncio.run_coroutine_threadsafe(call, self._loop)
        except RuntimeError:
            call.close()
            raise Unavailable("the loop that calls Telegram has ended") from None
        for _ in range(round(PATIENCE / LOOK_EVERY)):
            self._step()
            if wait([future], LOOK_EVERY).done:
                return future.result()
        future.cancel()
        raise Unavailable(f"Telegram gave no file within {PATIENCE:.0f} s")

    async def _fetch(self, file: UserFile) -> bytes:
        try:
            found = await result_of(self._telegram.get_file(file.file_id))
            path = _path(found)
            if path.startswith("/"):
                if self._endpoint.is_public:
                    # Only a server of the operator's own may name files of this disk.
                    raise Unavailable("Telegram: getFile names no path")
                return await self._from_disk(Path(path))
            return await self._endpoint.file(path, TELEGRAM_LIMIT)
        except OutcomeUnknown as error:
            # A download has no effect: it may be repeated.
            raise Unavailable(str(error)) from None

    async def _from_disk(self, path: Path) -> bytes:
        try:
            content = await asyncio.to_thread(_read, path)
        except OSError as error:
            logger.bind(error=error.strerror).error("local_file_not_readable")
            self._trouble(LOCAL_SERVER)
            raise Unavailable(LOCAL_SERVER) from None
        self._trouble(None)
        return content


def _path(found: Any) -> str:
    if not isinstance(found, dict):
        found = {}
    size, path = foreign.whole(found.get("file_size"), 0), found.get("file_path")
    if size is not None and size > TELEGRAM_LIMIT:
        raise Rejected(TOO_LARGE)
    if not isinstance(path, str) or not path or foreign.storable(path) != path:
        raise Unavailable("Telegram: getFile names no path")
    return path


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(TELEGRAM_LIMIT + 1)
    if len(content) > TELEGRAM_LIMIT:
        raise Rejected(TOO_LARGE)
    return content
