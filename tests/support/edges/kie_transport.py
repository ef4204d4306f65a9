"""The transport of kie.ai in tests, and what a server says to it."""

import socket
from collections.abc import Callable

from kie.http.link_policy import LinkPolicy
from kie.http.transport import Transport
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from supervisor.settings.outgoing import Outgoing

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LOCAL = LinkPolicy(local=True)


def transport(policy: LinkPolicy = LOCAL, outgoing: Outgoing | None = None) -> Transport:
    return Transport(
        key=Secret("key-of-the-tests"),
        version="test",
        clock=SystemClock(),
        policy=policy,
        outgoing=outgoing,
    )


def saying(answer: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(answer)
