"""A server from the programs of a PostgreSQL that is installed on this machine."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from supervisor.runtime.secret import Secret

#: Files that live in the memory of a Linux machine, and how many bytes of it must be free.
_MEMORY, _ENOUGH = Path("/dev/shm"), 4 * 2**30  # noqa: S108 a folder of its own is made there
#: Most of its log of changes that such a server keeps.
MOST_LOG = "256MB"
#: PostgreSQL refuses to run as root. The embedded one's own user, or one of the system.
_USERS = ("pgserver", "postgres", "nobody")


def has_programs(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("initdb", "pg_ctl", "postgres"))


def new_folder(prefix: str) -> Path:
    """For the data of a server that need not survive anything, in memory where there is enough of
    it: each database is hundreds of files, and on a disk these cost more than most tests do.

    Not pytest's own folder: each session of pytest closes that one to other users again, and as
    root the server runs as another user."""
    try:
        roomy = shutil.disk_usage(_MEMORY).free >= _ENOUGH and os.access(_MEMORY, os.W_OK)
    except OSError:  # not Linux
        roomy = False
    return Path(tempfile.mkdtemp(prefix=prefix, dir=_MEMORY if roomy else None))


@contextmanager
def installed_postgres(programs: Path) -> Iterator[Secret]:
    """Running, empty and without fsync, on a local socket; gone afterwards."""
    user = server_user()
    folder = new_folder("trt-server-")
    try:
        if user:
            shutil.chown(folder, user)
        folder.chmod(0o755)
        data = folder / "data"
        _run(user, programs / "initdb", "-A", "trust", "-E", "UTF8", "-U", "postgres", "-D", data)
        options = f"-h '' -k {folder} -F -c autovacuum=off -c max_wal_size={MOST_LOG}"
        control = (programs / "pg_ctl", "-w", "-D", data, "-l", folder / "log")
        _run(user, *control, "-o", options, "start")
        try:
            yield Secret(f"postgresql://postgres:@/postgres?host={quote(str(folder), safe='')}")
        finally:
            _run(user, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def server_user() -> str | None:
    """Who runs a server where the tests run as root."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    import pwd

    known = {each.pw_name for each in pwd.getpwall()}
    return next(name for name in _USERS if name in known)


def _run(user: str | None, *command: str | Path) -> None:
    # The server outlives pg_ctl and would keep a pipe open: its words go to nobody.
    subprocess.run(
        [str(each) for each in command],
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=True,
    )
