"""A wall clock that a test sets, for one process: a small library that is loaded before libc.

Elapsed time and the clocks of other processes, such as PostgreSQL, are not changed.
"""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long seconds(void) {
    static volatile long *shared = 0;
    if (!shared) {
        int file = open(getenv("WALL_CLOCK"), O_RDONLY);
        if (file < 0) return 0;
        void *found = mmap(0, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
        close(file);
        if (found == MAP_FAILED) return 0;
        shared = found;
    }
    return *shared;
}

int clock_gettime(clockid_t which, struct timespec *found) {
    static int (*real)(clockid_t, struct timespec *) = 0;
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int code = real(which, found);
    if (!code && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
        found->tv_sec += seconds();
    return code;
}

int gettimeofday(struct timeval *found, void *zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    found->tv_sec = now.tv_sec;
    found->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *found) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (found) *found = now.tv_sec;
    return now.tv_sec;
}
"""


class WallClock:
    """``env`` is for the process; ``set`` sets its clock at any time."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("gcc") is None:
            pytest.skip("no C compiler is installed here")
        source, library = folder / "wall_clock.c", folder / "wall_clock.so"
        source.write_text(_SOURCE)
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        self._shared = folder / "wall_clock"
        self.set(0)
        self.env = {"LD_PRELOAD": str(library), "WALL_CLOCK": str(self._shared)}

    def set(self, seconds: int) -> None:
        """So many seconds ahead of the right time."""
        with self._shared.open("r+b" if self._shared.exists() else "wb") as shared:
            shared.write(struct.pack("@l", seconds))
