"""The conversation: what Telegram sends, what people read.

Who is authoritative
    The tables. ``telegram_updates`` is the inbox, ``dialogues`` is where a user stands,
    ``deliveries`` is the outbox. Nothing that was acknowledged lives in memory only;
    what is held there (lanes, pacing) can be thrown away at any moment.

The way of an update::

    webhook.py ─┐                                        ┌─► dialogues, generation_jobs
                ├─► inbox.py ─► telegram_updates ─► dispatcher.py
    polling.py ─┘   group commit                     dialogue/: pure
                                                         └─► deliveries ─► sender.py ─► Telegram
                                                                 ▲
                                                  kie/ ─► news.py┘

A result goes out the moment it is known, in the form of ``results.py``, by the ladder of
``media.py``: Telegram fetches the link, or we upload, or the user gets the link. At the same
time its files are fetched to the disk (``keeper.py``, ``spool.py``) and stay there until it is
delivered, because kie.ai's links die; neither waits for the other.

Rules the code relies on

1. Acknowledged means committed: the webhook answers 200, and getUpdates' offset moves,
   only after the update's row is in the database. Any instance may store.
2. The raw body is stored before anyone tries to understand it. What cannot be read is
   kept as ``dead``; it never costs a non-2xx answer and never blocks what follows.
3. A lane is a chat (a user, where there is no chat). One update of a lane is in work at
   a time, in the order of ``update_id``; worker slots go to lanes in turn. Who is about to
   pay has a lane and a worker apart: Telegram waits ten seconds for that answer.
4. A handler decides and does nothing: ``dialogue/`` turns facts into effects, the
   dispatcher carries them out. Job, messages, dialogue and "done" are one fenced commit.
   Updates of several lanes may share it, wholly or not at all; if one of them fails, each
   gets a commit of its own.
5. An update whose handler fails is tried again after 1, 5, 30 and 120 s and then set
   aside, of which the operators are told once; ``run.py status --replay`` makes it work
   again. Its lane goes on meanwhile: a user must not wait for our mistake, and that
   update alone may be handled out of order. When the database is away nothing counts
   as a try and the order stays.
6. Only the ACTIVE instance talks, with one exception: ``presses.py`` ends the spinner of a
   press that nobody has answered after 1.2 s, on whichever instance has stored it. It can
   do nothing else, and its claim in the table keeps the handler from answering again. A
   delivery is claimed in a commit before the call and settled in one after it; per chat in
   the order of ``id``, one at a time.
7. Guaranteed: a delivery outlives every crash, its chat's order is kept, and a call that
   surely had no effect is made again until it succeeds, is refused or its tries are used
   up. Not guaranteed: that it arrives exactly once. A call without an answer may have
   arrived; a status is then dropped, an answer is sent once more, a result once more after
   30 s (counted as a possible duplicate), and after a second silence neither. Only what ends
   a spinner (a press, a payment) is repeated at once for two seconds: it cannot be seen twice.
   What the end of a process has cut off is begun again up to five times. A result for a
   user who has blocked the bot waits up to 20 hours for the return.
8. A button carries the version of the dialogue that showed it. A button of an older
   step changes nothing; its user is told and gets the current step again. The button
   that makes a job names it by (chat, message, version), so two presses make one job.
9. The webhook is set only when it differs, never deleted on the way out, and pending
   updates are never dropped.
10. Text of a user reaches Telegram only through ``texts.escape``.
11. A press that waited for over 15 s is too old for an answer: what costs is asked again,
    everything else just happens, and words that only the answer would have shown become a
    message.
12. One chat is written to about once a second, a group 20 times a minute, and what is not an
    answer 30 times a second over all chats, in 14 of the 24 slots. Telegram's own "not
    before" is kept in the table, for one chat or (number 0) for all.
13. A number of Telegram is known for 72 hours, a body is kept for a week, the row and a
    callback that fitted no job for a month, a job for half a year; ``housekeeping.py``
    removes what is older, 500 rows at a time.
14. Operators hear of what needs them (``alerts.py``, and whoever sees a single event): the
    same thing once an hour, 20 things an hour, no secret, and no more than a line of an error.
    An operator is whom Telegram's own number names, in private; nothing else makes one.

What happens on failure
    Database away: the webhook says 503 and Telegram keeps the update; getUpdates does not
    move on. Process killed: an update is ``new`` or done with all its effects; a delivery
    left ``sending`` is treated as unanswered by the next term, unless the same process
    heard the answer after it had lost its term. Telegram away: deliveries
    wait with growing pauses, in order. Token refused: the process ends with exit code 64.
"""
