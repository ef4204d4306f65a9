"""A hot standby of the tests' server that listens on TCP, too; ``promote`` makes it a primary."""

import shutil
import subprocess
from pathlib import Path

import psycopg2
import pytest

from supervisor.runtime.secret import Secret
from tests.support.machine.ports import free_port
from tests.support.postgres.installed_postgres import new_folder, server_user


class Standby:
    """Copied from ``primary`` and following it. ``close`` it."""

    def __init__(
        self, primary: Secret, *, address: str = "127.0.0.1", port: int | None = None
    ) -> None:
        self._folder = new_folder("trt-standby-")
        self._user = server_user()
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._data = self._folder / "data"
        self._database = str(psycopg2.extensions.parse_dsn(primary.reveal())["dbname"])
        self._address = address
        self._port = port or free_port()
        connection = psycopg2.connect(primary.reveal())
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
            ((folder,),) = cursor.fetchall()
            #: Of the very version that the primary has.
            self._binaries = Path(folder)
        if not (self._binaries / "pg_basebackup").exists():
            pytest.skip(f"this PostgreSQL comes without pg_basebackup: {folder}")
        connection.close()
        # Streamed and unsynced: a copy for a few seconds.
        self._run("pg_basebackup", "-d", primary.reveal(), "-R", "-c", "fast", "-N")
        options = f"-h {address} -p {self._port} -k '' -c fsync=off"
        self._run("pg_ctl", "-w", "-o", options, "-l", str(self._folder / "log"), "start")

    @property
    def dsn(self) -> Secret:
        """Its copy of the primary's database, over TCP."""
        return Secret(f"postgresql://postgres@{self._address}:{self._port}/{self._database}")

    def promote(self) -> None:
        """It is a primary when this returns."""
        self._run("pg_ctl", "-w", "promote")

    def close(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(self._folder)

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._binaries / program), "-D", str(self._data), *words]
        # Not through pipes: the server would keep them open for as long as it lives.
        with (self._folder / f"{program}.out").open("wb") as output:
            done = subprocess.run(
                command,
                check=False,
                user=self._user,
                timeout=60,
                stdout=output,
                stderr=output,
                cwd="/",
            )
        if done.returncode:
            raise AssertionError((self._folder / f"{program}.out").read_text())
