"""Delivery: what is to be told goes out to Telegram, while ACTIVE.

Who is authoritative
    ``deliveries``, the outbox. A row is written in the transaction that makes it true. What is held
    in memory (pacing, tasks under way) can be thrown away at any moment.

The way of a delivery::

    outbox.py ─► deliveries ─► claims.py ─► sender.py ─► calls.py, media.py ─► Telegram
                     ▲          commit       a task each           │
                     └───────── recording.py ◄── outcome.py ◄──────┘

Rules

1. A delivery is claimed in a commit before its call and settled in one after it. What belongs to
   one line goes out in the order of ``id``, one at a time; a row at fault waits alone.
2. Guaranteed: a delivery outlives every crash, its order is kept, and a call that surely had no
   effect is made again until it succeeds, is refused or its tries are used up.
3. Not guaranteed: that it arrives exactly once. A call without an answer may have arrived. A status
   is then dropped, an answer is sent once more, a result once more after 30 s (counted as a
   possible duplicate), and after a second silence neither. Only answers to presses and payments
   are repeated at once, for two seconds: nobody can see them twice.
4. A call that the end of a process has cut off is begun again up to five times.
5. About one message a second goes to one chat, 20 a minute to a group, and 30 a second to all chats
   for what is no answer, in 14 of the 24 slots. Telegram's "retry after" is kept in the table, for
   one chat or (number 0) for all.
6. A file climbs a ladder (``media.py``): Telegram fetches the link, we upload, the user gets the
   link. A result is also fetched to the disk at once and kept until it is delivered
   (``result_fetcher.py``, ``result_store.py``), because kie.ai's links end. Neither waits for the
   other.
7. A result for a user who has blocked the bot waits up to 20 hours for the return.
8. A delivered result is paid for; one that cannot be delivered goes back (``kie/money``).

What happens on failure
    Process killed: a delivery left ``sending`` counts as unanswered in the next term, unless the
    same process heard the answer after its term. Telegram away: deliveries wait with growing
    pauses, in order. Database away after a call: the outcome is written as soon as it is back.
"""
