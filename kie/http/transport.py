"""HTTP calls to kie.ai's hosts, with time limits, and errors that say what is known.

``attempt.py`` keeps the time limits and records whether a byte was sent. Rules:

1. A failure before the first byte of the request was sent had no effect: the name is not found, no
   connection, a certificate that is not trusted, a proxy that refuses.
2. After a failure later than that the outcome is unknown, unless a readable answer came.
3. Proxies and certificates follow ``supervisor/settings/outgoing.py``. requests reads nothing else
   from the environment, so a netrc file cannot replace the key.
4. A result is fetched without the key, and only from links that ``link_policy.py`` allows; each
   redirect is checked as well. A link that can never work is reported as ``Gone`` at once.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import requests

from kie.http import pages
from kie.http.answer import Answer
from kie.http.attempt import CONNECT_SECONDS, READ_SECONDS, Attempt, AttemptAdapter, Current, Lines
from kie.http.link_policy import LinkPolicy
from kie.http.not_sent import find_cause, not_sent
from supervisor.network.connect import Connector, Forbidden
from supervisor.runtime.clock import Clock, SystemClock
from supervisor.runtime.errors import BotError, OutcomeUnknown, Rejected, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.settings.outgoing import Outgoing
from supervisor.values.foreign import printable, whole_text

SEND_SECONDS = 20.0
ANSWER_SECONDS = 30.0  #: from the end of the request to the end of its answer
UPLOAD_SECONDS = 90.0  #: for sending a file
DOWNLOAD_SECONDS = 120.0
FILE_INFO_SECONDS = 4.0
#: Seconds for a call as a whole: name, connection, handshakes, request, answer, redirects. Below
#: ``progress.SILENCE``, or in steps, so that a long call does not look like a hang.
CALL_WITHIN, UPLOAD_WITHIN, DOWNLOAD_WITHIN, FILE_INFO_WITHIN = 50.0, 130.0, 150.0, 15.0
MOST_REDIRECTS = 5
#: Bytes of an answer. Those of kie.ai have a few kilobytes.
ANSWER_LIMIT = 4 * 1024 * 1024

#: Called with the pieces of a file, in order.
Write = Callable[[bytes], object]

#: Exceptions of requests for a request that can never be written.
_UNWRITABLE = (
    requests.exceptions.InvalidJSONError,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)
#: Statuses of a link that will never work. 404 is not among them: a new link may need seconds.
_DEAD = {400, 401, 403, 405, 410, 414, 451}
#: Those of them that something in between uses, too.
_REFUSED = {401, 403}


class NotFound(Unavailable):
    """The link of a result answers 404, or something in between refuses it: it is too new, or
    expired."""


class Gone(Rejected):
    """The link of a result will never work."""


class TooLarge(Rejected):
    """The body has more bytes than the caller accepts."""


@dataclass(frozen=True, slots=True)
class FileInfo:
    """The answer to a HEAD request."""

    size: int
    mime: str


class Transport:
    """Thread-safe; each thread has HTTP sessions of its own."""

    def __init__(
        self,
        *,
        key: Secret,
        version: str,
        clock: Clock,
        policy: LinkPolicy,
        outgoing: Outgoing | None = None,
        step: Callable[[], None] = lambda: None,
    ) -> None:
        """``step`` is called whenever a call makes progress, in the thread that makes it."""
        self._key = key
        self._step = step
        # kie.ai's front end sometimes refuses requests without a User-Agent of their own.
        self._user_agent = f"trt/{version}"
        self._clock = clock
        self._policy = policy
        self._outgoing = Outgoing() if outgoing is None else outgoing
        self._context = self._outgoing.ssl_context()
        # Names of other hosts that nobody resolves must not take the lookups of kie.ai.
        self._connector, self._public_connector = Connector(SystemClock()), Connector(SystemClock())
        self._current = Current()
        self._local = threading.local()

    def call(
        self,
        method: str,
        url: str,
        *,
        fresh: bool = False,
        before: Callable[[], None] = lambda: None,
        **request: Any,
    ) -> Answer:
        """One request to kie.ai with our key, and its answer.

        ``before`` is called immediately before the first byte is sent, and may stop the call by
        raising. ``fresh``: use a new connection. A kept connection may have been closed by the
        server, and then the outcome of a call that never arrived would be unknown. Raises
        ``Unavailable`` when the request was surely not sent, ``Rejected`` when it can never be
        written, and ``OutcomeUnknown`` when it has no readable answer.
        """
        attempt = self._attempt(SEND_SECONDS, ANSWER_SECONDS, CALL_WITHIN, before)
        if not fresh:
            return self._call("calls", attempt, method, url, request)
        try:
            return self._call("creations", attempt, method, url, request)
        finally:
            self._session("creations").close()

    def upload(self, url: str, name: str, content: bytes, mime: str, folder: str) -> Answer:
        """A file as a multipart form. Raises as ``call`` does."""
        form = {
            "files": {"file": (name, content, mime)},
            "data": {"uploadPath": folder, "fileName": name},
        }
        attempt = self._attempt(UPLOAD_SECONDS, ANSWER_SECONDS, UPLOAD_WITHIN)
        return self._call("calls", attempt, "POST", url, form)

    def download(self, url: str, write: Write, limit: int) -> None:
        """Download a result and pass its bytes to ``write``, piece by piece.

        Raises ``Unavailable`` (not readable now; new links may fail for seconds), ``Gone``,
        ``TooLarge``, or what ``write`` raises.
        """
        self._current.attempt = self._attempt(SEND_SECONDS, DOWNLOAD_SECONDS, DOWNLOAD_WITHIN)
        try:
            with self._opened("downloads", "GET", url) as response:
                _judge(response)
                for chunk in pages.of_a_file(url, _chunks(response, limit)):
                    write(chunk)
        except requests.RequestException as error:
            raise Unavailable(f"the result cannot be read ({type(error).__name__})") from None

    def file_info(self, url: str) -> FileInfo | None:
        """Size and type of a result; None: it is not readable now, or the server does not say."""
        self._current.attempt = self._attempt(
            FILE_INFO_SECONDS, FILE_INFO_SECONDS, FILE_INFO_WITHIN
        )
        try:
            # A compressed body would have another length.
            plain = {"Accept-Encoding": "identity"}
            with self._opened("file-info", "HEAD", url, headers=plain) as response:
                size = whole_text(response.headers.get("Content-Length", ""), 0)
                mime = printable(response.headers.get("Content-Type", ""), 100)
                known = response.status_code == 200 and size is not None
                return FileInfo(size or 0, mime.lower()) if known else None
        except (requests.RequestException, BotError):
            return None

    # ------------------------------------------------------------- internal --

    def _attempt(
        self,
        send: float,
        answer: float,
        within: float,
        before: Callable[[], None] = lambda: None,
    ) -> Attempt:
        return Attempt(send, answer, self._clock.now() + within, before)

    def _opened(self, session: str, method: str, url: str, **options: Any) -> requests.Response:
        """The answer to a request for a result, after redirects. Raises ``Gone`` or an exception
        of requests."""
        limits = (CONNECT_SECONDS, READ_SECONDS)
        try:
            return self._session(session, public=True).request(
                method, url, timeout=limits, allow_redirects=True, stream=True, **options
            )
        # ValueError: Python cannot parse the address of a redirect.
        except (*_UNWRITABLE, requests.TooManyRedirects, ValueError) as error:
            raise Gone(f"the link of the result leads nowhere ({type(error).__name__})") from None
        except requests.RequestException as error:
            if find_cause(error, Forbidden) is not None:
                raise Gone("the link of the result leads into a private network") from None
            raise

    def _call(
        self, session: str, attempt: Attempt, method: str, url: str, request: dict[str, Any]
    ) -> Answer:
        self._current.attempt = attempt
        options = {"timeout": (CONNECT_SECONDS, READ_SECONDS), **request}
        try:
            with self._session(session).request(
                method, url, allow_redirects=False, stream=True, **options
            ) as response:
                body = b"".join(_chunks(response, ANSWER_LIMIT))
                return Answer(response.status_code, body)
        except TooLarge as error:
            raise OutcomeUnknown(f"kie.ai: no readable answer ({error})") from None
        except BotError:
            raise  # the veto of ``before``
        # ValueError: Python cannot read the answer, such as the address of a redirect.
        except (requests.RequestException, ValueError) as error:
            if attempt.begun:
                told = f"kie.ai: no readable answer ({type(error).__name__})"
                raise OutcomeUnknown(told) from None
            if isinstance(error, _UNWRITABLE) or not isinstance(error, requests.RequestException):
                told = f"the request cannot be written down ({type(error).__name__})"
                raise Rejected(told) from None
            raise not_sent(error) from None

    def _session(self, name: str, *, public: bool = False) -> requests.Session:
        session: requests.Session | None = getattr(self._local, name, None)
        if session is None:
            session = self._new_session(public=public)
            setattr(self._local, name, session)
        return session

    def _new_session(self, *, public: bool) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.max_redirects = MOST_REDIRECTS
        session.headers.update({"User-Agent": self._user_agent, "Accept": "*/*"})
        if not public:
            session.headers["Authorization"] = f"Bearer {self._key.reveal()}"
            session.headers["Accept"] = "application/json"
        policy = self._policy if public else None
        lines = Lines(
            connector=self._public_connector if public else self._connector,
            current=self._current,
            clock=self._clock,
            outgoing=self._outgoing,
            context=self._context,
            policy=policy,
            step=self._step,
        )
        adapter = AttemptAdapter(lines)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session


def _judge(response: requests.Response) -> None:
    """Raise unless the answer to a download contains the file."""
    status = response.status_code
    if status in _REFUSED and pages.is_page(_chunks(response, ANSWER_LIMIT)):
        # Such as a check of the browser: the host of the file was not asked.
        raise NotFound(f"the result answers HTTP {status} with a page of something in between")
    if status in _DEAD:
        raise Gone(f"the result is gone (HTTP {status})")
    if status == 404:
        raise NotFound("the result is not there (HTTP 404)")
    if status != 200:
        raise Unavailable(f"the result answers HTTP {status}")


def _chunks(response: requests.Response, limit: int) -> Iterator[bytes]:
    """The body, piece by piece. Raises ``TooLarge``; at once if Content-Length is too large."""
    told = whole_text(response.headers.get("Content-Length", ""), 0)
    if told is not None and told > limit:
        raise TooLarge(f"{told} bytes, more than {limit}")
    size = 0
    pieces = response.iter_content(64 * 1024)
    while chunk := _next(pieces):
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"more than {limit} bytes")
        yield chunk


def _next(pieces: Iterator[bytes]) -> bytes:
    """The next piece of a body; empty: there is none."""
    try:
        return next(pieces, b"")
    except ValueError as error:  # such as a negative length of a chunk
        raise requests.exceptions.ChunkedEncodingError(type(error).__name__) from None
