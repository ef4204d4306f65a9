"""A child process that answers requests: a line of JSON on its stdin, an answer on its stdout."""

import atexit
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


class HostProcess:
    """Starts ``python -m module words`` with the first request; ends it at the end of this
    process."""

    def __init__(self, module: str, *words: str, **options: Any) -> None:
        """``options``: those of ``subprocess.Popen``."""
        self._module = module
        self._words = words
        self._options = options
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            if self._process is None:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", self._module, *self._words],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    **self._options,
                )
                atexit.register(_end, self._process)
            to, answers = self._process.stdin, self._process.stdout
            assert to is not None
            assert answers is not None
            to.write(json.dumps(request) + "\n")
            to.flush()
            line = answers.readline()
        assert line, f"{self._module} ended with {self._process.poll()}"
        found: dict[str, Any] = json.loads(line)
        return found


def _end(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.wait(20)
    process.stdout.close()
