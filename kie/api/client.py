"""kie.ai's calls, one method each: the one place that sends anything there.

Each method says what may be done after its error. Four outcomes: done; ``Unavailable``, try
later, it surely had no effect; ``TaskRefused`` or another ``Rejected``, never;
``OutcomeUnknown``, a task that costs money may exist. Only calls that surely had no effect, or
whose effect costs nothing, are repeated, and only briefly (``brief_patience.py``); longer
patience is the business of the tables.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from threading import Event
from typing import Any, Literal, Self

from kie.api import refusals, wire
from kie.api.brief_patience import brief_patience
from kie.api.circuit import Circuit
from kie.api.families import family_of
from kie.api.limiter import Busy, Limiter
from kie.http.answer import Answer
from kie.http.attempt import Vetoed
from kie.http.link_policy import LinkPolicy
from kie.http.transport import FileInfo, Gone, NotFound, Transport, Write
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Fenced, OutcomeUnknown, Rejected, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.settings.outgoing import Outgoing

#: A finished picture or clip; Telegram takes no more than 50 MB from a bot.
DOWNLOAD_LIMIT = 50 * 1024 * 1024
UPLOAD_FOLDER = "trt"

#: The two kinds of calls that have limits and a circuit.
Kind = Literal["create", "query"]


@dataclass(frozen=True, slots=True)
class Circuits:
    """Whether kie.ai creates, and whether it answers questions."""

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
        """``measure`` hears of each call and its outcome, in the words of the metrics; ``step``
        whenever a call gets on."""
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
        """Create a task and return its id. Costs money; never repeated after a doubt, unless a
        repetition makes nothing new (``Creation.repeatable``).

        ``before`` is called immediately before the first byte leaves, and may veto the call by
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

    @brief_patience
    def record_info(self, task_id: str, model: str = "") -> wire.Report:
        """What kie.ai says of a task of that model; see ``Family.report``."""
        family = family_of(model)
        asked = family.question(task_id)
        self._limiter.take("query", self.stop)
        with self._told("recordInfo", self.circuits.query):
            answer = self._harmless(
                asked.method, asked.path, params=dict(asked.params), json=asked.body
            )
            return family.report(answer, self._policy)

    @brief_patience
    def credits(self) -> float:
        """The credits left on the account; the cheapest proof that the key is good."""
        with self._told("credit"):
            return wire.credit_balance(self._harmless("GET", "/api/v1/chat/credit"))

    def responds(self) -> bool:
        """Whether kie.ai answers at all. Asks once, for free."""
        try:
            with self._told("credit"):
                wire.credit_balance(self._harmless("GET", "/api/v1/chat/credit"))
        except refusals.TaskRefused:
            return True  # what it thinks of us is another matter
        except Unavailable:
            return False
        return True

    @brief_patience
    def upload(self, name: str, content: bytes, mime: str) -> str:
        """Give a file to kie.ai; returns its public link, which kie.ai keeps for a day or more.

        Raises ``Unavailable`` or ``TaskRefused``. A repetition makes a second file, which
        costs nothing.
        """
        url = f"{self._upload_url}/api/file-stream-upload"
        with self._told("upload"):
            try:
                answer = self._transport.upload(url, _unique(name), content, mime, UPLOAD_FOLDER)
            except OutcomeUnknown as error:
                raise Unavailable(str(error)) from None
            return wire.uploaded_file(answer, self._policy)

    @brief_patience
    def upload_url(self, name: str, url: str) -> str:
        """Let kie.ai fetch a file itself. The URL must hold no secret. As ``upload``."""
        body = {"fileUrl": url, "uploadPath": UPLOAD_FOLDER, "fileName": _unique(name)}
        address = f"{self._upload_url}/api/file-url-upload"
        with self._told("upload"):
            return wire.uploaded_file(self._harmless("POST", address, json=body), self._policy)

    @brief_patience
    def download_url(self, url: str) -> str:
        """A link to a result of ours that a browser downloads; good for 20 minutes."""
        with self._told("download-url"):
            answer = self._harmless("POST", "/api/v1/common/download-url", json={"url": url})
            return wire.download_link(answer, self._policy)

    @brief_patience
    def download(self, url: str, limit: int = DOWNLOAD_LIMIT) -> bytes:
        """The bytes of a result; see ``download_to``. Tried again briefly."""
        pieces: list[bytes] = []
        self.download_to(url, pieces.append, limit)
        return b"".join(pieces)

    def download_to(self, url: str, write: Write, limit: int = DOWNLOAD_LIMIT) -> None:
        """Hand a result to ``write``, from its link or from the one that kie.ai gives for it;
        see ``Transport.download``. Tried once."""
        try:
            with self._told("download"):
                self._transport.download(url, write, limit)
        except (Gone, NotFound) as error:
            # kie.ai may still give the file out under another name.
            try:
                other = self.download_url(url)
            except BotError:
                raise error from None
            if other == url:
                raise
            self._transport.download(other, write, limit)

    def file_info(self, url: str) -> FileInfo | None:
        """What the link of a result says of it. Asks once, for free; raises nothing."""
        return self._transport.file_info(url)

    def pause(self, kind: Kind) -> float:
        """Seconds for which a call of that kind makes no sense; 0.0: call."""
        return max(self._limiter.pause(kind), self.circuits.of(kind).pause())

    # ------------------------------------------------------------- internal --

    def _harmless(self, method: str, path: str, **request: Any) -> Answer:
        """A call that costs nothing: whatever goes wrong on the way, it may be repeated."""
        url = path if path.startswith("http") else f"{self._api_url}{path}"
        try:
            return self._transport.call(method, url, **request)
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from None

    @contextmanager
    def _told(self, call: str, circuit: Circuit | None = None) -> Iterator[None]:
        """What becomes of the call inside is told to its circuit, the limiter and the metrics.

        Raises ``CircuitOpen`` when kie.ai is known to be down.
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
    """True: a sign of life; a text: why not; None: it says nothing."""
    if sign is None:
        circuit.unused()
    elif sign is True:
        circuit.worked()
    else:
        circuit.failed(str(sign))


def _unique(name: str) -> str:
    """kie.ai overwrites a file of the same name, and shows the old one for a while."""
    stem, dot, ending = name.rpartition(".")
    ending = "".join(c for c in ending if c.isascii() and c.isalnum())[:8].lower()
    return f"{secrets.token_hex(12)}.{ending}" if dot and stem and ending else secrets.token_hex(12)
