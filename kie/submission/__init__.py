"""Sends queued jobs to kie.ai: each is claimed, sent once, and its outcome recorded.

Who is authoritative
    The job's row. Its claim (``submitting`` with the term's token) is committed before the call
    and says that a task may exist from now on.

Rules

1. One createTask call per claim (``submitter.py``). A call without an answer is never repeated,
   because kie.ai has no idempotency key.
2. After a call that surely had no effect the job is queued again. After a call without an answer
   the job is ``unclear``: a callback may name its task within ten minutes; otherwise the job ends
   and the credits are refunded.
3. A task id is stored at once, with retries until the database accepts it, even when the term is
   over: it stands for money that was spent (``outcomes.py``). The id of another job's task is
   not: the job ends at once, refunded, unless a callback has named its own task.
4. Nothing is claimed while kie.ai does not answer or its rate limit is used up. Users are told of
   the delay, and of their place when the queue moves (``queue_notices.py``). A model whose calls
   fail does not keep the jobs of others waiting (``failing_models.py``).
5. Claims, outcomes and notices use ``supervisor/database/batch.py``, so that one row at fault
   does not delay the others.

Time limits (``queue_limits.py``)

    ==========  =====================================================================
    queued      1 h while kie.ai does not answer, else 6 h; then the credits are refunded
    submitting  the limits of the calls; 10 min without a worker; the end of the term
    unclear     10 min
    ==========  =====================================================================

What happens on failure
    When kie.ai refuses the key or has no credits, the job ends, user and operator are told why,
    and /health is degraded until kie.ai accepts a task again. After a crash the next term finds
    each row in the state that was committed last.
"""
