"""A PostgreSQL of a few lines, for what a real one does not do when a test wants it."""

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from supervisor.runtime.secret import Secret

_SSL, _GSS = 80877103, 80877104
#: What psycopg2 wants to know of a server before it calls a session open.
_TOLD = {
    "server_version": "15.0",
    "client_encoding": "UTF8",
    "DateStyle": "ISO, MDY",
    "standard_conforming_strings": "on",
}
Script = Callable[[socket.socket], None]


def refusing(code: str, severity: str, words: str) -> Script:
    """Answers the start of a session with an error, in whatever language."""

    def answer(client: socket.socket) -> None:
        fields = (("S", severity), ("V", "FATAL"), ("C", code), ("M", words))
        body = b"".join(f"{name}{value}\0".encode() for name, value in fields) + b"\0"
        client.sendall(b"E" + struct.pack("!I", len(body) + 4) + body)

    return answer


def silent(client: socket.socket) -> None:
    """Accepts the session, as a pooler does, and answers no statement."""
    client.sendall(b"R" + struct.pack("!II", 8, 0))
    for name, value in _TOLD.items():
        body = f"{name}\0{value}\0".encode()
        client.sendall(b"S" + struct.pack("!I", len(body) + 4) + body)
    client.sendall(b"K" + struct.pack("!III", 12, 1, 1))
    client.sendall(b"Z" + struct.pack("!I", 5) + b"I")
    while client.recv(4096):
        pass


@contextmanager
def fake_postgres(script: Script) -> Iterator[Secret]:
    """The address of a server that treats every client by ``script``."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=_serve, args=(listener, script), daemon=True)
        thread.start()
        yield Secret(f"postgresql://u:p@127.0.0.1:{listener.getsockname()[1]}/d")
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def _serve(listener: socket.socket, script: Script) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        Thread(target=_one, args=(client, script), daemon=True).start()


def _one(client: socket.socket, script: Script) -> None:
    with client:
        while True:
            (length,) = struct.unpack("!I", client.recv(4, socket.MSG_WAITALL))
            body = client.recv(length - 4, socket.MSG_WAITALL)
            if struct.unpack("!I", body[:4])[0] not in {_SSL, _GSS}:
                break
            client.sendall(b"N")
        script(client)
