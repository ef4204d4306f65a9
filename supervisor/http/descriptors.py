"""The listener's share of the process's open files.

Strangers can open any number of connections, and the database, the lock and the calls to Telegram
and kie.ai must still get their descriptors. So the listener's connections are bounded, and the
rest of the limit (``ulimit -n``, ``LimitNOFILE=``) is reserved.
"""

import sys

from supervisor.runtime.errors import Misconfigured

if sys.platform != "win32":
    import resource

#: Descriptors for everything else: two for each connection of the pool (26), the lock (4),
#: Telegram (64), kie.ai (18), files and name look-ups (12), the interpreter (16).
RESERVED = 140
LEAST = 20  #: the fewest connections with which the port is useful
MOST = 1000  #: connections; Telegram opens 40 to 100, and each costs memory
ENOUGH = 4096  #: the soft limit is raised to this when the hard one allows it


def connections() -> int:
    """How many connections the listener may have. Raises ``Misconfigured`` when the limit of the
    process is too low for the bot."""
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
    """The limit of open files, after the soft limit was raised to at most ``ENOUGH``."""
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
