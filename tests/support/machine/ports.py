"""Free ports for servers that tests start, safe beside other test processes."""

import os
import random
import socket

#: Below the range from which systems take ports for outgoing connections (32768 on Linux,
#: 49152 elsewhere): else a connection of somebody could take the port before its server does.
_FIRST, _END = 15_000, 32_000
#: Workers of pytest-xdist draw from different ports: between the draw of a port and its use by a
#: server another worker could draw the same one.
_WORKERS = 16
_drawn: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on, and that this process has not drawn before. Drawn at random,
    so that other runs of the tests draw others."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    while True:
        port = random.randrange(_FIRST + worker, _END, _WORKERS)
        if port in _drawn:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))  # noqa: S104 the daemon binds all addresses, too
            except OSError:
                continue
        # A worker that has drawn half of its ports begins anew: the first ones are free by now.
        if len(_drawn) > (_END - _FIRST) // _WORKERS // 2:
            _drawn.clear()
        _drawn.add(port)
        return port
