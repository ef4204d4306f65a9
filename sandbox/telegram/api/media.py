"""Files on their way between bot and users: a stored one again, an upload, or a URL that is
really fetched. What a file is decides how it arrives, as with the real one: a video that is no
MP4 arrives as a document.
"""

from typing import Any

import aiohttp

from sandbox.files.kinds import mime_of, size_of_picture
from sandbox.telegram.errors import bad_request
from sandbox.telegram.state.files import Files, StoredFile
from sandbox.telegram.state.shown import shown

URL_PHOTO_LIMIT = 5 * 1024 * 1024
URL_LIMIT = 20 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
#: Documents that Telegram fetches by URL.
_BY_URL = {"application/pdf", "application/zip", "image/gif"}
_GONE = "failed to get HTTP URL content"
_STRANGE = "wrong type of the web page content"


class Media:
    """Turns the value of a file parameter into the part of a message."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def accept(self, kind: str, value: Any) -> dict[str, Any]:
        """``{kind: object}``, or ``{"document": object}``. Raises in Telegram's words."""
        if isinstance(value, tuple):
            name, content = value
            if len(content) > (PHOTO_LIMIT if kind == "photo" else UPLOAD_LIMIT):
                raise bad_request("file is too big")
            if not content:
                raise bad_request("file must be non-empty")
            stored = self._files.store(content, name, mime_of(content))
        elif isinstance(value, str) and value.startswith(("http://", "https://")):
            stored = await self._fetched(kind, value)
        else:
            found = self._files.stored.get(str(value))
            if found is None:
                raise bad_request("wrong file identifier/HTTP URL specified")
            stored = found
        return shown(self._files, kind, stored)

    async def _fetched(self, kind: str, url: str) -> StoredFile:
        # Telegram keeps what it got from a URL for days, failures included.
        if url in self._files.failed_urls:
            raise bad_request(self._files.failed_urls[url])
        if url in self._files.fetched_urls:
            return self._files.fetched_urls[url]
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
            self._files.failed_urls[url] = _GONE
        elif (kind == "photo" and size_of_picture(content) is None) or (
            kind == "document" and mime not in _BY_URL
        ):
            self._files.failed_urls[url] = _STRANGE
        else:
            name = url.partition("?")[0].rpartition("/")[2] or kind
            stored = self._files.store(content, name, mime)
            self._files.fetched_urls[url] = stored
            return stored
        raise bad_request(self._files.failed_urls[url])
