"""Servers on this machine that answer as a test wants: over TCP, over TLS, or not at all."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

#: A certificate of localhost that nobody trusts unless told to, with its key. For tests only.
CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBZjCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDsHA+d+kyhXm/YN
2Jb85dSDdUfVV034OvVwRU/KHmjGDif+oWDF4cBQZNYq+r6DlLU5AzeODJpvXKQP
VcNysnqjTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBQVRaS++1T/Sqz3EciFaZyA6gTsrTAKBggqhkjOPQQD
AgNHADBEAiAWe3VFDw5PTLUCE82oB1Xp2HNMmTJQTOiuAybtV5g6WwIgKSe4D0/4
qClhewbObKYg2GQWf+QLpSpoiRlM3Taqax8=
-----END CERTIFICATE-----
"""
_KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgeMNlYA+7NEW0c/he
XRFJXiGnPwFaFOOeOzgWiv+3q26hRANCAAQ7BwPnfpMoV5v2DdiW/OXUg3VH1VdN
+Dr1cEVPyh5oxg4n/qFgxeHAUGTWKvq+g5S1OQM3jgyab1ykD1XDcrJ6
-----END PRIVATE KEY-----
"""


@contextmanager
def server(
    serve: Callable[[socket.socket], None], *, context: ssl.SSLContext | None = None
) -> Iterator[int]:
    """A server on 127.0.0.1; ``serve`` is called for each connection that has sent a request.
    Yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                try:
                    with connection:
                        connection.settimeout(10)
                        if context is None:
                            _request(connection)
                            serve(connection)
                            continue
                        with context.wrap_socket(connection, server_side=True) as encrypted:
                            _request(encrypted)
                            serve(encrypted)
                except OSError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()
            thread.join(10)


def _request(connection: socket.socket) -> None:
    """Read one whole request: what is left unread would turn the answer into a reset."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        head += piece
        if not piece or head.startswith(b"\x16"):  # gone, or a TLS client at a plain server
            return
    length = re.search(rb"(?i)content-length: *([0-9]+)", head)
    left = int(length[1]) if length else 0
    left -= len(head.partition(b"\r\n\r\n")[2])
    while left > 0:
        left -= len(connection.recv(65536)) or left


def own_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """The certificate as a file, and a context that serves it."""
    bundle = folder / "certificate.pem"
    bundle.write_text(CERTIFICATE, encoding="ascii")
    both = folder / "both.pem"
    both.write_text(CERTIFICATE + _KEY, encoding="ascii")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(both)
    return bundle, context


@contextmanager
def black_hole(address: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A port of this machine that answers no connection: its line is full. Yields the port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as listening:
        listening.bind((address, port))
        listening.listen(0)
        found = listening.getsockname()
        waiting: list[socket.socket] = []
        try:
            while True:
                attempt = socket.socket(family)
                waiting.append(attempt)
                attempt.settimeout(0.2)
                try:
                    attempt.connect(found)
                except TimeoutError:
                    break
            yield found[1]
        finally:
            for each in waiting:
                each.close()
