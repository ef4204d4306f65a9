"""``run.py`` that tells at SIGUSR1 which modules it has loaded, in one line of its output. With
``TRT_TESTS_CATALOGUE`` its catalogue cannot be read, for that reason; with ``TRT_TESTS_SERVICES``
what acts cannot be imported.

Used as ``python -m tests.support.machine.loaded serve``; the bot's own process must not import
more than this module needs: the standard library.
"""

import importlib.abc
import os
import runpy
import signal
import sys
from pathlib import Path
from types import FrameType

MARK = "loaded modules: "


def tell(_number: int, _frame: FrameType | None) -> None:
    sys.stdout.write(f"{MARK}{' '.join(sorted(sys.modules))}\n")
    sys.stdout.flush()


def break_catalogue(problem: str) -> None:
    from kie.catalogue.catalogue import Catalogue
    from supervisor.runtime.errors import Misconfigured

    def load() -> Catalogue:
        raise Misconfigured([problem])

    Catalogue.load = load  # type: ignore[method-assign]  # the process is the test's own


class Missing(importlib.abc.MetaPathFinder):
    """A release of which one file did not arrive."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        del path, target
        if fullname == self._name:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


if __name__ == "__main__":
    if "TRT_TESTS_CATALOGUE" in os.environ:
        break_catalogue(os.environ["TRT_TESTS_CATALOGUE"])
    if "TRT_TESTS_SERVICES" in os.environ:
        sys.meta_path.insert(0, Missing("handlers.process.services"))
    signal.signal(signal.SIGUSR1, tell)
    runpy.run_path(str(Path(__file__).resolve().parents[3] / "run.py"), run_name="__main__")
