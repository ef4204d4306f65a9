"""The other end of ``kie_worker.py``: children that a test starts and kills."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

from tests.support.bots.world import ROOT
from tests.support.jobs.mortal_services import Orders
from tests.support.machine.waiting import Patience

PATIENCE = 60.0  #: seconds; bounds a hang


class ForkServer:
    """The process that children are forked from."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.jobs.kie_worker"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={"PATH": os.environ["PATH"]},
        )
        self._said: queue.Queue[dict[str, int]] = queue.Queue()
        self._ended: set[int] = set()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def start(self, orders: Orders) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(orders)).encode() + b"\n")
        self._process.stdin.flush()
        # A child that nobody waits for any more would work on, and its answer would be taken for
        # that of the next one.
        patience = Patience(PATIENCE)
        while not patience.is_over():
            try:
                said = self._said.get(timeout=1.0)
            except queue.Empty:
                continue
            if "pid" in said:
                # The system gives numbers again: an earlier child of this number has ended.
                self._ended.discard(said["pid"])
                return said["pid"]
            self._ended.add(said["ended"])
        raise AssertionError("no child was forked")

    def ended(self, pid: int) -> bool:
        while not self._said.empty():
            self._ended.add(self._said.get()["ended"])
        return pid in self._ended

    def kill(self, pid: int) -> None:
        if not self.ended(pid):
            os.kill(pid, signal.SIGKILL)
        while not self.ended(pid):
            time.sleep(0.01)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._reader.join(10)
        self._log.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.put(json.loads(line))
        self._process.stdout.close()
