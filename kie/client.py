"""kie.ai's calls, one method each: the one place that sends anything there.

Each method says what may be done after its error. Four outcomes: done; ``Unavailable``, try
later, it surely had no effect; ``TaskRefused`` or another ``Rejected``, never;
``OutcomeUnknown``, a task that costs money may exist. Only calls that surely had no effect, or
whose effect costs nothing, are repeated here (tenacity), and only briefly; longer patience
is the business of the tables.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

import tenacity

from kie import wire
from kie.limiter import Limiter
from kie.transport import Transport
from supervisor.clock import Clock
from supervisor.errors import OutcomeUnknown, Unavailable
from supervisor.secret import Secret

#: A finished picture or clip; Telegram takes no more than 50 MB from a bot.
DOWNLOAD_LIMIT = 50 * 1024 * 1024
UPLOAD_FOLDER = "trt"

_brief_patience = tenacity.retry(
    retry=tenacity.retry_if_exception_type(Unavailable)
    & tenacity.retry_if_not_exception_type(wire.TaskUnknown),
    stop=tenacity.stop_after_attempt(3),
    wait=tenacity.wait_random_exponential(multiplier=0.3, max=2.0),
    reraise=True,
)


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
        clock: Clock,
    ) -> None:
        self._api_url = api_url
        self._upload_url = upload_url
        self._limiter = limiter
        self._transport = Transport(key=key, version=version, clock=clock)

    def create_task(
        self,
        model: str,
        inputs: Mapping[str, Any],
        callback_url: str | None,
        *,
        before: Callable[[], None] = lambda: None,
    ) -> str:
        """Create a task and return its id. Costs money; never repeated after a doubt.

        ``before`` is called immediately before the request leaves and may veto it by raising.
        """
        body: dict[str, Any] = {"model": model, "input": dict(inputs)}
        if callback_url is not None:
            body["callBackUrl"] = callback_url
        self._limiter.take("create")
        before()
        url = f"{self._api_url}/api/v1/jobs/createTask"
        answer = self._transport.call("POST", url, fresh=True, json=body)
        self._obey(answer)
        return wire.created_task(answer)

    @_brief_patience
    def record_info(self, task_id: str) -> wire.Report:
        """What kie.ai says of a task; see ``wire.task_report``."""
        self._limiter.take("query")
        answer = self._harmless("GET", "/api/v1/jobs/recordInfo", params={"taskId": task_id})
        return wire.task_report(answer)

    @_brief_patience
    def credits(self) -> float:
        """The credits left on the account; the cheapest proof that the key is good."""
        return wire.credit_balance(self._harmless("GET", "/api/v1/chat/credit"))

    @_brief_patience
    def upload(self, name: str, content: bytes, mime: str) -> str:
        """Give a file to kie.ai; returns its public link, which kie.ai keeps for a day or more.

        Raises ``Unavailable`` or ``TaskRefused``. A repetition makes a second file, which
        costs nothing.
        """
        url = f"{self._upload_url}/api/file-stream-upload"
        try:
            answer = self._transport.upload(url, _unique(name), content, mime, UPLOAD_FOLDER)
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from None
        self._obey(answer)
        return wire.uploaded_file(answer)

    @_brief_patience
    def upload_url(self, name: str, url: str) -> str:
        """Let kie.ai fetch a file itself. The URL must hold no secret. As ``upload``."""
        body = {"fileUrl": url, "uploadPath": UPLOAD_FOLDER, "fileName": _unique(name)}
        address = f"{self._upload_url}/api/file-url-upload"
        return wire.uploaded_file(self._harmless("POST", address, json=body))

    @_brief_patience
    def download_url(self, url: str) -> str:
        """A link to a result of ours that a browser downloads; good for 20 minutes."""
        answer = self._harmless("POST", "/api/v1/common/download-url", json={"url": url})
        return wire.download_link(answer)

    @_brief_patience
    def download(self, url: str, limit: int = DOWNLOAD_LIMIT) -> bytes:
        """The bytes of a result; see ``Transport.download``."""
        return self._transport.download(url, limit)

    # ------------------------------------------------------------- internal --

    def _harmless(self, method: str, path: str, **request: Any) -> wire.Answer:
        """A call that costs nothing: whatever goes wrong on the way, it may be repeated."""
        url = path if path.startswith("http") else f"{self._api_url}{path}"
        try:
            answer = self._transport.call(method, url, **request)
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from None
        self._obey(answer)
        return answer

    def _obey(self, answer: wire.Answer) -> None:
        found = wire.envelope(answer)
        if answer.status == 429 or (found is not None and found.code in {429, 430}):
            self._limiter.slow_down()


def _unique(name: str) -> str:
    """kie.ai overwrites a file of the same name, and shows the old one for a while."""
    stem, dot, ending = name.rpartition(".")
    ending = "".join(c for c in ending if c.isascii() and c.isalnum())[:8].lower()
    return f"{secrets.token_hex(12)}.{ending}" if dot and stem and ending else secrets.token_hex(12)
