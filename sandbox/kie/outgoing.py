"""The simulator's own requests: it fetches files and sends callbacks, as kie.ai does."""

import asyncio
from collections.abc import Mapping

import aiohttp

from sandbox.files.kinds import mime_of

FETCH_SECONDS = 10.0
FETCH_LIMIT = 200 * 1024 * 1024


class WrongKind(Exception):
    """A file among the input is of another kind than its field wants."""


class Outgoing:
    """Open between ``open`` and ``close``."""

    def __init__(self) -> None:
        self._http: aiohttp.ClientSession | None = None

    def open(self) -> None:
        self._http = aiohttp.ClientSession()

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def fetch(self, url: str, seconds: float) -> bytes:
        """The content of ``url``. Raises ``OSError`` when it cannot be had."""
        timeout = aiohttp.ClientTimeout(seconds)
        try:
            async with self._session().get(url, timeout=timeout) as response:
                if response.status != 200:
                    raise OSError(f"HTTP {response.status}")
                content = await response.content.read(FETCH_LIMIT + 1)
                while not response.content.at_eof() and len(content) <= FETCH_LIMIT:
                    content += await response.content.read(FETCH_LIMIT + 1 - len(content))
                return content
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise OSError(type(error).__name__) from None

    async def check_files(self, files: list[tuple[str, str]]) -> None:
        """Fetch (kind, URL) pairs. Raises ``OSError`` or ``WrongKind``."""
        found = await asyncio.gather(
            *(self.fetch(url, FETCH_SECONDS) for _, url in files), return_exceptions=True
        )
        for (kind, url), content in zip(files, found, strict=True):
            if not isinstance(content, bytes):
                raise OSError(url)
            mime = mime_of(content)
            # An MP4 may hold nothing but sound.
            if mime.partition("/")[0] != kind and (kind, mime) != ("audio", "video/mp4"):
                raise WrongKind(url)

    async def post(self, url: str, body: str, headers: Mapping[str, str], seconds: float) -> int:
        """The status of the answer; 0: there was none."""
        timeout = aiohttp.ClientTimeout(seconds)
        try:
            async with self._session().post(
                url, data=body, headers=headers, timeout=timeout
            ) as response:
                return response.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    def _session(self) -> aiohttp.ClientSession:
        assert self._http is not None, "open() comes first"
        return self._http
