"""``run.py`` in which something can be made to hang, with less patience if a test says so.

SIGUSR1 blocks the event loop for ever. ``HANG_WORD`` is a word of an update whose handler
hangs. ``HANG_SILENCE`` is the number of seconds after which silence is ended, in place of 60.
"""

import os
import signal
import sys
import threading

from supervisor.runtime import progress

if silence := os.environ.get("HANG_SILENCE"):
    # Before the modules that take a copy are imported.
    progress.SILENCE, progress.ROUND = float(silence), float(silence) / 4

import run
from handlers.dispatch import unit_of_work
from supervisor.health import gauge_sampler
from supervisor.lock import watchdog

if silence:
    gauge_sampler.SAMPLE_EVERY = float(silence) / 4
    watchdog.PATIENCE, watchdog.LOOK_EVERY = 15.0, 0.2


def _hang(*_: object) -> None:
    threading.Event().wait()


def _hang_in_a_handler(word: str) -> None:
    handle_all = unit_of_work.UnitOfWork.handle_all

    def handle_or_hang(self: unit_of_work.UnitOfWork, term, rows) -> None:  # type: ignore[no-untyped-def]
        if any(word in str(row.body) for row in rows):
            _hang()
        handle_all(self, term, rows)

    unit_of_work.UnitOfWork.handle_all = handle_or_hang  # type: ignore[method-assign]


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _hang)
    if word := os.environ.get("HANG_WORD"):
        _hang_in_a_handler(word)
    sys.exit(run.main())
