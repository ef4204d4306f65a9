"""HTTP to kie.ai's hosts: one call, with time limits that hold, and errors that say what is known.

The time limit of a call covers all of its answer, head and body: a limit per read, which
is all that requests offers, never strikes when a byte comes every second.
"""

import http.client
import io
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from kie.api.envelope import Answer
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import OutcomeUnknown, Rejected, Unavailable
from supervisor.runtime.secret import Secret

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0  #: between two bytes
ANSWER_SECONDS = 30.0  #: from the end of the request to the end of its answer
UPLOAD_SECONDS = 90.0  #: for sending a file
DOWNLOAD_SECONDS = 120.0
LABEL_SECONDS = 4.0
#: kie.ai's own answers have a few kilobytes.
ANSWER_LIMIT = 4 * 1024 * 1024

#: Takes the pieces of a file, in order.
Write = Callable[[bytes], object]

#: What requests raises before it opens a connection.
_UNWRITABLE = (
    requests.exceptions.InvalidJSONError,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)


class NotFound(Unavailable):
    """A result's link answers 404: too fresh, or expired."""


class Gone(Rejected):
    """A result's link does not lead anywhere any more."""


class TooLarge(Rejected):
    """More bytes than the caller can use."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a link says of its file without giving it."""

    size: int
    mime: str


class Transport:
    """Thread-safe; each thread has HTTP sessions of its own."""

    def __init__(self, *, key: Secret, version: str, clock: Clock) -> None:
        self._key = key
        # Requests without a name of their own are refused by kie.ai's front now and then.
        self._user_agent = f"trt/{version}"
        self._clock = clock
        self._local = threading.local()

    def call(self, method: str, url: str, *, fresh: bool = False, **request: Any) -> Answer:
        """One request to kie.ai with our key, and its answer.

        ``fresh``: on a connection of its own; one that was kept and has died meanwhile would
        leave a doubt about a call that never arrived. Raises ``Unavailable`` when the request
        surely never left, ``Rejected`` when it cannot even be written down, ``OutcomeUnknown``
        when there is no readable answer to it.
        """
        if not fresh:
            return self._call(self._session("calls", ANSWER_SECONDS), method, url, request)
        with self._new_session(ANSWER_SECONDS) as session:
            return self._call(session, method, url, request)

    def upload(self, url: str, name: str, content: bytes, mime: str, folder: str) -> Answer:
        """A file as a multipart form. Raises as ``call`` does."""
        form = {
            "files": {"file": (name, content, mime)},
            "data": {"uploadPath": folder, "fileName": name},
            # urllib3 sends under the limit for connecting.
            "timeout": (UPLOAD_SECONDS, UPLOAD_SECONDS),
        }
        return self._call(self._session("calls", ANSWER_SECONDS), "POST", url, form)

    def download(self, url: str, write: Write, limit: int) -> None:
        """Hand the bytes of a result, which needs no key, to ``write``, piece by piece.

        Raises ``Unavailable`` (not readable at the moment; fresh links fail for seconds),
        ``Gone``, ``TooLarge``, or what ``write`` raises.
        """
        try:
            with self._session("downloads", DOWNLOAD_SECONDS).get(
                url,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                stream=True,
                headers={"Authorization": None, "Accept": "*/*"},
            ) as response:
                if response.status_code in {403, 410}:
                    raise Gone(f"the result is gone (HTTP {response.status_code})")
                if response.status_code == 404:
                    raise NotFound("the result is not there (HTTP 404)")
                if response.status_code != 200:
                    raise Unavailable(f"the result answers HTTP {response.status_code}")
                for chunk in _chunks(response, limit):
                    write(chunk)
        except requests.RequestException as error:
            raise Unavailable(f"the result cannot be read ({type(error).__name__})") from None

    def label(self, url: str) -> Label | None:
        """What a result's link says of it; None: nothing is there yet, or it does not say."""
        try:
            with self._session("labels", LABEL_SECONDS).head(
                url,
                timeout=LABEL_SECONDS,
                allow_redirects=True,
                # Compressed it would have another length.
                headers={"Authorization": None, "Accept": "*/*", "Accept-Encoding": "identity"},
            ) as response:
                size = response.headers.get("Content-Length", "")
                mime = response.headers.get("Content-Type", "")
                known = response.status_code == 200 and size.isdecimal()
                return Label(int(size), mime.lower()) if known else None
        except requests.RequestException:
            return None

    # ------------------------------------------------------------- internal --

    def _call(
        self, session: requests.Session, method: str, url: str, request: dict[str, Any]
    ) -> Answer:
        options = {"timeout": (CONNECT_SECONDS, READ_SECONDS), **request}
        try:
            with session.request(
                method, url, allow_redirects=False, stream=True, **options
            ) as response:
                body = b"".join(_chunks(response, ANSWER_LIMIT))
                return Answer(response.status_code, body)
        except _UNWRITABLE as error:
            raise Rejected(f"the request cannot be written down ({type(error).__name__})") from None
        except requests.ConnectTimeout:
            raise Unavailable("kie.ai cannot be reached (connecting timed out)") from None
        except requests.ConnectionError as error:
            # Refused or never resolved: nothing was sent. Anything else may have arrived.
            if _never_left(error):
                raise Unavailable("kie.ai cannot be reached (connection refused)") from None
            raise OutcomeUnknown("kie.ai: the connection broke") from None
        except (requests.RequestException, Rejected) as error:
            raise OutcomeUnknown(f"kie.ai: no readable answer ({type(error).__name__})") from None

    def _session(self, name: str, seconds: float) -> requests.Session:
        session: requests.Session | None = getattr(self._local, name, None)
        if session is None:
            session = self._new_session(seconds)
            setattr(self._local, name, session)
        return session

    def _new_session(self, seconds: float) -> requests.Session:
        session = requests.Session()
        # No proxy or netrc of the environment may see or replace the key.
        session.trust_env = False
        session.headers.update(
            {
                "Authorization": f"Bearer {self._key.reveal()}",
                "User-Agent": self._user_agent,
                "Accept": "application/json",
            }
        )
        adapter = _BoundedAdapter(self._clock, seconds)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session


class _BoundedAdapter(HTTPAdapter):
    """Makes connections whose answers must be complete within ``seconds``."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        clock, seconds = self._clock, self._seconds

        class Response(http.client.HTTPResponse):
            def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
                within: Any = _Within(sock, clock, clock.now() + seconds)
                super().__init__(within, *args, **kwargs)

        class Plain(urllib3.connection.HTTPConnection):
            response_class = Response

        class Encrypted(urllib3.connection.HTTPSConnection):
            response_class = Response

        class PlainPool(urllib3.HTTPConnectionPool):
            ConnectionCls = Plain

        class EncryptedPool(urllib3.HTTPSConnectionPool):
            ConnectionCls = Encrypted

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}


class _Within:
    """The part of a socket that an HTTP answer is read from, until a moment in time."""

    def __init__(self, sock: socket.socket, clock: Clock, deadline: float) -> None:
        self._sock = sock
        self._clock = clock
        self._deadline = deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        del mode  # http.client reads bytes
        return io.BufferedReader(_Incoming(self._sock, self._clock, self._deadline))


class _Incoming(io.RawIOBase):
    """What comes from the socket. Raises ``TimeoutError`` when it takes too long as a whole."""

    def __init__(self, sock: socket.socket, clock: Clock, deadline: float) -> None:
        self._sock = sock
        # Keeps the socket open until the answer is read, whoever closes it meanwhile.
        self._raw = sock.makefile("rb", buffering=0)
        self._clock = clock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - self._clock.now()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._sock.settimeout(min(READ_SECONDS, left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _chunks(response: requests.Response, limit: int) -> Iterator[bytes]:
    """The body, piece by piece. Raises ``TooLarge``, at once where its length is told."""
    told = response.headers.get("Content-Length", "")
    if told.isdecimal() and int(told) > limit:
        raise TooLarge(f"{told} bytes, more than {limit}")
    size = 0
    for chunk in response.iter_content(64 * 1024):
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"more than {limit} bytes")
        yield chunk


def _never_left(error: requests.ConnectionError) -> bool:
    """Whether the connection was never made. urllib3 wraps the cause two levels deep."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return type(reason).__name__ in {"NewConnectionError", "NameResolutionError"}
