"""What is done to the instance that acts, and how it is undone.

Each fault is a generator: it breaks something, yields while somebody takes over, and mends what
it broke. Those of ``BRIEF`` end by themselves around the moment at which trust runs out or the
server frees the lock: whether somebody takes over is a matter of milliseconds then.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator

import psycopg2

from supervisor.lock.timing import Timing
from tests.chaos.cluster import Cluster, Place

Fault = Callable[[Cluster, Place, random.Random], Iterator[None]]
STOP_WITHIN = 20.0  #: seconds; the contract's bound for SIGTERM


def sigterm(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    holder.signal(signal.SIGTERM)
    yield
    assert holder.popen.wait(STOP_WITHIN) == 0, holder.log[-3000:]
    holder.start()


def sigterm_twice(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    holder.signal(signal.SIGTERM)
    time.sleep(moments.choice((0.0, 0.002, 0.01)))
    yield from sigterm(made, holder, moments)


def sigkill(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    holder.signal(signal.SIGKILL)
    yield
    holder.popen.wait(10)
    holder.start()


def kill_waiter(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    """It happens to somebody else: the holder must not even notice."""
    waiter = moments.choice([place for place in made.places if place is not holder])
    yield from sigkill(made, waiter, moments)


def freeze(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    holder.signal(signal.SIGSTOP)
    yield
    time.sleep(moments.uniform(0.0, 0.5))
    holder.signal(signal.SIGCONT)


def freeze_and_terminate(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    """The lock is free at once, but the holder may thaw while its trust still lasts."""
    holder.signal(signal.SIGSTOP)
    _terminate(made, holder)
    time.sleep(moments.uniform(0.0, made.timing.trust))
    holder.signal(signal.SIGCONT)
    yield


def freeze_across(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    holder.signal(signal.SIGSTOP)
    time.sleep(_around_the_deadlines(made.timing, moments))
    holder.signal(signal.SIGCONT)
    yield


def terminate(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    _terminate(made, holder)
    yield


def cut(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    yield from _cut(holder, "both")


def cut_to_server(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    yield from _cut(holder, "to_server")


def cut_from_server(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    yield from _cut(holder, "from_server")


def cut_and_terminate(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    """The lock is free at once, and the holder cannot know it."""
    assert holder.namespace is not None
    holder.namespace.cut("both")
    _terminate(made, holder)
    yield
    holder.namespace.heal()


def cut_across(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    assert holder.namespace is not None
    holder.namespace.cut(moments.choice(("both", "to_server", "from_server")))
    time.sleep(_around_the_deadlines(made.timing, moments))
    holder.namespace.heal()
    yield


def restart_fast(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    made.server.restart("fast")
    yield


def restart_immediate(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    made.server.restart("immediate")
    yield


def kill_backend(made: Cluster, holder: Place, moments: random.Random) -> Iterator[None]:
    """One that has nothing to do with the lock; the server drops all sessions for it."""
    bystander = psycopg2.connect(made.server.dsn.reveal())
    os.kill(bystander.info.backend_pid, signal.SIGKILL)
    yield
    bystander.close()


ANYWHERE: tuple[Fault, ...] = (
    sigterm,
    sigterm_twice,
    sigkill,
    kill_waiter,
    freeze,
    freeze_and_terminate,
    freeze_across,
    terminate,
    restart_fast,
    restart_immediate,
    kill_backend,
)
WITH_NAMESPACES: tuple[Fault, ...] = (
    cut,
    cut_to_server,
    cut_from_server,
    cut_and_terminate,
    cut_across,
)
#: After these the same term may still be the one that acts.
BRIEF = frozenset({kill_waiter, freeze_across, cut_across})


def _cut(holder: Place, how: str) -> Iterator[None]:
    assert holder.namespace is not None
    holder.namespace.cut(how)
    yield
    holder.namespace.heal()


def _terminate(made: Cluster, holder: Place) -> None:
    made.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE %s",
        f"trt:%:{holder.instance}",
    )


def _around_the_deadlines(timing: Timing, moments: random.Random) -> float:
    return moments.uniform(0.6 * timing.trust, 1.1 * timing.idle)
