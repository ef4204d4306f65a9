"""Tries in a short-lived process whether the services of the ACTIVE instance can be loaded.

An instance that only waits does not load them (``on_demand.py``). If a file or a package of a
release is missing, the instance would notice that only after it has taken over from one that
works. The other process costs about two seconds of processor time once per start, at the lowest
priority, and its memory is given back.
"""

import subprocess
import sys
from pathlib import Path

from loguru import logger

from handlers.process.memory import yield_to_others

PATIENCE = 180.0  #: seconds; a small machine gives a tenth of a processor
#: The exit code for "cannot be loaded". Any other end of the process says nothing of the release.
_CANNOT = 3
_LONGEST = 300  #: characters of the error that are told
_ROOT = Path(__file__).resolve().parents[2]


class CannotAct(Exception):
    """This release cannot be loaded; says why."""


def rehearse() -> CannotAct | None:
    """Blocking. None: it can be loaded, or the system does not let us try."""
    try:
        done = subprocess.run(  # noqa: S603 this interpreter and this module
            [sys.executable, "-m", __name__],
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        logger.bind(error=type(error).__name__).warning("rehearsal_not_possible")
        return None
    if done.returncode == _CANNOT:
        return CannotAct(done.stdout.decode("utf-8", "replace").strip()[:_LONGEST])
    if done.returncode:
        logger.bind(error=f"exit code {done.returncode}").warning("rehearsal_not_possible")
    return None


def _main() -> int:
    yield_to_others()
    try:
        from handlers.bot_api import ptb_request
        from handlers.dispatch.routing import Router
        from handlers.features import COMMANDS, FEATURES, LAYOUT
        from handlers.process import services

        Router(FEATURES, LAYOUT, COMMANDS)
        del ptb_request, services
    except MemoryError:
        return 1
    except Exception as error:  # noqa: BLE001 whatever it is, the instance could not act
        sys.stdout.write(f"{type(error).__name__}: {error}\n")
        return _CANNOT
    return 0


if __name__ == "__main__":
    sys.exit(_main())
