"""HTTP to kie.ai: one method for each of its calls, and for each error what it means.

Who is authoritative
    kie.ai's own well-formed answer, and nothing else: a page of something in between is an
    outage. Of its texts only known sentences count, by their beginning; further on it may quote
    what a user wrote.

What is known after a call (``client.py``)::

    done            the answer is readable and good
    Unavailable     it surely had no effect; the same call may work later
    TaskRefused     kie.ai read it and will not do it; says whose matter that is
    OutcomeUnknown  the first byte had left and no readable answer came

Rules

1. What is known of a call that failed is ``kie/http``'s matter. createTask has a connection of its
   own for each call, and is never repeated after a doubt.
2. kie.ai's limits are kept ahead of time (``limiter.py``): 20 creations in 10 s, 10 questions a
   second. A refusal all the same slows everything down.
3. Five failures in a row open a circuit (``circuit.py``): nothing more is sent until a free
   question is answered.
4. The HTTP status is read first; at 200 the ``code`` in the body decides (``wire.py``; what codes
   and sentences mean: ``refusals.py``). Only the state of a task ends it, never an error of the
   question.
5. The market, Veo and Suno have endpoints and states of their own (``families.py``, ``veo.py``,
   ``suno.py``); whoever calls sees one kind of task.
6. A result is looked for wherever it may stand (``result.py``). Texts are printable and numbers
   have their range before anybody sees them (``supervisor/values``).
7. A certificate that is not trusted is told to the operator (``account_state.py`` and the
   check-up keep what kie.ai thinks of us).

What happens on failure
    Nobody here waits long: brief repetitions of calls without effect end at a stop request, and
    whoever called decides from the table what comes next.
"""
