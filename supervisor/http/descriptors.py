"""The listener's share of the process's open files.

Strangers decide how many connections they open; the database, the lock and the calls to
Telegram and kie.ai must still get their descriptors. So the listener holds a bounded number of
connections, and the rest of the limit (``ulimit -n``, ``LimitNOFILE=``) is theirs.
"""

import sys

from supervisor.runtime.errors import Misconfigured

if sys.platform != "win32":
    import resource

#: What everything else may hold at the same time: two for each connection of the pool (26), the
#: lock (4), Telegram (64), kie.ai (18), files and name look-ups (12), the interpreter (16).
RESERVED = 140
LEAST = 20  #: connections below which the port is of no use
MOST = 1000  #: connections; Telegram opens 40 to 100, and each costs memory
ENOUGH = 4096  #: the soft limit is raised to this when the hard one allows it


def connections() -> int:
    """How many connections the listener may hold. Raises ``Misconfigured`` for a limit with
    which the bot cannot work."""
    limit = _limit()
    if limit < RESERVED + LEAST:
        raise Misconfigured(
            [
                f"open files: the limit of this process is {limit}, and it needs at least"
                f" {RESERVED + LEAST}; raise it (systemd: LimitNOFILE=, a shell: ulimit -n)"
            ]
        )
    return min(MOST, limit - RESERVED)


def _limit() -> int:
    """After raising the soft limit as far as it is of use."""
    if sys.platform == "win32":
        return ENOUGH
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return ENOUGH if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        return soft
    return wanted
