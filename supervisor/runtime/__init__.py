"""What every room runs on: time, threads, wake-ups, waits, the term, errors.

Who is authoritative
    ``clock.py`` for elapsed time, which counts suspension; PostgreSQL for points in time. The two
    are never compared. ``threads.py`` owns every thread and ``errors.py`` the meaning of a failure.

How work is woken::

    commit ─► Wakeups.signal(topic) ─► Event or WakePipe ─► "look at your table now"

Rules

1. A wake-up carries no work. Losing one costs time, never data: the gauge sampler looks at every
   table every few seconds.
2. Every wait ends at a stop request (``waits.py``, ``stop_request.py``) or has a bound.
3. A thread or a task that ends without being asked is a failure, and its owner is told.
4. A term is the permission to act. The ``Gate`` is asked before each outside call with the time
   that the call may take.
5. A call that hangs in the network is freed from another thread by a shutdown of its socket
   (``abortable_socket.py``).
6. Who works in a loop reports that it comes round (``progress.py``).
7. APScheduler follows the wall clock; a jump of it makes every job due at once.

What happens on failure
    ``Disposition`` tells the caller what is known: it had no effect and may work later (RETRY) or
    never (GIVE_UP), it may have had one (ASK), or the term is over (STEP_DOWN).
"""
