"""Delivery of messages and results: the outbox, and the sender that empties it while ACTIVE.

Who is authoritative
    The table ``deliveries``. A message about a change is written in the transaction that makes the
    change (``outbox.py``). Everything in memory can be thrown away.

The way of a delivery::

    outbox.py ─► pending ─► claims.py ─► sending ─► calls.py, media.py
        └───────── claimed.py ──────────────┘          │ result or error
                 sent, dropped, … ◄─ outcome_recorder.py ◄─ outcome.py

States: ``pending`` (to be sent), ``sending`` (claimed; the call may have begun), ``unknown`` (a
result whose call went unanswered), ``held`` (a result of a user who blocked the bot), ``sent``,
``dropped``, ``failed``.

Rules

1. The claim is committed before the call begins, the outcome after it has ended. Each look at the
   table records outcomes first and then claims, in separate transactions. An answer that may go
   at once is claimed by the transaction that writes it (``claimed.py``). Outcomes that nothing
   waits for are recorded together, a little later (``InFlight.settle``).
2. Within a chat the order holds per line: answers, notices, and each job's progress and result.
   A retry in one line delays no other line.
3. A row that cannot be written waits alone (``supervisor/database/batch.py``). A result that was
   sent is recorded even if its money cannot be booked yet; ``owed`` marks its row.
4. Every call passes the gate (``in_flight.py``) before its first byte leaves.
5. ``outcome.py`` decides what follows from a call. A call that had no effect is repeated. A refused
   file is sent in its next form (``media.py``), at last as a link in a text. A call without an
   answer (``OutcomeUnknown`` of ``bot_api``) is repeated once; a status or a toast is dropped
   instead, and a refund of Stars is repeated until Telegram answers.
6. Downloads from result hosts have their own threads, limits and circuit breakers per host
   (``kie/files/link_reader.py``). A delivery that waits for a download releases its slot
   (``in_flight.py``).
7. Telegram's limits are kept per chat (``pacing.py``). A 429 (``TooManyRequests``) pauses its chat
   for the time that Telegram names. When three chats are refused within two seconds, all chats
   pause, for the shortest of these times.
8. Results are fetched to the disk at once (``kie/files``): their links expire.

What happens on failure
    Killed in the middle: the next term repeats an answer at once, a result after a pause, and
    drops progress. Database away: nothing is claimed, and what calls did is kept in memory until
    it can be recorded. Telegram away: deliveries wait with growing pauses. User has blocked the
    bot: results are held for 20 hours and then cost nothing.
"""
