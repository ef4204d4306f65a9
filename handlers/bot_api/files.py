"""Users' files, fetched from Telegram for whoever passes them on.

Telegram names a file by a URL that contains the bot's token. It exists inside one call here:
it is not returned, not logged, and no error carries it.
"""

import asyncio
from typing import Protocol

from handlers.bot_api.errors import calling
from kie.catalogue.user_file import TELEGRAM_LIMIT, UserFile
from supervisor.runtime.errors import BotError, Misconfigured, OutcomeUnknown, Rejected, Unavailable

#: Seconds for one file, from the question to its last byte; 20 MB over a slow line.
PATIENCE = 120.0


class NamedFile(Protocol):
    """What is used of PTB's ``File``."""

    @property
    def file_size(self) -> int | None: ...

    async def download_as_bytearray(self) -> bytearray: ...


class Telegram(Protocol):
    """What is used of PTB's ``Bot``."""

    async def get_file(self, file_id: str) -> NamedFile: ...


class TelegramFiles:
    """The ``UserFiles`` of this bot: called from any thread, works in the event loop."""

    def __init__(self, telegram: Telegram, loop: asyncio.AbstractEventLoop) -> None:
        self._telegram = telegram
        self._loop = loop

    def fetch(self, file: UserFile) -> bytes:
        """Raises ``Unavailable``, ``Rejected`` (gone, too large) or ``Misconfigured``."""
        call = self._fetch(file)
        try:
            future = asyncio.run_coroutine_threadsafe(call, self._loop)
        except RuntimeError:
            call.close()
            raise Unavailable("the loop that calls Telegram has ended") from None
        try:
            return future.result(PATIENCE)
        except TimeoutError:
            future.cancel()
            raise Unavailable(f"Telegram gave no file within {PATIENCE:.0f} s") from None

    async def _fetch(self, file: UserFile) -> bytes:
        try:
            with calling():
                found = await self._telegram.get_file(file.file_id)
                if (found.file_size or 0) > TELEGRAM_LIMIT:
                    raise Rejected("the file is larger than what a bot may download")
                return await _bytes(found)
        except OutcomeUnknown as error:
            # Reading a file changes nothing: it may be done again.
            raise Unavailable(str(error)) from None


async def _bytes(found: NamedFile) -> bytes:
    try:
        with calling():
            return bytes(await found.download_as_bytearray())
    except Misconfigured:
        # PTB's word for a 404, which means here that the path is not good any more.
        raise Unavailable("Telegram does not know the path of the file any more") from None
    except BotError as error:
        # PTB's texts may name what was asked for.
        told = "Telegram broke off the download of a file"
        raise (Rejected if isinstance(error, Rejected) else Unavailable)(told) from None
