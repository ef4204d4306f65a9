"""Files that the bot sends: a stored one, an upload, or a URL that is really fetched.

As with the real one, the content of a file decides how it arrives: a video that is not an MP4
arrives as a document.
"""

from collections.abc import Mapping
from typing import Any

import aiohttp

from sandbox.files.facts import facts_of
from sandbox.files.kinds import mime_of, size_of_picture
from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.state.files import Files, StoredFile
from sandbox.telegram.state.shown import shown

URL_PHOTO_LIMIT = 5 * 1024 * 1024
URL_LIMIT = 20 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
LOOKED_INTO = 10 * 1024 * 1024  #: bytes of a video up to which Telegram finds size and length
_NAMED = ("width", "height", "duration", "title", "performer")
#: Documents that Telegram fetches by URL.
_BY_URL = {"application/pdf", "application/zip", "image/gif"}
_GONE = "failed to get HTTP URL content"
_STRANGE = "wrong type of the web page content"


class Media:
    """Turns the value of a file parameter into the part of a message."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def accept(self, kind: str, value: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{kind: object}``, or ``{"document": object}``. Raises in Telegram's words.

        ``given`` may name width, height, duration, title and performer of an upload."""
        if isinstance(value, tuple):
            name, content = value
            if kind == "photo" and len(content) > PHOTO_LIMIT:
                raise bad_request("file is too big")
            if len(content) > UPLOAD_LIMIT:
                raise ApiError(413, "Request Entity Too Large")
            if not content:
                raise bad_request("file must be non-empty")
            facts = _facts(kind, content, given)
            stored = self._files.store(content, name, mime_of(content), facts)
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
            # What the sender says beside a link is not looked at.
            stored = self._files.store(content, name, mime, _facts(kind, content, {}))
            self._files.fetched_urls[url] = stored
            return stored
        raise bad_request(self._files.failed_urls[url])


def _facts(kind: str, content: bytes, given: Mapping[str, Any]) -> dict[str, Any]:
    """What Telegram keeps of an upload. It does not look into a large video: without the
    sender's numbers that one is a square of 0 s."""
    facts = facts_of(content)
    found = {"width": facts.width, "height": facts.height, "duration": facts.seconds}
    if kind == "video" and len(content) > LOOKED_INTO:
        found = {"width": 320, "height": 320, "duration": 0}
    return {**found, **{name: given[name] for name in _NAMED if given.get(name)}}
