"""The trace id of an update, in every log line that follows from it.

The id of an update is ``u<update id>``. The rows that it creates (jobs, deliveries) store the id
in a column, so that another thread, another process or a restarted one goes on with the same id.
Within ``following`` every log line has the id automatically.
"""

import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from loguru import Record

_current: ContextVar[str | None] = ContextVar("trace", default=None)


def current() -> str | None:
    """The trace id to store with a new row; None: the work follows from no update."""
    return _current.get()


def following(name: str | None) -> "contextlib.AbstractContextManager[None]":
    """Within the block the trace id is ``name``. None changes nothing."""
    return contextlib.nullcontext() if name is None else _Following(name)


class _Following:
    __slots__ = ("_name", "_token")

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._token = _current.set(self._name)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def _with_trace(record: "Record") -> None:
    name = _current.get()
    if name is not None:
        record["extra"].setdefault("trace", name)


# Only a line that is written asks for the id. ``contextualize`` would copy it into loguru's own
# context for each update.
logger.configure(patcher=_with_trace)
