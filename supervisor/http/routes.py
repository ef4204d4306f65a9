"""What an HTTP route looks like to the packages that have one to offer.

The listener (``supervisor/http/listener.py``) is the only place that knows the HTTP
library; handlers/ and kie/ hand it objects of this shape through ``run.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Head:
    """A request before its body was read."""

    method: str
    path: str
    captured: Mapping[str, str]  #: the named parts of the route's pattern
    headers: Mapping[str, str]  #: found by their names in whatever case
    peer: str = ""  #: the address of whoever is connected to us, which may be a proxy
    version: tuple[int, int] = (1, 1)  #: of HTTP


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. The body never holds a version, a trace or a secret."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class Route(Protocol):
    """One method and path. Raises only children of ``BotError``: an ``Unavailable``
    becomes 503 with ``Retry-After``, anything else a bare 500 and a log line."""

    method: str
    pattern: str  #: such as ``/callbacks/kie/{job}/{signature}``
    max_body: int  #: bytes; one more is answered 413

    def admit(self, head: Head) -> Reply | None:
        """Decide before a byte of the body is read; None lets the request in."""
        ...

    async def answer(self, head: Head, body: bytes) -> Reply:
        """The request was admitted and its body is complete."""
        ...
