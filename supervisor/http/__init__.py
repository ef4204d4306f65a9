"""The HTTP port: one listener, and the routes that other packages give to it.

Who is authoritative
    A ``Route`` decides about its requests: first from the head alone (``admit``), then with the
    whole body (``answer``). The listener treats all routes alike.

The path of a request::

    acceptor ─► connection (aiohttp) ─► exchange: admit ─► body, bounded ─► answer ─► bare status
        ▲              │
        └── room? ◄────┘ descriptors: the listener's share; above it the longest idle one goes

Rules

1. The port is bound before any other part of the program exists. A route whose owner is not ready
   yet (``NotReady``) answers 503.
2. The body of a request that ``admit`` refuses is not read. Each route limits the size of its
   bodies. All unfinished bodies together may take 32 MiB, and each must arrive within 15 s.
3. The listener may use a share of the process's open files; the rest is for the database and for
   outgoing calls. Above that share it closes the connection that has been idle for longest. A
   connection with a complete, unanswered request is never closed for a new one; if all
   connections have such requests, the new one is refused.
4. When the limit of open files is too low for the bot, the start is refused (64).
5. After a failed ``accept`` the listener logs one throttled line and pauses for 0.1 s.
6. A line that strangers can cause is logged at most once in ten seconds, with the number of lines
   left out.
7. No answer contains a banner, a traceback, a version or the reason of an error. /health and
   /ready show the class of a trouble. /metrics answers this machine, its private network, and
   requests with the bearer token. A request that came through a proxy counts as coming from
   outside.
8. /ready checks the whole path: the intake's writer runs its statement, at most once a second.

What happens on failure
    A route that raises ``Unavailable`` or ``OutcomeUnknown`` is answered with 503 and Retry-After.
    After any other exception the answer is an empty 500, and the traceback is logged. If the port
    cannot be bound, the process ends with 64.
"""
