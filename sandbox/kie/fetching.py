"""The files among a task's input, fetched as kie.ai fetches them."""

import asyncio

import aiohttp

from sandbox.kie.inputs import LOOKS_TRANSIENT, Refusal

FETCH_SECONDS = 10.0
FETCH_LIMIT = 200 * 1024 * 1024
_STARTS = {
    "image": (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8"),
    "video": (b"\x1aE\xdf\xa3",),
    "audio": (b"ID3", b"OggS", b"fLaC", *(bytes([0xFF, n]) for n in range(0xE0, 0x100))),
}
_RIFF = {b"WEBP": "image", b"WAVE": "audio", b"AVI ": "video"}


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
        if not is_kind(kind, content):
            raise Refusal(500, "File type not supported")


def is_kind(kind: str, content: bytes) -> bool:
    """Whether these bytes begin as a file of that kind does."""
    if content[4:8] == b"ftyp":
        return kind in {"video", "audio"}
    if content.startswith(b"RIFF"):
        return _RIFF.get(content[8:12]) == kind
    return content.startswith(_STARTS[kind])
