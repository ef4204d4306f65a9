"""Direct handling: an update is handled by the transaction that stores it, while ACTIVE.

Storing an update and handling it are two transactions, with a wait for the disk each, and the
second reads what the first has written. Where nothing stands in the way, one transaction does
both, and the update is acknowledged when it is committed.

Who is authoritative
    ``telegram_updates``, as for every update. A row that was handled directly is ``done`` from the
    start. What is in work is in memory only: it is not acknowledged, so Telegram sends it again.

The way of an update here::

    Inbox.put ─► direct_handling.py: reserve its lane ─► direct_work.py: one fenced transaction
        ▲            several updates share a transaction     facts ─► rule ─► effects, row "done"
        └─ everything else, and whatever fails: it is stored, and the dispatcher handles it

Rules

1. An update is handled directly only if its lane has no other work: nothing older that waits in
   the table, nothing in the inbox or in work. Its lane is reserved meanwhile: the dispatcher takes
   nothing of it, so the order of a lane holds.
2. Whatever is unusual is only stored, and handled by the dispatcher with its retries: an update
   that is known, that cannot be read, that spends credits or precedes a payment, that another
   session blocks for longer than ``LIMITS``, or whose handler fails. A transaction that fails has
   written nothing. Its updates are stored before their lanes are free again, and before the term
   ends in order.
   One that needs no answer, as most of what a group says, is stored as done and nothing is read for
   it.
3. Acknowledged means committed, here too. What comes while all workers are busy for longer than
   ``SLOW`` is only stored, and so is what waits for them: a slow handler delays only those that
   share its transaction.
4. An update during which the process dies is stored nowhere, and Telegram sends it again. So a
   process notes that it handles directly (``crash_note.py``). Another one that finds the note of a
   process that has not ended in order handles nothing directly for ``SUSPICIOUS`` seconds, and
   leaves its own if it ends before: what kills processes is then stored, and set aside by the
   rules of ``handlers/dispatch/begun_updates.py``.

What happens on failure
    Process killed: nothing is written, and Telegram sends the update again. Term over: the fence
    refuses the transaction, and the update is stored for the next term. Commit without an answer:
    storing it finds the row, or writes it. Database away: as for every update, 503.
"""
