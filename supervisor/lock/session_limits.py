"""The limits of the lock's session: which are set, and what happens when one is not in force.

Without the timeouts a server could keep the lock of a frozen holder for hours, so a session
without them is refused. The server's network limits only make it notice a cut connection sooner,
so a session without them gets a warning.
"""

from collections.abc import Mapping

from supervisor.database.connection import KEEPALIVES
from supervisor.lock.timing import Timing
from supervisor.runtime.errors import Misconfigured

IDLE = "idle_session_timeout"


def wanted(timing: Timing) -> dict[str, int]:
    """Every limit by PostgreSQL's name, in PostgreSQL's unit."""
    return {
        IDLE: _milliseconds(timing.idle),
        "idle_in_transaction_session_timeout": _milliseconds(timing.idle),
        "statement_timeout": _milliseconds(timing.statement),
        "lock_timeout": _milliseconds(timing.lock_wait),
        "tcp_user_timeout": _milliseconds(timing.tcp_user_timeout),
        **{f"tcp_{name}": int(value) for name, value in KEEPALIVES.items()},
    }


def judge(
    limits: Mapping[str, int], in_force: Mapping[str, int], *, over_tcp: bool
) -> tuple[str, ...]:
    """Compare the wanted limits with those in force. Returns warnings for the operator.

    Raises ``Misconfigured`` when a timeout is not in force.
    """
    broken, unprotected = [], []
    for name, value in limits.items():
        found = in_force.get(name)
        if found == value or (name == IDLE and found is None):
            continue
        if not name.startswith("tcp_"):
            broken.append(f"{name} is {found}, not {value}")
        elif over_tcp:  # a local socket cannot be cut off
            unprotected.append(name)
    if broken:
        raise Misconfigured(
            [
                f"DATABASE_URL: the session does not keep its limits ({'; '.join(broken)});"
                " connect to PostgreSQL directly, not through a proxy that resets them"
            ]
        )
    warnings = []
    if IDLE not in in_force:
        warnings.append(
            "PostgreSQL before 14 has no idle_session_timeout: the lock of a frozen holder"
            " is freed by keepalives or the stale rule only; upgrade the server"
        )
    if unprotected:
        warnings.append(
            f"the server does not keep {', '.join(unprotected)}: it notices a cut connection"
            " later, at the latest by its other limits"
        )
    return tuple(warnings)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
