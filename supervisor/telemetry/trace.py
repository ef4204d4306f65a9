"""One name for everything that follows from one update, in every log line about it.

An update is called ``u<update id>``. What it makes (a job, a message) carries the name in a
column of its own, so that whoever goes on with it, in another thread, another process or
after a restart, goes on under the same name. The name is in the context: a line that is
written below ``following`` has it without asking for it.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from loguru import logger

_current: ContextVar[str | None] = ContextVar("trace", default=None)


def current() -> str | None:
    """The name to write beside what is made here; None: it follows from no update."""
    return _current.get()


@contextlib.contextmanager
def following(name: str | None) -> Iterator[None]:
    """Until the end of the block everything belongs to ``name``; None changes nothing."""
    if name is None:
        yield
        return
    token = _current.set(name)
    try:
        with logger.contextualize(trace=name):
            yield
    finally:
        _current.reset(token)
