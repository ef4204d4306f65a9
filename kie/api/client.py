"""kie.ai's calls, one method each. Nothing else sends requests to kie.ai.

A call has one of four outcomes: it is done; ``Unavailable``: it surely had no effect and may work
later; ``TaskRefused`` or another ``Rejected``: it will never work; ``OutcomeUnknown``: a task that
costs money may exist. Only calls that surely had no effect, or whose effect costs nothing, are
repeated, and only briefly (``retries.py``). Longer waits are due times in the tables.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from threading import Event
from typing import Any, Literal, Self

from kie.api import refusals, wire
from kie.api.circuit import Circuit
from kie.api.families import family_of
from kie.api.limiter import Busy, Limiter
from kie.api.retries import with_retries
from kie.http.answer import Answer
from kie.http.attempt import Vetoed
from kie.http.link_policy import LinkPolicy
from kie.http.transport import FileInfo, Gone, NotFound, Transport, Write
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Fenced, OutcomeUnknown, Rejected, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.settings.outgoing import Outgoing

#: Bytes of a result. Telegram accepts at most 50 MB from a bot.
DOWNLOAD_LIMIT = 50 * 1024 * 1024
UPLOAD_FOLDER = "trt"

#: The two kinds of calls that have limits and a circuit.
Kind = Literal["create", "query"]


@dataclass(frozen=True, slots=True)
class Circuits:
    """One circuit for creations, one for queries."""

    create: Circuit
    query: Circuit

    def of(self, kind: Kind) -> Circuit:
        return self.create if kind == "create" else self.query


class KieClient:
    """Thread-safe; each thread has HTTP sessions of its own."""

    def __init__(
        self,
        *,
        api_url: str,
        upload_url: str,
        key: Secret,
        version: str,
        limiter: Limiter,
        circuits: Circuits,
        clock: Clock,
        measure: Callable[[str, str], None] = lambda *_: None,
        outgoing: Outgoing | None = None,
        step: Callable[[], None] = lambda: None,
    ) -> None:
        """``measure`` is called with each call and its outcome, as labels of a metric; ``step`` is
        called whenever a call makes progress."""
        self._api_url = api_url
        self._upload_url = upload_url
        self._limiter = limiter
        self.circuits = circuits
        self._measure = measure
        self._policy = LinkPolicy.of(api_url)
        self._transport = Transport(
            key=key,
            version=version,
            clock=clock,
            policy=self._policy,
            outgoing=outgoing,
            step=step,
        )
        self.stop = Event()

    def until(self, stop: Event) -> Self:
        """This client for the work of one term: ``stop`` ends its waits, not its calls."""
        made = copy(self)
        made.stop = stop
        return made

    def create_task(
        self,
        model: str,
        inputs: Mapping[str, Any],
        callback_url: str | None,
        *,
        before: Callable[[], None] = lambda: None,
    ) -> str:
        """Create a task and return its id. This costs money, so it is not repeated after an unknown
        outcome, unless a repetition creates nothing new (``Creation.repeatable``).

        ``before`` is called immediately before the first byte is sent. It may stop the call by
        raising ``Vetoed`` or ``Fenced``.
        """
        family = family_of(model)
        wanted = family.creation(model, inputs, callback_url)
        url = f"{self._api_url}{wanted.path}"
        carried = {"json" if wanted.method == "POST" else "params": dict(wanted.body)}
        self._limiter.take("create", self.stop)
        with self._told(wanted.call, self.circuits.create):
            call = self._harmless if wanted.repeatable else self._transport.call
            answer = call(wanted.method, url, fresh=True, before=before, **carried)
            return family.created(inputs, answer)

    @with_retries
    def record_info(self, task_id: str, model: str = "", job_id: int = 0) -> wire.Report:
        """The state of a task of that model; see ``Family.report``. With ``job_id`` the task of
        another job is no task of this one (``wire.of_another_job``)."""
        family = family_of(model)
        asked = family.question(task_id)
        self._limiter.take("query", self.stop)
        with self._told("recordInfo", self.circuits.query):
            answer = self._harmless(
                asked.method, asked.path, params=dict(asked.params), json=asked.body
            )
            wire.answers(asked, answer)
            ended = wire.of_another_job(answer, job_id) if job_id else None
            return ended or family.report(answer, self._policy)

    @with_retries
    def credits(self) -> float:
        """The credits that are left on the account. A free query, which also proves the key."""
        with self._told("credit"):
            return wire.credit_balance(self._harmless("GET", "/api/v1/chat/credit"))

    def responds(self) -> bool:
        """Whether kie.ai answers. One free query, without repetitions."""
        try:
            with self._told("credit"):
                wire.credit_balance(self._harmless("GET", "/api/v1/chat/credit"))
        except refusals.TaskRefused:
            return True  # it has answered, even if it refuses us
        except Unavailable:
            return False
        return True

    @with_retries
    def upload(self, name: str, content: bytes, mime: str) -> str:
        """Upload a file to kie.ai. Returns its public link, which is valid for at least a day.

        Raises ``Unavailable`` or ``TaskRefused``. A repetition creates a second file, which costs
        nothing.
        """
        url = f"{self._upload_url}/api/file-stream-upload"
        with self._told("upload"):
            try:
                answer = self._transport.upload(url, _unique(name), content, mime, UPLOAD_FOLDER)
            except OutcomeUnknown as error:
                raise Unavailable(str(error)) from None
            return wire.uploaded_file(answer, self._policy)

    @with_retries
    def upload_url(self, name: str, url: str) -> str:
        """As ``upload``, but kie.ai fetches the file itself. The URL must not contain a secret."""
        body = {"fileUrl": url, "uploadPath": UPLOAD_FOLDER, "fileName": _unique(name)}
        address = f"{self._upload_url}/api/file-url-upload"
        with self._told("upload"):
            return wire.uploaded_file(self._harmless("POST", address, json=body), self._policy)

    @with_retries
    def download_url(self, url: str) -> str:
        """A link for downloading one of our results; valid for 20 minutes."""
        with self._told("download-url"):
            answer = self._harmless("POST", "/api/v1/common/download-url", json={"url": url})
            return wire.download_link(answer, self._policy)

    @with_retries
    def download(self, url: str, limit: int = DOWNLOAD_LIMIT) -> bytes:
        """The bytes of a result, with retries; see ``download_to``."""
        pieces: list[bytes] = []
        self.download_to(url, pieces.append, limit)
        return b"".join(pieces)

    def download_to(self, url: str, write: Write, limit: int = DOWNLOAD_LIMIT) -> None:
        """Download a result and pass its bytes to ``write``; see ``Transport.download``.

        If its link does not work, the link from ``download_url`` is tried. Without retries.
        """
        try:
            with self._told("download"):
                self._transport.download(url, write, limit)
        except (Gone, NotFound) as error:
            # kie.ai may still offer the file under another link.
            try:
                other = self.download_url(url)
            except BotError:
                raise error from None
            if other == url:
                raise
            self._transport.download(other, write, limit)

    def file_info(self, url: str) -> FileInfo | None:
        """Size and type of the file behind a link, by a HEAD request. Never raises."""
        return self._transport.file_info(url)

    def pause(self, kind: Kind) -> float:
        """Seconds for which no call of that kind is allowed; 0.0: a call is allowed."""
        return max(self._limiter.pause(kind), self.circuits.of(kind).pause())

    # ------------------------------------------------------------- internal --

    def _harmless(self, method: str, path: str, **request: Any) -> Answer:
        """A call that costs nothing and may be repeated: an unknown outcome is ``Unavailable``."""
        url = path if path.startswith("http") else f"{self._api_url}{path}"
        try:
            return self._transport.call(method, url, **request)
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from None

    @contextmanager
    def _told(self, call: str, circuit: Circuit | None = None) -> Iterator[None]:
        """Report the outcome of the call inside to its circuit, the limiter and the metrics.

        Raises ``CircuitOpen`` when the circuit is open.
        """
        if circuit is not None:
            circuit.enter()
        outcome = "done"
        sign: str | bool | None = True
        try:
            yield
            self._limiter.speed_up()
        except Busy:
            self._limiter.slow_down()
            outcome, sign = "busy", None
            raise
        except (Vetoed, Fenced):
            outcome, sign = "vetoed", None
            raise
        except refusals.TaskUnknown:
            outcome = "not yet known"
            raise
        except refusals.TaskRefused as error:
            outcome, sign = "never", None if error.once_more else True
            raise
        except Rejected:
            outcome = "never"
            raise
        except OutcomeUnknown as error:
            outcome, sign = "unknown", str(error)
            raise
        except Unavailable as error:
            outcome, sign = "later", str(error)
            raise
        except BaseException:
            outcome, sign = "broken", None
            raise
        finally:
            self._measure(call, outcome)
            if circuit is not None:
                _tell(circuit, sign)


def _tell(circuit: Circuit, sign: str | bool | None) -> None:
    """``sign``: True: kie.ai answered; a text: why it did not; None: the outcome says nothing."""
    if sign is None:
        circuit.unused()
    elif sign is True:
        circuit.worked()
    else:
        circuit.failed(str(sign))


def _unique(name: str) -> str:
    """A new file name: kie.ai overwrites a file of the same name, and serves the old one for a
    while."""
    stem, dot, ending = name.rpartition(".")
    ending = "".join(c for c in ending if c.isascii() and c.isalnum())[:8].lower()
    return f"{secrets.token_hex(12)}.{ending}" if dot and stem and ending else secrets.token_hex(12)
