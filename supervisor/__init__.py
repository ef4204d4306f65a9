"""The lowest layer of code: it knows neither Telegram nor kie.ai.

This layer answers one question: *may this process act right now?* While the answer is yes, it
runs the services that it is given. The rooms, each of which imports only those after it:

``http``
    The HTTP listener and its routes.
``health``
    What /health, /ready and /metrics say; systemd's notifications.
``lock``
    Who is ACTIVE: competing for the lock, holding a term, ending it.
``database``
    Sessions, transactions, the pool, the schema, the embedded server.
``settings``
    The environment, ``.env`` and systemd's credentials; what is derived from the token.
``telemetry``
    Log lines, metrics, the trace of an update.
``network``
    From the name of a host to a connection, within time limits.
``runtime``
    Clock, threads, scheduler, wake-ups, the term and its gate, errors.
``values``
    Texts and numbers from outside, made safe where they enter.

A process from start to end::

    settings ─► port ─► database: schema, pool ─► lock: compete ─► term: services run
                                                     ▲                  │ lost
                                                     └──────────────────┘
    stop requested ─► services end ─► sign off ─► lock freed ─► port closed

Rules for every room

1. Every wait ends at a stop request; nothing calls ``time.sleep``.
2. When a service crashes, the process ends, and the process manager restarts it.
3. An error that crosses a module is a ``BotError``. Its disposition says what is known about
   the call that failed.
"""
