"""What the process asks of Python and the system before it imports the program: how much memory it
takes, and whether others come first."""

import contextlib
import ctypes
import gc
import sys
import threading

#: Thresholds of the garbage collector. With the default of 700, 10 and 10 it takes about a tenth of
#: the dispatcher's processor time under load, and of the imports: nearly all objects of an update
#: are freed with their last reference.
GC_THRESHOLDS = (20_000, 20, 100)
_M_ARENA_MAX = -8  #: of glibc's malloc.h
#: glibc makes up to eight arenas a processor for threads, and each keeps what it has freed. Few
#: threads allocate at the same time, since the interpreter's lock is held by one.
ARENAS = 2
#: Bytes of a thread's stack with Python 3.14 and newer. These let nested JSON recurse until the
#: stack is used up, and what a stack has used once stays in memory until its thread ends: with the
#: usual 8 MB a body of brackets would cost that much in every thread. Older Pythons count the
#: depth; 3.13 would crash on a stack that is smaller than its count assumes.
STACK = 1024 * 1024


def be_frugal() -> None:
    """Call it before the first thread is started."""
    gc.set_threshold(*GC_THRESHOLDS)
    # Other C libraries have no such function or no such option.
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
    if sys.version_info >= (3, 14):
        threading.stack_size(STACK)


def yield_to_others() -> None:
    """This process gets the processor when nobody else needs it."""
    # Windows has no such function.
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).nice(19)
