"""``run.py``, except that a call that would block the event loop ends the process at once.

All receivers, senders and the HTTP port share one loop: a statement, a request or a sleep in
its thread makes everybody wait, and nothing looks wrong while the machine is idle. Used as
``python -m tests.support.machine.unblocked serve``.
"""

import asyncio
import os
import runpy
import sys
import time
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import psycopg2
import psycopg2.extensions
import psycopg2.extras
import requests

EXIT = 99
ROOT = Path(__file__).resolve().parents[3]


def end(call: str) -> NoReturn:
    """Whoever catches exceptions must not hide it: the process is over."""
    stack = "".join(traceback.format_stack()[:-2])
    sys.stderr.write(f"{call} blocks the event loop:\n{stack}")
    sys.stderr.flush()
    os._exit(EXIT)


def watch(found: Callable[[str], Any] = end) -> None:
    """From here on ``found`` hears of each blocking call in a thread that runs a loop."""

    def watched(call: Callable[..., Any], name: str) -> Callable[..., Any]:
        @wraps(call)
        def checked(*arguments: Any, **options: Any) -> Any:
            # asyncio's own question would raise where no loop runs.
            if asyncio._get_running_loop() is not None:
                found(name)
            return call(*arguments, **options)

        return checked

    class Connection(psycopg2.extensions.connection):
        pass

    for name in ("cursor", "commit", "rollback"):
        setattr(
            Connection,
            name,
            watched(getattr(psycopg2.extensions.connection, name), name),
        )
    cursor = psycopg2.extras.RealDictCursor
    cursor.execute = watched(cursor.execute, "execute")  # type: ignore[method-assign]
    connect = psycopg2.connect
    psycopg2.connect = watched(
        lambda *given, **options: connect(*given, connection_factory=Connection, **options),
        "connect",
    )
    send = watched(requests.Session.send, "send")
    requests.Session.send = send  # type: ignore[method-assign]
    time.sleep = watched(time.sleep, "sleep")


if __name__ == "__main__":
    watch()
    sys.argv[0] = str(ROOT / "run.py")
    runpy.run_path(sys.argv[0], run_name="__main__")
