"""One process of the bot: its start and end, its parts, its services while ACTIVE.

Who is authoritative
    ``daemon.py`` for start and end, ``composition.py`` for the parts and their connections,
    ``services.py`` for what runs while ACTIVE and in which order, ``on_demand.py`` for when it is
    loaded: when somebody writes to the bot or has written within an hour, or when the instance
    becomes ACTIVE.

The start::

    descriptors ─► port ─► data directory ─► database: probe, schema ─► lock ─► load ─► services
                   │ answers within a second; routes say 503 until their owners exist

Rules

1. Services run while ACTIVE only. Those that finish old work start first. Each is made with
   ``thread`` or ``task`` of ``shared_parts.py``, which watch for crashes and missing progress.
2. A service that crashes ends the process with code 1; ``restarting.py`` restarts those that an
   unforeseen answer may break. A part without progress for a minute makes the process release the
   lock and end with 70, on every platform. A setting that no retry can mend ends it with 64; of
   Telegram's answers only a token that is refused repeatedly does.
3. A stop lets running work finish for ten seconds, then frees the lock, then closes the port:
   updates are stored until then. The process ends within 20 s, whatever hangs.
4. /ready answers 200 when an update could be stored now: the schema is current, and the inbox's
   own statement has just run (``Inbox.prove``).
5. Housekeeping scrubs and removes old rows in small fenced batches that wait for no lock. A row
   that cannot be removed stays; the others are removed.
6. No secret is printed, except by ``run.py status --metrics-token``.

What happens on failure
    Data directory not writable, database away: the process waits with its port open, and Telegram
    keeps its updates. A call that does not end with its term: the process ends, and the outcome of
    the call counts as unknown.
"""
