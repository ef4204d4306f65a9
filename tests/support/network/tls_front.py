"""A TLS server before a plain one of this machine, with certificates of its own authority."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

#: With keys, for ``localhost`` but one, valid from 2020 to 2120 but one. A client trusts
#: ``authority``. Made with `openssl ca`, for tests only.
CERTIFICATES = Path(__file__).parents[2] / "data" / "certificates"


class TlsFront:
    """Passes bytes on. ``show`` changes the certificate and ends the connections there are."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._shown = "good"
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, name="tls front")
        self._thread.start()

    @property
    def url(self) -> str:
        return f"https://localhost:{self._listening.getsockname()[1]}"

    def show(self, name: str) -> None:
        self._shown = name
        self._end_connections()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._end_connections()
        self._thread.join(10)

    def _end_connections(self) -> None:
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(CERTIFICATES / f"{self._shown}.pem")
        client.settimeout(30)
        try:
            with closing(context.wrap_socket(client, server_side=True)) as encrypted:
                encrypted.settimeout(None)
                with socket.create_connection(("127.0.0.1", self._behind)) as plain:
                    with self._lock:
                        self._open |= {encrypted, plain}
                    try:
                        back = threading.Thread(target=_pass_on, args=(plain, encrypted))
                        back.start()
                        _pass_on(encrypted, plain)
                        back.join(10)
                    finally:
                        with self._lock:
                            self._open -= {encrypted, plain}
        except OSError:
            client.close()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@contextmanager
def tls_front(behind: int) -> Iterator[TlsFront]:
    made = TlsFront(behind)
    try:
        yield made
    finally:
        made.close()
