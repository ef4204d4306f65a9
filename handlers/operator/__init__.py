"""What operators do and hear outside the conversation: commands of ``run.py`` and notices.

Who is authoritative
    The database. ``run.py status`` reads it and needs no running bot.

Rules

1. ``status.py`` shows one screen from the database, for people or as JSON, and walks a bounded
   number of rows.
2. ``dead_letters.py`` lists updates that were set aside and replays one. ``orphan_callbacks.py``
   lists callbacks that fit no job and assigns one to a job.
3. ``alerts.py`` compares the facts of the database and of this process and says which need an
   operator. The same thing is told once an hour, at most 20 things an hour, with no secret and no
   more than a line of an error.
4. Single events (an update set aside, a model withdrawn) are told where they happen.
5. An operator is whose number is in ``ADMIN_ID`` and who writes in private.
6. ``checks/`` proves a deployment from outside: ``run.py happy-path`` and ``run.py prod-check``.

What operators do inside the chat is the feature ``desk``.

What happens on failure
    Database away: the commands say so and end with an exit code; notices wait.
"""
