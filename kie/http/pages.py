"""Recognises what something in between sends with status 200 in place of a file.

Such a page is no result: a check of the browser, a notice of maintenance, an error as JSON or XML.
It would be sent to the user as a document, and paid for.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from supervisor.runtime.errors import Unavailable

#: Endings of files that never begin with markup or a brace.
_MEDIA = re.compile(
    r"\.(?:png|jpe?g|webp|gif|avif|bmp|mp4|mov|webm|mkv|m4v|mp3|wav|m4a|aac|ogg|opus|flac)\Z", re.I
)
_PAGE = re.compile(rb"<!doctype\s+html|<html[\s>]", re.I)
ENOUGH = 20  #: bytes that tell a page from a file
MOST_BLANK = 4096  #: bytes of blanks before them
_BLANK = b"\xef\xbb\xbf \t\r\n"


def of_a_file(url: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """``chunks``, the body behind ``url``. Raises ``Unavailable`` when it is empty or a page."""
    held, judged = b"", False
    for chunk in chunks:
        if judged:
            yield chunk
            continue
        held += chunk
        judged = len(held.lstrip(_BLANK)) >= ENOUGH or len(held) > MOST_BLANK
        if judged:
            _judge(url, held)
            yield held
    if not judged:
        _judge(url, held)
        yield held


def is_page(chunks: Iterable[bytes]) -> bool:
    """Whether the body of a refusal is a page for people. Reads no more than tells it. A storage
    refuses in XML or JSON, and without a body."""
    held = b""
    for chunk in chunks:
        held += chunk
        if len(held.lstrip(_BLANK)) >= ENOUGH or len(held) > MOST_BLANK:
            break
    return _PAGE.match(held.lstrip(_BLANK)) is not None


def _judge(url: str, held: bytes) -> None:
    beginning = held.lstrip(_BLANK)
    if not beginning:
        raise Unavailable("the result is empty")
    media = _MEDIA.search(urlsplit(url).path) is not None
    if beginning.startswith((b"<", b"{")) if media else _PAGE.match(beginning):
        raise Unavailable("the result answers with a page of something in between")
