"""Jobs: they are sent to kie.ai, their results are fetched, and the money is settled.

This layer does not know Telegram. It reports through ``News`` (``jobs/news.py``), within the
transaction that changes the job.

The path of a job::

    handlers  --NewJob-->  jobs.job_table   a row, its price reserved, in the update's commit
                               |
    submission  <--claim-------+            files to kie.ai (files), createTask (api)
        |
        +--task id-->  jobs                 a callback or a poll reports; ``settle.py`` ends the job
                         |
                         +--News-->  handlers   the result goes into the outbox
    money                                   paid when Telegram has it, else refunded

The rooms; each imports only those to its right::

    submission -> jobs -> files -> catalogue -> money -> api -> http

``submission``  jobs on their way to kie.ai: claim, createTask, outcome, limits of the queue
``jobs``        a job from its row to its end: callbacks, polling, settlement, orphans, check-up
``files``       the files of users, on their way to kie.ai; results on the disk
``catalogue``   the models: inputs, prices, availability
``money``       the ledger, payments, packs and prices, gifts, the nightly self-check
``api``         kie.ai's calls and the reading of its answers
``http``        the transport: what is known of a failed call, where links may lead

Each room's docstring has its rules and says what happens on failure.
"""
