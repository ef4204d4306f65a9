"""Runs several commands of ``run.py``, one after the other, in forks of an interpreter that was
started with the output that a test gives it.

``python many_commands.py report words…``: each of ``words`` is one command line. The exit codes go
to the file ``report``, as JSON. What an interpreter makes of a closed output or of an encoding is
made once, at its start; whatever a command does with it then, and at its end, each fork does.
"""

import importlib
import json
import os
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
#: What these commands import, and it takes long.
_IMPORTED = {
    "status": "handlers.operator.status",
    "prod-check": "handlers.operator.checks.command",
    "migrate": "supervisor.database.migration",
}


def _run(report: str, commands: list[str]) -> str | None:
    """In a fork: the command line to run. None when all have ended."""
    codes = []
    for words in commands:
        pid = os.fork()
        if not pid:
            return words
        codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    Path(report).write_text(json.dumps(codes), encoding="utf-8")
    return None


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    importlib.import_module("run")
    for _name, _module in _IMPORTED.items():
        if _name in sys.argv:
            importlib.import_module(_module)
    assert len(os.listdir("/proc/self/task")) == 1, "a fork would lose a thread"
    if (_words := _run(sys.argv[1], sys.argv[2:])) is not None:
        sys.argv = [str(ROOT / "run.py"), *_words.split()]
        runpy.run_path(sys.argv[0], run_name="__main__")
