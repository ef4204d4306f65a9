"""kie.ai over HTTP: the one place that sends anything there.

Each method says what may be done after its error: ``Unavailable`` surely had no effect,
``TaskRefused`` never will, ``OutcomeUnknown`` may have created a task that costs money.
Only calls that surely had no effect are repeated here (tenacity), and only briefly; longer
patience is the business of the tables.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import requests
import tenacity

from kie import wire
from kie.limiter import Limiter
from supervisor.errors import OutcomeUnknown, Rejected, Unavailable
from supervisor.secret import Secret

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
#: A finished picture or clip; Telegram takes no more than 50 MB from a bot.
DOWNLOAD_LIMIT = 50 * 1024 * 1024

_brief_patience = tenacity.retry(
    retry=tenacity.retry_if_exception_type(Unavailable)
    & tenacity.retry_if_not_exception_type(wire.TaskUnknown),
    stop=tenacity.stop_after_attempt(3),
    wait=tenacity.wait_random_exponential(multiplier=0.3, max=2.0),
    reraise=True,
)


class KieClient:
    """Thread-safe; each thread has an HTTP session of its own."""

    def __init__(
        self,
        *,
        api_url: str,
        key: Secret,
        version: str,
        limiter: Limiter,
    ) -> None:
        self._api_url = api_url
        self._key = key
        # Requests without a name of their own are refused by kie.ai's front now and then.
        self._user_agent = f"trt/{version}"
        self._limiter = limiter
        self._local = threading.local()

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
        # A connection of its own: one that was kept and has died meanwhile would leave a
        # doubt about a call that never arrived.
        with self._new_session() as session:
            answer = self._send(session, "POST", "/api/v1/jobs/createTask", json=body)
        self._obey(answer)
        return wire.created_task(answer)

    @_brief_patience
    def record_info(self, task_id: str) -> wire.Report:
        """What kie.ai says of a task; see ``wire.task_report``."""
        self._limiter.take("query")
        answer = self._ask("/api/v1/jobs/recordInfo", {"taskId": task_id})
        self._obey(answer)
        return wire.task_report(answer)

    @_brief_patience
    def credits(self) -> float:
        """The credits left on the account; the cheapest proof that the key is good."""
        return wire.credit_balance(self._ask("/api/v1/chat/credit", {}))

    @_brief_patience
    def download(self, url: str, limit: int = DOWNLOAD_LIMIT) -> bytes:
        """The bytes of a result, which needs no key.

        Raises ``Unavailable`` (not readable at the moment: fresh links fail for seconds) or
        ``Rejected`` (gone, or larger than ``limit``).
        """
        try:
            with self._session().get(
                url,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                stream=True,
                headers={"User-Agent": self._user_agent, "Authorization": None},
            ) as response:
                if response.status_code in {403, 410}:
                    raise Rejected(f"the result is gone (HTTP {response.status_code})")
                if response.status_code != 200:
                    raise Unavailable(f"the result answers HTTP {response.status_code}")
                return _body(response, limit)
        except requests.RequestException as error:
            raise Unavailable(f"the result cannot be read ({type(error).__name__})") from None

    # ------------------------------------------------------------- internal --

    def _ask(self, path: str, params: Mapping[str, str]) -> wire.Answer:
        """A query: whatever goes wrong on the way had no effect."""
        try:
            return self._send(self._session(), "GET", path, params=params)
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from None

    def _send(
        self, session: requests.Session, method: str, path: str, **kwargs: Any
    ) -> wire.Answer:
        try:
            response = session.request(
                method,
                f"{self._api_url}{path}",
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                **kwargs,
            )
            return wire.Answer(response.status_code, response.content)
        except requests.ConnectTimeout:
            raise Unavailable("kie.ai cannot be reached (connecting timed out)") from None
        except requests.ConnectionError as error:
            # Refused or never resolved: nothing was sent. Anything else may have arrived.
            if _never_left(error):
                raise Unavailable("kie.ai cannot be reached (connection refused)") from None
            raise OutcomeUnknown(f"{path}: the connection broke") from None
        except requests.RequestException as error:
            raise OutcomeUnknown(f"{path}: no readable answer ({type(error).__name__})") from None

    def _obey(self, answer: wire.Answer) -> None:
        found = wire.envelope(answer)
        if answer.status == 429 or (found is not None and found.code in {429, 430}):
            self._limiter.slow_down()

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self._new_session()
        return session

    def _new_session(self) -> requests.Session:
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
        return session


def _body(response: requests.Response, limit: int) -> bytes:
    chunks = []
    size = 0
    for chunk in response.iter_content(64 * 1024):
        size += len(chunk)
        if size > limit:
            raise Rejected(f"the result is larger than {limit} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _never_left(error: requests.ConnectionError) -> bool:
    """Whether the connection was never made. urllib3 wraps the cause two levels deep."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return type(reason).__name__ in {"NewConnectionError", "NameResolutionError"}
