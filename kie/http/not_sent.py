"""The error of a request that was not sent, made from the exceptions of the libraries."""

import socket
import ssl

import requests

from kie.http.untrusted import Untrusted
from supervisor.runtime.errors import Unavailable
from supervisor.values.foreign import printable


def not_sent(error: BaseException) -> Unavailable:
    """Says why no byte of a request was sent."""
    untrusted = find_cause(error, ssl.SSLCertVerificationError)
    if untrusted is not None:
        reason = printable(getattr(untrusted, "verify_message", ""), 100)
        return Untrusted(reason)
    for kind, words in (
        (socket.gaierror, "its name is not found"),
        (TimeoutError, "connecting timed out"),
        (requests.Timeout, "connecting timed out"),
        (ConnectionRefusedError, "connection refused"),
        (ssl.SSLError, "no TLS"),
        (OSError, "no connection"),
    ):
        if find_cause(error, kind) is not None:
            return Unavailable(f"kie.ai cannot be reached ({words})")
    return Unavailable(f"kie.ai cannot be reached ({type(error).__name__})")


def find_cause(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    """The first exception of that kind among ``error`` and its causes, which libraries keep as
    cause, context, argument or reason."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        # Every exception of requests is an OSError, so only the wrapped ones count.
        if isinstance(each, kind) and not isinstance(each, requests.RequestException):
            return each
        seen.add(id(each))
        reason = getattr(each, "reason", None)
        waiting += [*each.args, reason, each.__cause__, each.__context__]
    return None
