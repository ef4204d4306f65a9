"""``DATA_DIR``: the embedded database, and result files until Telegram has them."""

import errno
import tempfile
from pathlib import Path

from supervisor.runtime.errors import Misconfigured, Unavailable

#: What only another setting, another owner or another mount can mend. Everything else (a full
#: disk or quota, a failing disk, one that was remounted read-only, too many open files) may pass.
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
    """Create the directory if need be and write to it once.

    Raises ``Misconfigured`` when that can never work, ``Unavailable`` when it may work later.
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
