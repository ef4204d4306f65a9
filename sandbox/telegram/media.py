"""Files on their way between bot and users: a stored one again, an upload, or a URL that is
really fetched. What a file is decides how it arrives, as with the real one: a video that is no
MP4 arrives as a document.
"""

from typing import Any

import aiohttp

from sandbox.files.kinds import mime_of, size_of_picture
from sandbox.telegram.errors import bad_request
from sandbox.telegram.state import State, StoredFile

URL_PHOTO_LIMIT = 5 * 1024 * 1024
URL_LIMIT = 20 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
#: What may arrive as each kind; anything else of these kinds becomes a document.
_SHOWN_AS = {
    "video": {"video/mp4"},
    "audio": {"audio/mpeg", "audio/mp4", "video/mp4"},
    "voice": {"audio/ogg", "audio/mpeg", "audio/mp4", "video/mp4"},
}
#: Documents that Telegram fetches by URL.
_BY_URL = {"application/pdf", "application/zip", "image/gif"}
_GONE = "failed to get HTTP URL content"
_STRANGE = "wrong type of the web page content"


class Media:
    """Turns the value of a file parameter into the part of a message."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def accept(self, kind: str, value: Any) -> dict[str, Any]:
        """``{kind: object}``, or ``{"document": object}``. Raises in Telegram's words."""
        if isinstance(value, tuple):
            name, content = value
            if len(content) > (PHOTO_LIMIT if kind == "photo" else UPLOAD_LIMIT):
                raise bad_request("file is too big")
            if not content:
                raise bad_request("file must be non-empty")
            stored = self._state.store_file(content, name, mime_of(content))
        elif isinstance(value, str) and value.startswith(("http://", "https://")):
            stored = await self._fetched(kind, value)
        else:
            found = self._state.files.get(str(value))
            if found is None:
                raise bad_request("wrong file identifier/HTTP URL specified")
            stored = found
        return shown(self._state, kind, stored)

    async def _fetched(self, kind: str, url: str) -> StoredFile:
        # Telegram keeps what it got from a URL for days, failures included.
        if url in self._state.failed_urls:
            raise bad_request(self._state.failed_urls[url])
        if url in self._state.fetched_urls:
            return self._state.fetched_urls[url]
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
        mime = mime_of(content)
        if status != 200 or len(content) > limit:
            self._state.failed_urls[url] = _GONE
        elif (kind == "photo" and size_of_picture(content) is None) or (
            kind == "document" and mime not in _BY_URL
        ):
            self._state.failed_urls[url] = _STRANGE
        else:
            name = url.partition("?")[0].rpartition("/")[2] or kind
            stored = self._state.store_file(content, name, mime)
            self._state.fetched_urls[url] = stored
            return stored
        raise bad_request(self._state.failed_urls[url])


def shown(state: State, kind: str, stored: StoredFile) -> dict[str, Any]:
    """The part of a message that holds this file. Raises for what is no photo."""
    if kind == "photo":
        return {"photo": _sizes(state, stored)}
    if stored.mime not in _SHOWN_AS.get(kind, {stored.mime}):
        kind = "document"
    common = {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
        "mime_type": stored.mime,
    }
    if kind == "document":
        return {kind: {**common, "file_name": stored.name}}
    if kind == "voice":
        return {kind: {**common, "duration": 2}}
    sized = {"width": 256, "height": 144} if kind == "video" else {}
    return {kind: {**common, "duration": 2, "file_name": stored.name, **sized}}


def _sizes(state: State, stored: StoredFile) -> list[dict[str, Any]]:
    """A photo in its sizes, the smallest first: the original is the last one."""
    size = size_of_picture(stored.content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = size
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    small = state.thumbnail()
    found = {"file_id": small.file_id, "file_unique_id": small.unique_id}
    thumbnail = {**found, "file_size": len(small.content), "width": 90, "height": 90}
    own = {"file_id": stored.file_id, "file_unique_id": stored.unique_id}
    return [thumbnail, {**own, "file_size": len(stored.content), "width": width, "height": height}]
