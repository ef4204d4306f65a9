"""A name server of a test's own, and processes that ask no other one.

A process in a mount namespace of its own sees another ``/etc/resolv.conf``. That needs root.
"""

import os
import random
import shutil
import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.bots.around import Around

_TYPES = {1: socket.AF_INET, 28: socket.AF_INET6}


class NameServer:
    """Answers with ``addresses``, all of them in the same order, after ``delay`` seconds."""

    def __init__(self, folder: Path, addresses: dict[str, Sequence[str]]) -> None:
        self.addresses = addresses
        self.delay = 0.0
        self.silent = False
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._bind()
        self._settings = folder / "resolv.conf"
        # As Kubernetes writes it: a name that nobody answers for costs forty seconds.
        self._settings.write_text(
            f"nameserver {self._socket.getsockname()[0]}\n"
            "search default.svc.cluster.local svc.cluster.local cluster.local\n"
            "options ndots:5\n"
        )
        self._thread = threading.Thread(target=self._serve, name="name server")
        self._thread.start()

    @property
    def around(self) -> Around:
        """What to put around a process that is to ask this server."""
        asked, ours = "/etc/resolv.conf", str(self._settings)
        script = f'mount --bind "$0" {asked} && exec "$@"'
        words = ("unshare", "--mount", "sh", "-c", script, ours)
        return Around(words, mounts=((ours, asked),))

    def close(self) -> None:
        self._socket.close()
        self._thread.join(10)

    def _bind(self) -> None:
        while True:
            numbers = [random.randrange(1, 255) for _ in range(3)]
            try:
                self._socket.bind((f"127.{numbers[0]}.{numbers[1]}.{numbers[2]}", 53))
            except OSError:
                continue
            self._socket.settimeout(0.2)
            return

    def _serve(self) -> None:
        while True:
            try:
                asked, client = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            except OSError:
                return
            self.asked += 1
            if not self.silent:
                threading.Thread(target=self._answer, args=(asked, client)).start()

    def _answer(self, asked: bytes, client: tuple[str, int]) -> None:
        time.sleep(self.delay)
        try:
            self._socket.sendto(self._answered(asked), client)
        except OSError:
            return

    def _answered(self, asked: bytes) -> bytes:
        """RFC 1035: the question again, and an address record for each address of its family."""
        labels, at = [], 12
        while asked[at]:
            labels.append(asked[at + 1 : at + 1 + asked[at]].decode())
            at += asked[at] + 1
        question = asked[12 : at + 5]
        (kind,) = struct.unpack("!H", asked[at + 1 : at + 3])
        known = self.addresses.get(".".join(labels).lower())
        records = []
        for address in known or ():
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            if family == _TYPES.get(kind):
                data = socket.inet_pton(family, address)
                records.append(struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(data)) + data)
        flags = 0x8180 if known is not None else 0x8183  # NXDOMAIN
        head = asked[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0)
        return head + question + b"".join(records)


@contextmanager
def name_server(folder: Path, addresses: dict[str, Sequence[str]]) -> Iterator[NameServer]:
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("a name server of one's own needs root and unshare")
    server = NameServer(folder, addresses)
    try:
        yield server
    finally:
        server.close()
