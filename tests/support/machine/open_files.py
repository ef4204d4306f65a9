"""How many files a process may have open: fewer for a bot, more for the tests."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.bots.around import Around


def limited(files: int, *, hard: bool = True) -> Around:
    """So many descriptors for a process; not ``hard``: until it asks for more."""
    words = f'ulimit {"-n" if hard else "-Sn"} {files}; exec "$@"'
    return Around(("sh", "-c", words, "sh"), files=(files, files if hard else None))


@contextmanager
def room_for_strangers() -> Iterator[None]:
    """This process has to hold the other ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
