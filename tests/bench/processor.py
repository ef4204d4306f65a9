"""Processor time of processes, for the benchmarks."""

from contextlib import suppress

import psutil


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def server_seconds(postmaster: psutil.Process, *, without: int = 0) -> float:
    """Of a PostgreSQL server: its processes, and those that have ended (autovacuum's, sessions),
    ``without`` the session of the benchmark."""
    ended = postmaster.cpu_times()
    seconds = float(ended.children_user + ended.children_system)
    for process in postmaster.children():
        with suppress(psutil.NoSuchProcess):
            seconds += cpu_seconds(process) if process.pid != without else 0.0
    return seconds
