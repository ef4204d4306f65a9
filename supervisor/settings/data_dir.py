"""Checks ``DATA_DIR``, which holds the embedded database, and result files until they are sent."""

import errno
import tempfile
from pathlib import Path

from supervisor.runtime.errors import Misconfigured, Unavailable

#: Errors that do not pass by themselves. All others may pass: a full disk or quota, a failing
#: disk, a read-only remount, too many open files.
_FOR_GOOD = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.ENOTDIR,
        errno.EEXIST,
        errno.ENAMETOOLONG,
        errno.ELOOP,
        errno.EINVAL,
        errno.EILSEQ,
    }
)


def check_data_dir(path: Path) -> None:
    """Create the directory if it does not exist, and write to it once.

    Raises ``Misconfigured`` for an error that does not pass, ``Unavailable`` for one that may.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(b"x")
            probe.flush()
    except OSError as error:
        told = f"DATA_DIR: {path} is not writable ({error.strerror})"
        if error.errno in _FOR_GOOD:
            raise Misconfigured([f"{told}; name another directory"]) from None
        raise Unavailable(f"{told}; make room or repair the disk") from None
