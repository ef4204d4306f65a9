"""The work: jobs sent to kie.ai, their end learned, money settled.

This layer knows no Telegram. It leaves its news through ``News`` (``jobs/news.py``), inside
the transaction that makes it true.

The way of a job::

    handlers  --NewJob-->  jobs.job_table   a row, its price reserved, in the update's commit
                               |
    submission  <--claim-------+            files to kie.ai (files), createTask (api)
        |
        +--task id-->  jobs                 a callback or a poll reports; one place settles
                         |
                         +--News-->  handlers   the result goes into the outbox
    money                                   paid when Telegram has it, else given back

The rooms, each importing only what stands to its right::

    submission -> jobs -> files -> catalogue -> money -> api -> http

``submission``  jobs on their way to kie.ai: claim, createTask, outcome, limits of the queue
``jobs``        from the row to the end: callbacks, polling, settlement, orphans, check-up
``files``       files that users sent, on their way to kie.ai
``catalogue``   what is sold, what it takes and what it costs
``money``       the ledger, the balances that it makes, the nightly comparison
``api``         kie.ai's calls: how they are made, and how its answers are read
``http``        the transport: what is known of a call that failed, where links may lead

Each room's docstring has its rules and what happens on failure.
"""
