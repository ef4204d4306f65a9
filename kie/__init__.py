"""The work: jobs sent to kie.ai, their end learned, money settled.

This package knows no Telegram. It leaves its news through ``News`` (``news.py``), inside
the transaction that makes it true.

Who is authoritative
    Our table for what was asked and what was settled; kie.ai's ``recordInfo`` for how a
    task stands. A callback is a hint that it is worth asking.

The life of a job (``job.py``)::

    queued -> submitting -> waiting -> success | fail
                 |  ^          ^
                 |  +- queued -+ (a callback names the task)
                 +-> unclear --+-> fail

Rules the code relies on

1. Row first, then createTask: a job exists, with its price reserved, before money is spent.
2. createTask is called once per claim, and a claim without an answer is never repeated:
   kie.ai has no idempotency key. Such a job is ``unclear`` until a callback names its task
   or its time is over.
3. Every callback URL carries the job's number and our signature, so that even a task
   whose number we never heard finds its job.
4. The end of a job is recorded once, in ``settle.py``, in one transaction with the news.
   Later reports change zero rows.
5. Whatever is waited for has its due time in the table; APScheduler only shortens the wait.
6. Only ``state`` in recordInfo ends a task: errors of the query never do. One that kie.ai
   does not know after its first 90 s is given up, and asked for all the same.
7. A task is asked for first when it should be done, then less and less; seldom while
   callbacks are proven to come (``poll_schedule.py``). What a callback has spoken of goes first.
   Everything keeps to kie.ai's limits ahead of time (``limiter.py``).
8. A callback that fits no job is kept, matched when its task appears or by hand, and told
   to the operators after a day (``orphans.py``).
9. The price leaves the balance with the row; it is paid when the result is delivered and
   goes back when there is none. ``money/ledger.py`` says what is booked when; ``audit.py``
   compares every night, and repairs nothing.

10. What is sold stands in ``models/``, read once and strictly (``catalogue.py``). Inputs are
   checked, and priced by kie.ai's own table, before a job exists. What kie.ai withdraws is
   off the shelf for every instance (``catalogue/availability.py``).
11. A user's file is a reference until its job is sent; then it is fetched and uploaded, and
   kie.ai gets the link that it gave itself (``files/input_files.py``). No task exists while
   that fails. Only two large files are on their way at the same time; jobs of others go past.

What happens on failure
    kie.ai away: after five failures in a row nothing more is sent (``circuit.py``); jobs stay
    queued, their users are told, and after an hour they get their credits back.
    No answer to createTask for 10 minutes, no end before the deadline, a task that kie.ai
    lost: the user is told and gets the credits back; kie.ai is still asked now and then for
    a day, and a result that comes is a gift.
    Key refused or no credits: the job ends with an honest message, the operator is told,
    /health is degraded until kie.ai accepts something again. Database away after
    createTask: the number is stored as soon as possible; a callback can still bring it.
    A file cannot be had: later if that may help, else the job ends and the credits go back.
    Crash anywhere: the next term finds the row in the state that was committed last.
"""
