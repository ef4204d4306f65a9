"""A process of the bot that ends with SIGKILL at the statement or commit that a test chooses.

A request is a line of JSON on stdin: the database, what the process is to do, and after how many
statements and commits it is killed. It is a fork of one that has imported everything. The answer, a
line on stdout, is its exit code.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

from kie.money.packs import Pack
from supervisor.runtime.secret import Secret
from tests.support.jobs.job_world import JobWorld
from tests.support.machine.host_process import HostProcess
from tests.support.postgres.mortal_database import Fate
from tests.support.shipped import shipped

PACK = Pack(1, 100, 50)
ACTS: dict[str, Callable[[JobWorld], None]] = {
    #: What waits in the inbox is handled.
    "handle": JobWorld.handle_updates,
    #: What waits in the outbox is sent, up to the next result.
    "deliver": lambda world: world.deliver("sent"),
}
_HOST = HostProcess("tests.support.jobs.mortal_process", start_new_session=True)


def lives(dsn: Secret, act: str, left: int) -> int:
    """The exit code of a process that does ``act`` and is killed after ``left`` statements and
    commits: 0 if it had fewer to do."""
    code: int = _HOST.ask({"dsn": dsn.reveal(), "act": act, "left": left})["code"]
    return code


class _Killed(Fate):
    def count(self) -> None:
        if self.left:
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)


class _Successor(JobWorld):
    """Takes over what is in the database."""

    def wipe(self) -> None:
        """Nothing: the rows are its predecessor's."""


def _live(request: dict[str, Any]) -> None:
    world = _Successor(Secret(request["dsn"]), packs=(PACK,))
    world.database.fate = _Killed(request["left"])
    ACTS[request["act"]](world)


def _serve() -> None:
    shipped()  # each fork has it
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            code = 1
            try:
                _live(json.loads(line))
                code = 0
            except BaseException:  # noqa: BLE001 told to whoever looks at the test's output
                traceback.print_exc()
            os._exit(code)
        _, status = os.waitpid(pid, 0)
        answer = {"code": os.waitstatus_to_exitcode(status)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
