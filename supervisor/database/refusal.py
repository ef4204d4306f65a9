"""The SQLSTATE with which a server refuses a connection.

libpq reports a refused connection only as text in the server's language. With
``PQsetErrorVerbosity`` it reports the code instead, but that can be set only on an asynchronous
connection, which we cannot use for work. So a second connection attempt is made for the code.
psycopg2 documents ``pgconn_ptr`` for such calls of libpq.
"""

import ctypes
import re
from typing import Any

import psycopg2
import psycopg2.extensions

from supervisor.runtime.readiness import wait_readable, wait_writable

_SQLSTATE_ONLY = 3  #: PQERRORS_SQLSTATE, PostgreSQL 12
_WAIT = 3.0  #: seconds for each step
#: "failed: FATAL:  …" in any language: the error comes from the server, not from the network.
_SPOKEN = re.compile(r": \S+:  \S")
_CODE = re.compile(r"\S+:  ([0-9A-Z]{5})\s*$", re.MULTILINE)


def sqlstate(error: psycopg2.Error, dsn: str, parameters: dict[str, Any]) -> str | None:
    """The SQLSTATE of ``error``; None: no server refused it, the network or the host failed."""
    if error.pgcode is not None:
        return error.pgcode
    if _SPOKEN.search(str(error)) is None:
        return None
    try:
        connection = psycopg2.connect(dsn, async_=True, **parameters)
        try:
            _set_verbosity(connection)
            _finish(connection)
        finally:
            connection.close()
    except psycopg2.Error as again:
        found = _CODE.search(str(again))
        return found[1] if found else None
    # Accepted this time.
    return None


def _set_verbosity(connection: Any) -> None:
    # Through psycopg2's extension module, which is linked with the libpq of our connections.
    library = ctypes.PyDLL(psycopg2._psycopg.__file__)
    function = library.PQsetErrorVerbosity
    function.argtypes = [ctypes.c_void_p, ctypes.c_int]
    function(connection.pgconn_ptr, _SQLSTATE_ONLY)


def _finish(connection: Any) -> None:
    while True:
        state = connection.poll()
        if state == psycopg2.extensions.POLL_OK:
            return
        reads = state == psycopg2.extensions.POLL_READ
        if not (wait_readable if reads else wait_writable)([connection], _WAIT):
            return
