"""The HTTP port: one listener, the routes that others hand to it, and nothing for strangers.

Who is authoritative
    A ``Route`` decides about its requests: from the head alone (``admit``), then from the whole
    body (``answer``). The listener knows no route's meaning.

The way of a request::

    acceptor ─► connection (aiohttp) ─► exchange: admit ─► body, bounded ─► answer ─► bare status
        ▲              │
        └── room? ◄────┘ descriptors: the listener's share; above it the longest idle one goes

Rules

1. The port is bound before anything else of the program exists. A route whose owner is still
   being built (``NotReady``) answers 503.
2. Nothing is read of a body that ``admit`` refuses. Each route bounds its bodies; all unfinished
   bodies together are bounded, too (32 MiB), and each has 15 s to come.
3. The listener holds a share of the open files; the rest is for the database and outgoing calls.
   Above the share the connection that we have waited for longest is closed. Who has sent a whole
   request and waits for us is never closed for another one; if all do, a new one is refused.
4. A limit of open files with which the bot cannot work refuses the start (64).
5. A failing ``accept`` is a throttled line and a pause of 0.1 s, never a loop.
6. Strangers decide how often something happens, not how much is logged: each line that they can
   cause is written once in ten seconds, with the number of those left out.
7. No answer carries a banner, a trace, a version or the reason of an error. /health and /ready
   tell the class of a trouble. /metrics is for this machine and its private network, and for
   who bears the token; what a proxy has passed on comes from outside.
8. /ready proves what it says: the intake's writer runs its own statement, once a second at most.

What happens on failure
    A route that raises ``Unavailable`` (or an outcome that is unknown) becomes 503 with
    Retry-After; anything else a bare 500 and one line with its traceback. A port that cannot be
    bound ends the process with 64.
"""
