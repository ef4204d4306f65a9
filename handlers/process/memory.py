"""What the process asks of Python and the system: how much memory it takes, and whether others come
first."""

import contextlib
import ctypes
import gc
import mmap
import re
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    # requests would import a package that guesses encodings, with six codecs. We never use it.
    absent: Any = None  # an import of it raises ImportError
    sys.modules.setdefault("charset_normalizer", absent)
    warnings.filterwarnings("ignore", "Unable to find acceptable character detection")
    # Other C libraries have no such function or no such option.
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
    if sys.version_info >= (3, 14):
        threading.stack_size(STACK)


#: A mapping in /proc/self/smaps: first and last address, rights, path, and its figures.
_MAPPING = re.compile(
    r"^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ +(/\S+)\n((?:[A-Z]\w*:.*\n)*)", re.MULTILINE
)
#: No page of it was written to, neither one in memory nor one in the swap space.
_UNCHANGED = re.compile(r"^Anonymous: +0 kB\n(?:.*\n)*?Swap: +0 kB$", re.MULTILINE)


def unmap_code() -> None:
    """Take the code of all libraries out of this process; what runs again is mapped again.

    The start runs through much code once: parts of the interpreter, of two OpenSSLs, of parsers.
    Linux keeps these pages in its cache and may now use them for something else. Mapping one again
    takes about a microsecond. Only libraries: nobody unmaps those, and no page of these mappings
    was ever written to.
    """
    # Other systems have neither the file nor the function.
    with contextlib.suppress(OSError, AttributeError):
        smaps = Path("/proc/self/smaps").read_text(encoding="utf-8", errors="replace")
        madvise = ctypes.CDLL(None).madvise
        for first, size in code_of(smaps, str(Path(sys.executable).resolve())):
            madvise(ctypes.c_void_p(first), ctypes.c_size_t(size), int(mmap.MADV_DONTNEED))


def code_of(smaps: str, program: str) -> Iterator[tuple[int, int]]:
    """Address and size of each mapping of a library or of ``program`` that can be read from its
    file again."""
    for begin, end, rights, path, figures in _MAPPING.findall(smaps):
        library = ".so" in path.rpartition("/")[2] or path == program
        if library and "w" not in rights and _UNCHANGED.search(figures):
            yield int(begin, 16), int(end, 16) - int(begin, 16)


def yield_to_others() -> None:
    """This process gets the processor when nobody else needs it."""
    # Windows has no such function.
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).nice(19)
