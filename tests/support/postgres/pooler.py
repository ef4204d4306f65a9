"""PgBouncer before a test's database."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from supervisor.runtime.secret import Secret
from tests.support.machine.ports import free_port
from tests.support.machine.waiting import until

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")

Pooled = Callable[..., Secret]


@pytest.fixture
def pooled(dsn: Secret) -> Iterator[Pooled]:
    """Starts a PgBouncer of the given mode, with further lines, before the test's database."""
    if PGBOUNCER is None:
        pytest.skip("PgBouncer is not installed here")
    folder = Path(tempfile.mkdtemp(prefix="trt-pooler-"))
    folder.chmod(0o755)
    started: list[subprocess.Popen[bytes]] = []

    def start(mode: str, *lines: str) -> Secret:
        parts = psycopg2.extensions.parse_dsn(dsn.reveal())
        port = free_port()
        (folder / "ini").write_text(
            f"[databases]\n"
            f"x = host={parts['host']} dbname={parts['dbname']} user={parts['user']}\n"
            f"[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = any\npool_mode = {mode}\n" + "".join(f"{line}\n" for line in lines)
        )
        # PgBouncer refuses to run as root, as PostgreSQL does; only the user of the
        # embedded server may reach its socket.
        user = "pgserver" if os.geteuid() == 0 else None
        started.append(
            subprocess.Popen(
                [str(PGBOUNCER), str(folder / "ini")], stderr=subprocess.DEVNULL, user=user
            )
        )
        address = Secret(f"postgresql://{parts['user']}@127.0.0.1:{port}/x")
        until(lambda: _answers(address), 5, "PgBouncer answers")
        return address

    yield start
    for process in started:
        process.kill()  # after SIGTERM PgBouncer 1.23 and newer wait for their clients
        process.wait(5)
    shutil.rmtree(folder)


def _answers(address: Secret) -> bool:
    try:
        psycopg2.connect(address.reveal(), connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True
