"""``run.py`` whose process ends at once while it handles a text with the word ``deadly``.

Used as ``python -m tests.support.bots.deadly serve``.
"""

import os
import runpy
from pathlib import Path
from typing import Any

from handlers.dispatch.unit_of_work import UnitOfWork

WORD, CODE = "deadly", 9
_decide = UnitOfWork.decide


def decide(self: UnitOfWork, tx: Any, row: Any, *given: Any) -> Any:
    if WORD in row.body:
        os._exit(CODE)
    return _decide(self, tx, row, *given)


if __name__ == "__main__":
    UnitOfWork.decide = decide  # type: ignore[assignment]  # the process is the test's own
    runpy.run_path(str(Path(__file__).resolve().parents[3] / "run.py"), run_name="__main__")
