"""A bot that draws nothing has no plotting library in memory."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
HEAVY = ("matplotlib", "numpy", "PIL")


def test_a_bot_that_serves_has_not_imported_what_draws() -> None:
    program = (
        "import sys, handlers.process.services;"
        f" print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout.strip() == "[]"
