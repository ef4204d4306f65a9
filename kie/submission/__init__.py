"""Jobs on their way to kie.ai: claimed, sent once, and what became of the call.

Who is authoritative
    The row. Its claim (``submitting`` with our term's token) is committed before the call and
    says that a task may exist from now on.

Rules

1. One call of createTask per claim (``submitter.py``). A claim without an answer is never
   repeated: kie.ai has no idempotency key.
2. What surely had no effect goes back into the queue. No answer makes the job ``unclear``:
   a callback may name its task within ten minutes, else it ends and the credits go back.
3. A task id is stored at once and until the database takes it, whatever happened to our term:
   it is a fact about money that was spent (``outcomes.py``).
4. Nothing is claimed while kie.ai is down or its limit is used up. Users hear that it takes
   longer, and their place when the queue moves (``queue_notices.py``).
5. A row at fault waits alone: claims, outcomes and notices are work on many rows by
   ``supervisor/database/batch.py``.

The bound on each wait (``queue_limits.py``)

    ==========  =====================================================================
    queued      1 h while kie.ai is away; 6 h in any case; then the credits go back
    submitting  the limits of the calls; 10 min without anybody at work; the term's end
    unclear     10 min
    ==========  =====================================================================

What happens on failure
    Key refused, no credits: the job ends with an honest message, the operator is told, and
    /health is degraded until kie.ai accepts something again. A crash anywhere: the next term
    finds the row in the state that was committed last.
"""
