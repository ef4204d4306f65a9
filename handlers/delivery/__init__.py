"""What the bot says and shows: the outbox, and the sender that empties it while ACTIVE.

Who is authoritative
    The table ``deliveries``. Whoever makes something true writes what is to be told about it in
    the same transaction (``outbox.py``). Everything in memory can be thrown away.

The way of a delivery::

    outbox.py ─► pending ─► claims.py ─► sending ─► calls.py, media.py
                                                       │ result or error
                 sent, dropped, … ◄─ outcome_recorder.py ◄─ outcome.py

States: ``pending`` (to be sent), ``sending`` (claimed; the call may have begun), ``unknown`` (a
result whose call went unanswered), ``held`` (a result of a user who blocked the bot), ``sent``,
``dropped``, ``failed``.

Rules

1. The claim is committed before the call begins, the outcome after it ended; each in
   transactions of their own, outcomes first.
2. The order of a chat holds within a line: its answers, its notices, each job's progress and
   result. What is tried again holds up nothing of another line.
3. One row that cannot be written waits alone (``supervisor/database/batch.py``). A result that
   was sent is recorded even if its money cannot be booked: ``owed`` in the row says so.
4. Every call passes the gate (``send_context.py``) before its first byte leaves.
5. A call that had no effect is repeated; one that was refused tries its next form (``media.py``),
   at last the link in words; one without an answer is repeated once if it is an answer or a
   result (``outcome.py``).
6. Foreign hosts have threads, a share and a circuit of their own (``link_reader.py``); who waits
   for bytes gives its slot back (``in_flight.py``).
7. Telegram's limits are kept per chat (``pacing.py``). A 429 parks its chat; three chats refused
   at once silence all, for the shortest time that was asked.
8. Results are fetched to the disk at once (``result_fetcher.py``, ``result_store.py``): links die.

What happens on failure
    Killed in the middle: the next term repeats an answer at once, a result after a pause, and
    drops progress. Database away: nothing is claimed, and what calls did is kept in memory until
    it can be recorded. Telegram away: deliveries wait with growing pauses. User has blocked the
    bot: results are held for 20 hours and then cost nothing.
"""
