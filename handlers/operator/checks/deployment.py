"""The deployment as the checks see it: database, port, public address."""

import json
from dataclasses import dataclass, field
from typing import Any

import requests

from handlers.operator.checks.check_result import CheckFailed, Deadline, NotChecked
from supervisor.database.transactions import Database
from supervisor.runtime.clock import Clock
from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from supervisor.settings.reader import Settings

CALL_WITHIN = 5.0  #: seconds for one call to the bot itself
MOST = 64 * 1024  #: bytes of an answer that are read


class NoAnswer(Exception):
    """A server accepted the connection and does not answer."""


class NoConnection(Exception):
    """Nothing accepts a connection there; says why."""


@dataclass(slots=True)
class Deployment:
    """What every check needs, and what earlier checks have found."""

    settings: Settings
    dsn: Secret
    database: Database
    clock: Clock
    deadline: Deadline
    #: Where our own server answered; None: it did not.
    server: str | None = None
    #: /health of that server, once it was read.
    health: dict[str, Any] = field(default_factory=dict)
    #: Whether a live holder of the lock was seen.
    holder_is_live: bool = False

    @property
    def identity(self) -> Identity:
        return self.settings.identity

    def need_server(self) -> str:
        if self.server is None:
            raise NotChecked("our server does not answer (see Port)")
        return self.server

    def get(self, url: str) -> tuple[int, bytes]:
        return self._call("GET", url)

    def post(self, url: str, body: bytes, secret: Secret | None = None) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"}
        if secret is not None:
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret.reveal()
        return self._call("POST", url, body, headers)

    def read_health(self) -> dict[str, Any]:
        """The body of /health. Raises ``CheckFailed``, ``NoAnswer`` or ``NoConnection``."""
        if not self.health:
            status, body = self.get(f"{self.need_server()}/health")
            try:
                found = json.loads(body)
            except ValueError:
                found = None
            if status != 200 or not isinstance(found, dict) or "state" not in found:
                raise CheckFailed(
                    f"GET /health answers {status} and is not the bot's own",
                    "something in front of the bot answers in its place; look there",
                )
            self.health = found
        return self.health

    def _call(
        self, method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        within = min(CALL_WITHIN, max(0.5, self.deadline.left))
        try:
            with requests.request(
                method,
                url,
                data=body or None,
                headers=headers,
                timeout=within,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return answer.status_code, next(answer.iter_content(MOST), b"")
        except requests.exceptions.ReadTimeout:
            raise NoAnswer(
                f"accepts connections and did not answer within {within:.0f} s"
            ) from None
        except requests.exceptions.ConnectTimeout:
            raise NoConnection(f"no connection within {within:.0f} s") from None
        except requests.exceptions.RequestException as error:
            raise NoConnection(_why(error)) from None


def host_of(url: str) -> str:
    """The host of a URL; the path of our webhook is not shown."""
    return url.partition("://")[2].partition("/")[0] or "an unreadable address"


def _why(error: requests.exceptions.RequestException) -> str:
    """The first cause in a chain of wrapped exceptions, without the URL."""
    cause: BaseException = error
    while cause.__context__ is not None:
        cause = cause.__context__
    return getattr(cause, "strerror", None) or type(cause).__name__
