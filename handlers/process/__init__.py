"""One process of the bot: how it starts, what it consists of, what it does while ACTIVE.

Who is authoritative
    ``daemon.py`` for start and end, ``composition.py`` for who knows whom, ``services.py`` for
    what runs while ACTIVE and in which order. None of them decides anything else.

The start::

    descriptors ─► port ─► data directory ─► database: probe, schema ─► lock ─► services
                   │ answers within a second; routes say 503 until their owners exist

Rules

1. Services run while ACTIVE only. Those that finish old work start first. Each is made with
   ``thread`` or ``task`` of ``shared_parts.py``: then its crash and its silence are noticed.
2. A service that crashes ends the process (1). A part that makes no progress for a minute makes
   the process give the lock up and end (70), on every platform. A setting that no time can mend
   ends it with 64; of Telegram's answers only a token that it refuses again and again does.
3. A stop lets running work finish for ten seconds, then frees the lock, then closes the port:
   updates are stored to the last moment. The process ends within 20 s whatever hangs.
4. Housekeeping scrubs and removes old rows in small fenced batches that wait for nobody. A row
   that cannot be removed is left, and the others go.
5. No secret is printed but by ``run.py status --metrics-token``, which is asked for it.

What happens on failure
    A data directory that cannot be written now is waited for. A database that is away is waited
    for with the port open: Telegram keeps its updates. A call that outlives its term ends the
    process, and its outcome counts as unknown.
"""
