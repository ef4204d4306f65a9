"""What the other rooms share: time, threads, wake-ups, waits, the term, errors.

Who is authoritative
    ``clock.py`` for elapsed time, which counts time spent in suspend; PostgreSQL for points in
    time. The two are never compared. ``threads.py`` starts and joins every thread; ``errors.py``
    says what a failure means.

How work is woken::

    commit ─► Wakeups.signal(topic) ─► Event or WakePipe ─► "look at your table now"

Rules

1. A wake-up carries no work. Losing one costs time, never data: the gauge sampler looks at every
   table every fifteen seconds.
2. Every wait ends at a stop request (``waits.py``, ``stop_request.py``) or has a time limit.
3. A thread or task that ends without a stop request has failed, and its owner is told.
4. A term is the permission to act. Before each outside call the ``Gate`` checks that trust lasts
   for as long as the call may take.
5. A call that hangs in the network is ended from another thread by a shutdown of its socket
   (``abortable_socket.py``).
6. Every loop reports progress (``progress.py``).
7. APScheduler follows the wall clock. When that jumps, every job becomes due at once.

What happens on failure
    ``Disposition`` says what is known of the failed call: it had no effect and may work later
    (RETRY) or never (GIVE_UP), it may have had an effect (ASK), or the term is over (STEP_DOWN).
"""
