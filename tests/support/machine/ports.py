"""Free ports for servers that tests start, safe beside other test processes."""

import random
import socket

#: Below the range from which systems take ports for outgoing connections (32768 on Linux,
#: 49152 elsewhere): else a connection of somebody could take the port before its server does.
_RANGE = range(15_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on, drawn at random so that parallel tests draw others."""
    while True:
        port = random.choice(_RANGE)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))  # noqa: S104 the daemon binds all addresses, too
            except OSError:
                continue
            return port
