"""A job from its row to its end: callbacks, polling, settlement, orphans.

Who is authoritative
    Our table for what was ordered and what was settled; kie.ai's ``recordInfo`` for the state of a
    task. A callback only says that a query is worthwhile now.

The life of a job (``job.py``)::

    queued -> submitting -> waiting -> success | fail
                 |  ^          ^
                 |  +- queued -+ (a callback names the task)
                 +-> unclear --+-> fail

Rules

1. There is one job per request. Its row exists and its price is reserved before money is spent
   (``job_table.py``).
2. Every callback URL has the job's id and our signature, so that a callback finds its job even if
   we never received the task id (``callbacks.py``). A callback without a matching job is kept. It
   is matched when its task id becomes known, or by an operator, who is told after a day
   (``orphans.py``).
3. Every wait has its due time in the table. APScheduler only wakes the poller.
4. A task is first queried when it should be finished, then with growing pauses; less often while
   callbacks prove to arrive (``poll_schedule.py``). Tasks with a callback come first.
5. Every job has a deadline, whatever the queries return (``poller.py``): an unfinished task, an
   unreadable answer, kie.ai unavailable or busy. A task that kie.ai does not know after 90 s is
   given up.
6. The end is recorded once, in one transaction with money and news (``settle.py``). Later reports
   change zero rows. An end that cannot be stored is recorded as broken (``end_recorder.py``).
7. A job that was given up is queried for another day. Its late result is a gift: it is delivered,
   and the refund stays.

Time limits

    =======  ===================================================================
    waiting  15 min for a picture, 30 min for sound, 60 min for a clip; a day for
             a row without a deadline; 10 min more if it could not be queried
    fail     24 h in which the result of a job that was given up is still delivered
    orphan   a day, then the operator is told; housekeeping removes it
    =======  ===================================================================

What happens on failure
    When kie.ai does not answer, the check-up reports it to /health within seconds, even while
    there are no orders (``checkup.py``). A row at fault waits, and the others go on.
"""
