"""Tools for operators outside the chat: commands of ``run.py``, and notices.

Who is authoritative
    The database. ``run.py status`` reads it and needs no running bot.

Rules

1. ``status.py`` shows one screen from the database, as text or as JSON, and reads a limited number
   of rows.
2. ``dead_letters.py`` lists updates that were set aside and replays one. ``orphan_callbacks.py``
   lists callbacks that fit no job and assigns one to a job.
3. ``alerts.py`` looks at the facts of the database and of this process every 30 s and tells the
   operators which need attention. The same notice is sent once an hour, at most 20 notices an hour,
   without secrets and with at most a line of an error. The words stand in ``words/notices.py``;
   those about kie.ai (out of credits, key refused) in ``words/kie_notices.py``.
4. Single events (an update set aside, a model withdrawn) are told where they happen.
5. An operator is a user whose Telegram id is in ``ADMIN_ID``.
6. ``checks/`` proves a deployment from outside: ``run.py happy-path`` and ``run.py prod-check``.

What operators do inside the chat is the feature ``desk``.

What happens on failure
    Database away: the commands say so and end with an exit code; notices wait.
"""
