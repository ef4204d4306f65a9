"""The API of kie.ai: one method for each call, and the meaning of each error.

Who is authoritative
    Only kie.ai's own well-formed answer. A page of a proxy or a load balancer counts as an outage.
    Of kie.ai's messages only the beginning is compared with known sentences, because the rest may
    quote a user.

What is known after a call (``client.py``)::

    done            kie.ai has answered with success
    Unavailable     it surely had no effect; the same call may work later
    TaskRefused     kie.ai has read it and will not do it; says what users and operators are told
    OutcomeUnknown  the first byte was sent, and no readable answer came

Rules

1. ``kie/http`` finds out what is known of a failed call. Each createTask call has its own
   connection. After an unknown outcome it is never repeated.
2. ``limiter.py`` keeps kie.ai's rate limits before a call is sent: 20 creations in 10 s, 10
   queries a second. After a refusal for the rate all calls pause.
3. Five failures in a row open a circuit breaker (``circuit.py``). No call is sent until a free
   query was answered. Calls that are under way then may fail as well, one of each worker of the
   submitter: an outage costs at most twelve calls of createTask (four, and eight). Each is of
   another job. What kie.ai has surely not done waits in the queue; a job whose call was not
   answered becomes unclear and is never sent again, so none of them is paid for twice.
4. The HTTP status is read first. At status 200 the ``code`` in the body decides (``wire.py``;
   ``refusals.py`` has the meaning of codes and messages). Only the state of a task ends the task;
   an error of the query does not.
5. The market's models, Veo and Suno have different endpoints and states (``families.py``,
   ``veo.py``, ``suno.py``); callers see one kind of task.
6. ``result.py`` finds a result also in unusual fields. Texts are made printable and numbers
   checked at once (``supervisor/values``).
7. Operators are told of a certificate that is not trusted. ``jobs/account_state.py`` keeps why
   kie.ai refuses our work.

What happens on failure
    Calls without effect are repeated briefly (``retries.py``); a stop request ends that. Longer
    waits are due times in the table.
"""
