"""The short way of the usual webhook request: no object of aiohttp, no task, no timer for it.

A request is usual when one read of the socket brings it whole, when its head has the plain form
below, and when its route admits it. Everything else takes aiohttp's ordinary way, so each refusal
and each oddity is decided there, and only there. The short way decides nothing by itself: the same
``admit`` looks at the same head before the body is looked at.

A proxy sends callbacks and updates on the same connections, and a long request in pieces. So a
connection comes back to the short way when aiohttp has nothing of a request (``length_of``).
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Protocol

from supervisor.http.exchange import Refusals, later
from supervisor.http.routes import Head, Reply, Route
from supervisor.runtime.errors import BotError, Disposition

LONGEST_HEAD = 4096  #: bytes
LONGEST_BODY = 64 * 1024  #: bytes; longer ones are read off the event loop by the ordinary way
MOST_FIELDS = 64
MOST_HEADS = 256  #: that are kept as they were read
#: A plain head: one path without a query, names of tokens, values of printable ASCII.
_HEAD = re.compile(rb"POST (/[A-Za-z0-9_/-]*) HTTP/1\.1((?:\r\n[A-Za-z0-9_-]+:[ -~]*)+)")
#: The same for any request that is read like that.
_ANY_HEAD = re.compile(rb"(?:GET|HEAD|POST) /[!-~]* HTTP/1\.1((?:\r\n[A-Za-z0-9_-]+:[ -~]*)+)")
#: Fields that change how a request is framed or answered.
_UNUSUAL = {"transfer-encoding", "content-encoding", "expect", "upgrade", "trailer", "te"}
_STATUS = {200: b"200 OK", 500: b"500 Internal Server Error", 503: b"503 Service Unavailable"}

Answer = Callable[[Reply], None]


class ShortRoute(Route, Protocol):
    """A route whose pattern ends with one captured part, ``{id}``."""

    def take(self, body: bytes, done: Callable[[BotError | None], None]) -> None:
        """Begin with the body of an admitted request. ``done`` is called once, in the event loop,
        perhaps at once; None: it is to be answered as ``answer`` does. Raises nothing."""
        ...


@dataclass(frozen=True, slots=True)
class _Plain:
    """A head of the plain form."""

    path: str
    captured: Mapping[str, str]
    fields: Mapping[str, str]
    size: int  #: bytes of the body


class ShortWay:
    """The short way to one route."""

    def __init__(self, route: ShortRoute) -> None:
        self._route = route
        self._prefix = route.pattern.partition("{")[0]
        self._refusals = Refusals(route.pattern)
        self._second, self._date = -1, b""
        self._admitted: dict[bytes, _Plain] = {}

    def takes(self, data: bytes, peer: Callable[[], str], answer: Answer) -> bool:
        """Whether ``data`` is a usual request; if so, ``answer`` is called with its reply."""
        end = data.find(b"\r\n\r\n", 0, LONGEST_HEAD)
        if end < 0:
            return False
        raw = data[:end]
        known = self._admitted.get(raw)
        found = self._plain(raw) if known is None else known
        if found is None or len(data) != end + 4 + found.size:
            return False
        head = Head("POST", found.path, found.captured, found.fields, peer())
        if self._route.admit(head) is not None:
            return False
        if known is None:
            self._remember(raw, found)
        try:
            self._route.take(data[end + 4 :], lambda error: answer(self._reply(error)))
        except Exception as error:  # noqa: BLE001 the outermost handler: an empty 500 and a log line
            self._refusals.failed(error)
            answer(Reply(500))
        return True

    def _plain(self, raw: bytes) -> "_Plain | None":
        """The head as it is read; None: it is not plain, or of another route."""
        plain = _HEAD.fullmatch(raw)
        if plain is None:
            return None
        path, fields = plain[1].decode(), _fields(plain[2])
        if fields is None or not path.startswith(self._prefix):
            return None
        length = fields.get("content-length", "")
        if not (length.isdecimal() and len(length) <= 5 and "host" in fields):
            return None
        captured = {"id": path[len(self._prefix) :]}
        if int(length) > LONGEST_BODY or "/" in captured["id"]:
            return None
        return _Plain(path, captured, fields, int(length))

    def _remember(self, raw: bytes, plain: "_Plain") -> None:
        """Heads of one sender differ in the length of the body, and in nothing else. Only admitted
        ones are kept: nobody else can fill the memory."""
        if len(self._admitted) >= MOST_HEADS:
            self._admitted.clear()
        self._admitted[raw] = plain

    def bytes_of(self, reply: Reply) -> bytes:
        """``reply`` as it is sent; the connection stays open."""
        second = int(asyncio.get_running_loop().time())
        if second != self._second:
            self._second, self._date = second, formatdate(usegmt=True).encode()
        extra = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
        return b"HTTP/1.1 %b\r\nContent-Type: %b\r\n%bContent-Length: %d\r\nDate: %b\r\n\r\n%b" % (
            _STATUS[reply.status],
            reply.content_type.encode(),
            extra.encode(),
            len(reply.body),
            self._date,
            reply.body,
        )

    def _reply(self, error: BotError | None) -> Reply:
        if error is None:
            return Reply(200)
        if error.disposition is Disposition.GIVE_UP:
            self._refusals.failed(error)
            return Reply(500)
        self._refusals.later(error)
        return later()


def length_of(data: bytes) -> int | None:
    """Bytes of the request with which ``data`` begins; None: its head is not plain, or cut."""
    end = data.find(b"\r\n\r\n", 0, LONGEST_HEAD)
    plain = _ANY_HEAD.fullmatch(data, 0, max(0, end))
    fields = None if plain is None else _fields(plain[1])
    length = "" if fields is None else fields.get("content-length", "0")
    return end + 4 + int(length) if length.isdecimal() and len(length) <= 9 else None


def _fields(lines: bytes) -> dict[str, str] | None:
    """The fields by their names in lower case; None: one of them makes the request unusual."""
    found: dict[str, str] = {}
    if lines.count(b"\r\n") > MOST_FIELDS:
        return None
    for line in lines.decode("ascii").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        name = name.lower()
        if name in found or name in _UNUSUAL:
            return None
        found[name] = value.strip(" ")
    if found.get("connection", "keep-alive").lower() != "keep-alive":
        return None
    return found
