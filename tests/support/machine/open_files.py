"""How many files a process may have open: fewer for a bot, more for the tests."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager


def limited(files: int) -> tuple[str, ...]:
    """Words before a command that gives it so many descriptors."""
    return ("sh", "-c", f'ulimit -n {files}; exec "$@"', "sh")


@contextmanager
def room_for_strangers() -> Iterator[None]:
    """This process has to hold the other ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
