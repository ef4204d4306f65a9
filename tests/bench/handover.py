"""From the release of the lock to a verified successor: notified, and by a 1 s retry loop.

Both run the real protocol (sign off, unlock and notify; take, win a term, prove it) on
a real PostgreSQL, holder and waiter in threads of one process.

    python tests/bench/handover.py
"""

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from supervisor.clock import SystemClock
from supervisor.db import work_channel
from supervisor.embedded import EmbeddedPostgres
from supervisor.identity import Identity
from supervisor.lock import Lock, LockTarget, Victory
from supervisor.migration import migrate
from supervisor.secret import Secret
from supervisor.timing import Timing
from supervisor.waker import Waker

NOTIFIED, RETRIED = 300, 30


def target(dsn: Secret, name: str) -> LockTarget:
    identity = Identity(Secret("123456:BENCH"))
    return LockTarget(
        dsn,
        identity.lock_key,
        identity.fence_key,
        identity.bot_id,
        name,
        work_channel(identity.bot_id),
    )


def become_active(lock: Lock, *, notified: bool, waker: Waker) -> Victory:
    """What a waiter does until its lock is won and proved."""
    while not lock.take():
        if notified:
            lock.wait(5.0, waker)
        else:
            time.sleep(1.0)
    victory = lock.win(())
    lock.heartbeat(victory.term)
    return victory


def hand_over(
    holder: Lock, victory: Victory, waiter: Lock, *, notified: bool
) -> tuple[float, Victory]:
    """Milliseconds from the release to the verified successor, and its victory."""
    won: list[tuple[float, Victory]] = []
    waker = Waker()

    def wait() -> None:
        found = become_active(waiter, notified=notified, waker=waker)
        won.append((time.perf_counter(), found))

    thread = threading.Thread(target=wait)
    thread.start()
    # Long enough for the waiter to wait; a varying phase, so that a retry loop is
    # met at any point of its second.
    time.sleep(0.05 + (time.perf_counter() * 7919) % 1.0 * (0.0 if notified else 1.0))
    started = time.perf_counter()
    holder.sign_off(victory.term, "bench")
    assert holder.free()
    thread.join()
    waker.close()
    return (won[0][0] - started) * 1000, won[0][1]


def measure(dsn: Secret, count: int, *, notified: bool) -> list[float]:
    timing = Timing()
    holder, waiter = (Lock.open(target(dsn, name), timing) for name in ("a", "b"))
    assert holder.take()
    victory = holder.win(())
    gaps = []
    for _ in range(count):
        gap, victory = hand_over(holder, victory, waiter, notified=notified)
        gaps.append(gap)
        holder, waiter = waiter, holder
    holder.close()
    waiter.close()
    return gaps


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="trt-bench-") as folder:
        server = EmbeddedPostgres.start(Path(folder) / "data")
        migrate(server.dsn, SystemClock(), threading.Event())
        rows = [
            ("notified", measure(server.dsn, NOTIFIED, notified=True)),
            ("retry every 1 s", measure(server.dsn, RETRIED, notified=False)),
        ]
        server.close()
    print(f"{'release -> ACTIVE, ms':24}{'n':>6}{'p50':>10}{'p99':>10}{'max':>10}")
    for name, gaps in rows:
        cuts = statistics.quantiles(gaps, n=100)
        print(f"{name:24}{len(gaps):>6}{cuts[49]:>10.1f}{cuts[98]:>10.1f}{max(gaps):>10.1f}")
    ratio = statistics.median(rows[1][1]) / statistics.median(rows[0][1])
    print(f"the retry loop takes {ratio:.0f} x as long (median)")


if __name__ == "__main__":
    main()
