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

1. Before the first byte of a request has left, nothing can have happened (``attempt.py``): a
   name that is not found, a connection, a certificate, a proxy, our own veto. After it there is a
   doubt until an answer is read. createTask has a connection of its own for each call.
2. Every call has limits for connecting, for sending and for its whole answer. All addresses of
   a host are tried beside each other (``connect.py``).
3. kie.ai's limits are kept ahead of time (``limiter.py``): 20 creations in 10 s, 10 questions a
   second. A refusal all the same slows everything down.
4. Five failures in a row open a circuit (``circuit.py``): nothing more is sent until a free
   question is answered.
5. The HTTP status is read first; at 200 the ``code`` in the body decides (``wire.py``). Only the
   state of a task ends it, never an error of the question.
6. Links lead to public https addresses, judged when they are read, at each redirect, and by
   the address that is connected to (``reach.py``), unless the configured kie.ai is local.
7. A result is looked for wherever it may stand (``result.py``). Texts are printable and numbers
   have their range before anybody sees them (``supervisor/values``).
8. Proxy and certificates follow ``supervisor/settings/outgoing.py``. A certificate that is not
   trusted is told to the operator.

What happens on failure
    Nobody here waits long: brief repetitions of calls without effect end at a stop request, and
    whoever called decides from the table what comes next.
"""
