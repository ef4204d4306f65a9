"""The ground everything else stands on: it knows neither Telegram nor kie.ai.

This layer answers one question: *may this process act right now?* It runs the services that
it is given while the answer is yes. The rooms, each of which imports only those after it:

``http``
    The listener and its routes.
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
``runtime``
    Clock, threads, scheduler, wake-ups, the term and its gate, errors.
``values``
    Foreign texts and numbers, made safe where they enter.

The way from the start to the end of a process::

    settings ─► port ─► database: schema, pool ─► lock: compete ─► term: services run
                                                     ▲                  │ lost
                                                     └──────────────────┘
    stop requested ─► services end ─► sign off ─► lock freed ─► port closed

Rules for every room

1. Nothing sleeps: every wait ends at a stop request.
2. A service that dies takes the process down; the process manager restarts it.
3. An error that crosses a module is a ``BotError``, and its disposition says what is known about
   the call that failed.
"""
