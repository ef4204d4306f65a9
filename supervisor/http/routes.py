"""The interface of an HTTP route, independent of the HTTP library.

Only this room knows aiohttp's server. ``handlers/`` and ``kie/`` implement ``Route``.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Protocol

from supervisor.values.record import record


@record
class Head:
    """A request before its body was read."""

    method: str
    path: str
    captured: Mapping[str, str]  #: the named parts of the route's pattern
    headers: Mapping[str, str]  #: the case of a name does not matter
    peer: str = ""  #: the address of the peer, which may be a proxy
    version: tuple[int, int] = (1, 1)  #: the HTTP version


@record
class Reply:
    """An answer. Its body contains no version, no traceback and no secret."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class Route(Protocol):
    """One method and path. ``Unavailable`` is answered with 503 and ``Retry-After``; any other
    exception with an empty 500 and a log line."""

    method: str
    pattern: str  #: such as ``/callbacks/kie/{job}/{signature}``
    max_body: int  #: bytes; a longer body is answered with 413

    def admit(self, head: Head) -> Reply | None:
        """Decide from the head, before the body is read. None admits the request."""
        ...

    async def answer(self, head: Head, body: bytes) -> Reply:
        """Answer an admitted request with its complete body."""
        ...
