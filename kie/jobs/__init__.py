"""A job from its row to its end: who reports it, who decides, who is told.

Who is authoritative
    Our table for what was asked and what was settled; kie.ai's ``recordInfo`` for how a
    task stands. A callback is a hint that it is worth asking.

The life of a job (``job.py``)::

    queued -> submitting -> waiting -> success | fail
                 |  ^          ^
                 |  +- queued -+ (a callback names the task)
                 +-> unclear --+-> fail

Rules

1. A job exists once per request, with its price reserved, before money is spent
   (``job_table.py``).
2. Every callback URL carries the job's number and our signature, so that even a task whose
   number we never heard finds its job (``callbacks.py``). What fits no job is kept, matched when
   its task appears or by hand, and told to the operator after a day (``orphans.py``).
3. Whatever is waited for has its due time in the table; APScheduler only shortens the wait.
4. A task is asked for first when it should be done, then less and less; seldom while callbacks
   are proven to come (``poll_schedule.py``). What a callback has spoken of goes first.
5. The time of a job ends it whatever asking brings (``poller.py``): a task that is never done, an
   answer that nobody can read, kie.ai away or busy. One that kie.ai does not know after its first
   90 s is given up.
6. The end is recorded once, in one transaction with money and news (``settle.py``). Later
   reports change zero rows. An end that cannot be recorded as it is, is recorded as broken
   (``end_recorder.py``).
7. A job that was given up is asked for for another day; what comes of it is a gift.

The bound on each wait

    =======  ===================================================================
    waiting  15 min for a picture, 30 min for sound, 60 min for a clip; a day for
             a row without a deadline; 10 min more if it could not be asked for
    fail     24 h in which a result of a job that was given up is still brought
    orphan   a day, then the operator is told; housekeeping removes it
    =======  ===================================================================

What happens on failure
    kie.ai does not answer: the check-up says so to /health within seconds, also when nobody
    orders (``checkup.py``). A row at fault stands back and the others go on.
"""
