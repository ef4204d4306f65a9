"""How the bot is: facts reported by others, a status, and who is told how much of it.

Who is authoritative
    The parts that report. ``Health`` keeps what they said and asks nobody, so that /health
    answers at once while the database or Telegram hang. What no part would notice by itself is
    asked every 15 s by ``GaugeSampler``: one bounded statement.

Rules

1. ``failing``: a part makes no progress, the lock cannot be proved, or the start does not reach
   the database. ``degraded``: it works, but somebody should look. ``status.py`` decides both,
   without clock or I/O.
2. Outside only classes are shown: database, lock, progress, intake, updates, answers, results,
   telegram, kie, data. The details are in the log (``health_changed``, on each change), in
   systemd's status line, and with operators.
3. Late is what is due and not done: an update after 60 s, an answer after 120 s, a result after
   600 s. What waits on purpose is not late: what was postponed, what waits behind it in its chat,
   what is held for a user who has blocked the bot. So one postponed update degrades nothing.
4. Every instance tells of late rows, of refused updates and of its database. Troubles with
   Telegram and kie.ai are told by whoever acts; they are known again in its next term.
5. The event loop, the supervisor, the scheduler, the intake's writer and every service show that
   they come round (``supervisor/runtime/progress.py``). Silence is shown here, and the supervisor
   ends it.

What happens on failure
    A look that the database does not answer is itself the fact: ``database``. The numbers stay
    as they were. systemd's watchdog is fed only while nobody is silent.
"""
