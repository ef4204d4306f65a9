"""What the process asks of Python and the system: how much memory it takes, and whether others come
first."""

import contextlib
import ctypes
import gc
import mmap
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any, ClassVar

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
    # requests imports what guesses encodings, with six codecs; nothing of ours asks for a guess.
    absent: Any = None  # an import of it raises ImportError
    sys.modules.setdefault("charset_normalizer", absent)
    warnings.filterwarnings("ignore", "Unable to find acceptable character detection")
    # Other C libraries have no such function or no such option.
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
    if sys.version_info >= (3, 14):
        threading.stack_size(STACK)


class _Header(ctypes.Structure):
    """Elf64_Phdr: a part of a library."""

    _fields_: ClassVar[list[Any]] = [
        *((name, ctypes.c_uint32) for name in ("type", "flags")),
        *((name, ctypes.c_uint64) for name in ("offset", "address", "_", "_file", "size", "align")),
    ]


class _Library(ctypes.Structure):
    """struct dl_phdr_info: the program or a library, where it is loaded."""

    _fields_: ClassVar[list[Any]] = [
        ("base", ctypes.c_uint64),
        ("name", ctypes.c_char_p),
        ("headers", ctypes.POINTER(_Header)),
        ("count", ctypes.c_uint16),
    ]


_LOAD, _DYNAMIC = 1, 2  #: types of parts, of elf.h
_WRITABLE = 2  #: of a part's flags
_TEXT_RELOCATIONS = 22  #: the dynamic section's mark of a library that was changed when loaded


def unmap_code() -> None:
    """Take the code of all libraries out of this process; what runs again is mapped again.

    The start runs through much code once: parts of the interpreter, of two OpenSSLs, of parsers.
    Linux keeps these pages in its cache and may now use them for something else. Mapping one again
    takes about a microsecond.
    """
    found: list[tuple[int, int]] = []

    def note(library: Any, _size: int, _data: Any) -> int:
        found.extend(_unchanged(library.contents))
        return 0

    # Other systems have neither function. PyDLL keeps the interpreter's lock: a thread that waits
    # for it here would hold the loader's lock.
    with contextlib.suppress(OSError, AttributeError):
        c = ctypes.PyDLL(None)
        if ctypes.sizeof(ctypes.c_void_p) != ctypes.sizeof(ctypes.c_uint64):
            return
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(_Library), ctypes.c_size_t, ctypes.c_void_p
        )
        c.dl_iterate_phdr(kind(note), None)
        for begin, end in found:
            c.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), int(mmap.MADV_DONTNEED))


def _unchanged(library: _Library) -> Iterator[tuple[int, int]]:
    """Whole pages that are as in the library's file, since nobody can have written to them."""
    if library.name and not library.name.startswith(b"/"):
        return  # the kernel's own
    headers = library.headers[: library.count]
    if any(each.type == _DYNAMIC and _is_relocated(library.base, each) for each in headers):
        return
    page = mmap.PAGESIZE
    for each in headers:
        if each.type == _LOAD and not each.flags & _WRITABLE:
            begin = library.base + each.address
            first, last = -(-begin // page) * page, (begin + each.size) // page * page
            if first < last:
                yield first, last


def _is_relocated(base: int, dynamic: _Header) -> bool:
    entries = (ctypes.c_uint64 * (dynamic.size // 8)).from_address(base + dynamic.address)
    return _TEXT_RELOCATIONS in entries[::2]


def yield_to_others() -> None:
    """This process gets the processor when nobody else needs it."""
    # Windows has no such function.
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).nice(19)
