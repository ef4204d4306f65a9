"""What a process has around it: limits, files that it sees in place of others, a network."""

import ctypes
import os
from collections.abc import Sequence
from dataclasses import dataclass

_NEW_MOUNTS, _NEW_NETWORK = 0x20000, 0x40000000  # CLONE_NEWNS, CLONE_NEWNET
_BIND, _PRIVATE_ALL = 0x1000, 0x4000 | 0x40000  # MS_BIND, MS_REC | MS_PRIVATE


@dataclass(frozen=True, slots=True)
class Around:
    """Words before a command, and the same for a fork (``bot_host.py``)."""

    prefix: Sequence[str]
    files: tuple[int, int | None] | None = None  #: open files, soft and hard; None: as it is
    mounts: Sequence[tuple[str, str]] = ()  #: a file, and in place of which one it is seen
    network: str | None = None  #: the name of its namespace


def surround(
    prefix: Sequence[str],
    files: tuple[int, int | None] | None,
    mounts: Sequence[tuple[str, str]],
    network: str | None,
) -> None:
    """Do to this process what the words before a command would have done."""
    import resource  # which Windows does not have

    del prefix
    libc = ctypes.CDLL(None, use_errno=True)

    def done(code: int) -> None:
        if code:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    if files:
        soft, hard = files
        now = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, now if hard is None else hard))
    if mounts:
        done(libc.unshare(_NEW_MOUNTS))
        done(libc.mount(b"none", b"/", None, _PRIVATE_ALL, None))
    for source, target in mounts:
        done(libc.mount(source.encode(), target.encode(), None, _BIND, None))
    if network:
        namespace = os.open(f"/run/netns/{network}", os.O_RDONLY)
        done(libc.setns(namespace, _NEW_NETWORK))
        os.close(namespace)
