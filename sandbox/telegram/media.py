"""Files that the bot sends: a stored one again, an upload, or a URL that is really fetched."""

import struct
from typing import Any

import aiohttp

from sandbox.telegram.errors import bad_request
from sandbox.telegram.state import State, StoredFile

URL_PHOTO_LIMIT = 5 * 1024 * 1024
URL_LIMIT = 20 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
_MIMES = {
    "photo": "image/png",
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "voice": "audio/ogg",
}


class Media:
    """Turns the value of a file parameter into the object in the message."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def accept(self, kind: str, value: Any) -> Any:
        """A PhotoSize list or a Document, Video or Audio. Raises in Telegram's words."""
        if isinstance(value, tuple):
            name, content = value
            if len(content) > (PHOTO_LIMIT if kind == "photo" else UPLOAD_LIMIT):
                raise bad_request("file is too big")
            stored = self._state.store_file(content, name, _MIMES.get(kind, "image/png"))
        elif isinstance(value, str) and value.startswith(("http://", "https://")):
            content = await self._fetch(kind, value)
            stored = self._state.store_file(content, f"{kind}.png", _MIMES.get(kind, "image/png"))
        else:
            found = self._state.files.get(str(value))
            if found is None:
                raise bad_request("wrong file identifier/HTTP URL specified")
            stored = found
        return _as_api(kind, stored)

    async def _fetch(self, kind: str, url: str) -> bytes:
        # Telegram keeps what it got from a URL for days, failures included.
        if url in self._state.failed_urls:
            raise bad_request(self._state.failed_urls[url])
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as session,
                session.get(url) as response,
            ):
                content = await response.read()
                status = response.status
        except (aiohttp.ClientError, TimeoutError):
            content, status = b"", 0
        limit = URL_PHOTO_LIMIT if kind == "photo" else URL_LIMIT
        if status != 200 or len(content) > limit:
            self._state.failed_urls[url] = "failed to get HTTP URL content"
        elif kind == "photo" and _size(content) is None:
            self._state.failed_urls[url] = "wrong type of the web page content"
        else:
            return content
        raise bad_request(self._state.failed_urls[url])


def _as_api(kind: str, stored: StoredFile) -> Any:
    common = {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
    }
    if kind != "photo":
        timed = {"duration": 1} if kind in {"video", "audio", "voice"} else {}
        sized = {"width": 640, "height": 360} if kind == "video" else {}
        named = {"file_name": stored.name, "mime_type": stored.mime}
        return {**common, **named, **timed, **sized}
    size = _size(stored.content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = size
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return [{**common, "width": width, "height": height}]


def _size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or JPEG; None: it is neither."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) > 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content.startswith(b"\xff\xd8"):
        return 1024, 1024
    return None
