"""The health of this process: facts that its parts report, and the status that follows.

Who is authoritative
    The parts that report. ``Health`` keeps their latest reports in memory and makes no call, so
    /health answers at once even while the database or Telegram hang. ``GaugeSampler`` reads from
    the database, every 15 s and in one bounded statement, what no part would report.

Rules

1. ``failing``: a loop makes no progress, the lock is not proved, or the database was not reached
   at the start. ``degraded``: it works, but a person should look at it. ``status.py`` decides.
2. Strangers see only the class of a trouble: database, lock, progress, intake, updates, answers,
   results, jobs, telegram, kie, files, data, service. The details are in the log
   (``health_changed``), in systemd's status line, and in the notices to operators.
3. A row is late when it is due and not done: an update after 60 s, an answer after 120 s, a
   result after 600 s, a job 900 s after its deadline. What waits on purpose is not late: a
   postponed update, the updates behind it in its chat, a result that is held for a
   user who has blocked the bot.
4. Every instance reports late rows, refused updates and its database. Only the ACTIVE instance
   reports troubles with Telegram and kie.ai; they are kept until its next term.
5. The event loop, the supervisor, the scheduler, the intake's writer and every service report
   progress (``supervisor/runtime/progress.py``). When one of them is silent, the status is
   ``failing``, and the supervisor ends the process.

What happens on failure
    When the database does not answer the sampler, the trouble ``database`` is reported, and the
    numbers keep their last values. systemd's watchdog is fed only while every loop reports
    progress.
"""
