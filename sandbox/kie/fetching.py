"""The files among a task's input, fetched as kie.ai fetches them."""

import asyncio

import aiohttp

from sandbox.files.kinds import mime_of
from sandbox.kie.inputs import LOOKS_TRANSIENT, Refusal

FETCH_SECONDS = 10.0
FETCH_LIMIT = 200 * 1024 * 1024


async def fetch(http: aiohttp.ClientSession, url: str, seconds: float) -> bytes:
    """The content. Raises ``OSError`` when it cannot be had."""
    try:
        async with http.get(url, timeout=aiohttp.ClientTimeout(seconds)) as response:
            if response.status != 200:
                raise OSError(f"HTTP {response.status}")
            content = await response.content.read(FETCH_LIMIT + 1)
            while not response.content.at_eof() and len(content) <= FETCH_LIMIT:
                content += await response.content.read(FETCH_LIMIT + 1 - len(content))
            return content
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise OSError(type(error).__name__) from None


async def check_files(http: aiohttp.ClientSession, files: list[tuple[str, str]]) -> None:
    """Kinds and URLs. Raises ``Refusal`` in kie.ai's misleading words."""
    found = await asyncio.gather(
        *(fetch(http, url, FETCH_SECONDS) for _, url in files), return_exceptions=True
    )
    for (kind, _), content in zip(files, found, strict=True):
        if not isinstance(content, bytes):
            raise Refusal(500, LOOKS_TRANSIENT)
        mime = mime_of(content)
        # An MP4 may hold nothing but sound.
        if mime.partition("/")[0] != kind and (kind, mime) != ("audio", "video/mp4"):
            raise Refusal(500, "File type not supported")
