"""Why a request never left: what the operator is told of it, from whatever the libraries raised."""

import socket
import ssl

import requests

from supervisor.runtime.errors import Unavailable
from supervisor.values.foreign import printable


class Untrusted(Unavailable):
    """The certificate of the other side is not trusted; nothing was sent."""


def never_left(error: BaseException) -> Unavailable:
    """Why no byte of a request left."""
    untrusted = among(error, ssl.SSLCertVerificationError)
    if untrusted is not None:
        reason = printable(getattr(untrusted, "verify_message", ""), 100)
        return Untrusted(f"the certificate of kie.ai is not trusted ({reason})")
    for kind, words in (
        (socket.gaierror, "its name is not found"),
        (TimeoutError, "connecting timed out"),
        (requests.Timeout, "connecting timed out"),
        (ConnectionRefusedError, "connection refused"),
        (ssl.SSLError, "no TLS"),
        (OSError, "no connection"),
    ):
        if among(error, kind) is not None:
            return Unavailable(f"kie.ai cannot be reached ({words})")
    return Unavailable(f"kie.ai cannot be reached ({type(error).__name__})")


def among(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    """The first of that kind among an error and what it was made of, which libraries keep as
    cause, context, argument or reason."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        # Every error of requests is an OSError; only what it wraps says something.
        if isinstance(each, kind) and not isinstance(each, requests.RequestException):
            return each
        seen.add(id(each))
        reason = getattr(each, "reason", None)
        waiting += [*each.args, reason, each.__cause__, each.__context__]
    return None
